#!/usr/bin/env python3
"""Measures the answer cache on pairs of questions: does it take only those for the same that are?

    eval_cache.py [--program build/sky] [--guard-only] [--misses] [--json FILE]

The pairs are tests/eval/cache_near.tsv (alike in nearly all words, other answer: a hit is wrong) and
cache_same.tsv (the same asked another way: a hit is wanted). Half a was looked at while the guard
was written, half b was not; c are paraphrases and x near pairs that were written after it, c to
measure, x to slip through it. Three ways to decide:

    guard    the guard alone (ai/guard.h)
    path     a running server: both are asked, and the second one's receipt says whether it came from
             the cache. A vote down clears the entry before the next pair
    cosine   the peer: vectors of the same model alone, with the threshold that finds as many
             paraphrases as the path does

Without --guard-only the figures go to bench/results/cache.json. Only the standard library is used.
"""
import argparse
import collections
import json
import os
import statistics
import subprocess
import sys

from eval import ROOT, start

HERE = os.path.dirname(os.path.abspath(__file__))
COMMAND = "make eval-cache"
GOAL_SAME = .40


def load(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#"):
                half, language, category, first, second = line.rstrip("\n").split("\t")
                yield {"half": half, "language": language, "category": category, "questions": [first, second]}


def judge(program, rows, models):
    """Adds what the guard says, how long it took and the cosine."""
    text = "".join("\t".join(row["questions"]) + "\n" for row in rows)
    done = subprocess.run([program, *models], input=text, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    if len(lines) != len(rows):
        sys.exit("eval-cache: %d pairs, %d answers" % (len(rows), len(lines)))
    for row, line in zip(rows, lines):
        fields = line.split("\t")
        row["guard"], row["guard_ns"] = fields[0] == "1", int(fields[1])
        if models:
            row["cosine"] = float(fields[2])


def ask(server, question):
    return server.call("POST", "/api/chat/message", {"message": question, "level_max": "L1"})


def walk(server, rows):
    """Adds whether a server served the second question from the first one's answer."""
    for number, row in enumerate(rows):
        answers = [ask(server, question) for question in row["questions"]]
        if answers[0]["receipt"]["cached"]:
            sys.exit("eval-cache: an entry of an earlier pair was left: %s" % row["questions"][0])
        row["path"] = answers[1]["receipt"]["cached"]
        for answer in answers:
            server.call("POST", "/api/chat/vote", {"message_id": answer["message_id"], "vote": -1})
            server.call("DELETE", "/api/chat/history/" + answer["conversation_id"])
        if number % 500 == 499:
            print(f"eval-cache: {number + 1} of {len(rows)} pairs asked", file=sys.stderr)


def table(title, rows, key, ways):
    print(f"\n{title:16} {'pairs':>6}" + "".join(f"{way:>9}" for way in ways))
    groups = collections.defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    for name in sorted(groups):
        group = groups[name]
        print(f"{name:16} {len(group):6}" + "".join(f"{sum(row[way] for row in group):9}" for way in ways))


def share(rows, way):
    return sum(row[way] for row in rows) / len(rows) if rows else 0


def threshold(same, hits):
    """The highest cosine that finds as many of the paraphrases."""
    ranked = sorted((row["cosine"] for row in same), reverse=True)
    return ranked[hits - 1] if hits else 2


def figures(near, same, ways):
    result = []

    def add(name, goal, value, unit, ok, spread=None, peer=None):
        result.append({"name": name, "goal": goal, "value": value, "range": spread, "unit": unit, "peer": peer,
                       "ok": ok, "command": COMMAND})

    way = ways[-1] if ways[-1] != "cosine" else ways[-2]
    wrong = sum(row[way] for row in near)
    peer = sum(row["cosine_hit"] for row in near) if "cosine" in ways else None
    add("cache: wrong hits on near-miss pairs", "0 of >= 600", wrong, f"of {len(near)}", wrong == 0,
        peer=None if peer is None else f"cosine alone at the same recall: {peer}")
    for half, text in (("a", "tuned half"), ("b", "sealed half"), ("c", "written after the guard")):
        part = [row for row in near if row["half"] == half]
        if part:
            add(f"cache: wrong hits, {text}", "0", sum(row[way] for row in part), f"of {len(part)}",
                not any(row[way] for row in part))
        part = [row for row in same if row["half"] == half]
        languages = sorted({row["language"] for row in part})
        spread = ", ".join("%s %.2f" % (language, share([r for r in part if r["language"] == language], way))
                           for language in languages)
        add(f"cache: paraphrases hit, {text}", f">= {GOAL_SAME:.2f}", round(share(part, way), 3), f"of {len(part)}",
            share(part, way) >= GOAL_SAME, spread=spread)
    times = sorted(row["guard_ns"] / 1000 for row in near + same)
    add("cache: guard, time of one pair", "<= 50", round(statistics.median(times), 1), "us",
        statistics.median(times) <= 50, spread=f"{times[0]:.1f} … {times[-1]:.1f}")
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(ROOT, "build", "sky"))
    parser.add_argument("--guard-only", action="store_true", help="no models, no server, nothing written")
    parser.add_argument("--misses", action="store_true", help="list wrong hits, and paraphrases missed of half a")
    parser.add_argument("--json", default=os.path.join(ROOT, "bench", "results", "cache.json"))
    args = parser.parse_args()
    build = os.path.dirname(os.path.abspath(args.program))
    near, same = list(load("cache_near.tsv")), list(load("cache_same.tsv"))
    models = [] if args.guard_only else [os.path.join(build, "deps", "models", name)
                                         for name in ("minilm.gguf", "e5.gguf")]
    judge(os.path.join(build, "ai", "cache-pairs"), near + same, models)
    ways = ["guard"]
    if not args.guard_only:
        # One sentence is enough: what is measured is whether an answer is found again, not the answer.
        documents = os.path.join(build, "eval-cache-documents")
        os.makedirs(documents, exist_ok=True)
        with open(os.path.join(documents, "note.txt"), "w", encoding="utf-8") as note:
            note.write("The ferry to the island leaves every hour.\n")
        process, server = start(args.program, os.path.join(build, "eval-cache"), documents)
        try:
            walk(server, near + same)
        finally:
            process.terminate()
            process.wait(30)
        least = threshold(same, sum(row["path"] for row in same))
        for row in near + same:
            row["cosine_hit"] = row["cosine"] >= least
        ways = ["guard", "path", "cosine"]
        print(f"cosine alone: threshold {least:.3f}")
    for row in near + same:
        row.setdefault("cosine_hit", False)
    columns = ["cosine_hit" if way == "cosine" else way for way in ways]
    table("near: wrong hits", near, lambda row: row["category"], columns)
    table("near, by half", near, lambda row: f"{row['half']} {row['language']}", columns)
    table("same: hits", same, lambda row: f"{row['half']} {row['language']}", columns)
    result = figures(near, same, ways)
    print()
    for line in result:
        print(f"{'ok ' if line['ok'] else 'BAD'} {line['name']:44} {line['value']} {line['unit']} (goal {line['goal']})"
              + (f"; {line['peer']}" if line["peer"] else "") + (f"; {line['range']}" if line["range"] else ""))
    if args.misses:
        for row in near:
            if any(row[way] for way in columns if way != "cosine_hit"):
                print("wrong:", " | ".join(row["questions"]))
        for row in same:
            if row["half"] == "a" and not row[columns[1] if len(columns) > 1 else "guard"]:
                print("missed:", " | ".join(row["questions"]))
    if not args.guard_only:
        with open(args.json, "w", encoding="utf-8") as out:
            rows = [dict(row, set=name) for name, part in (("near", near), ("same", same)) for row in part]
            out.write(json.dumps({"figures": result, "rows": []}, indent=1, ensure_ascii=False)[:-len("[]\n}")])
            out.write("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]}\n")
    return 0 if not any(row[columns[1] if len(columns) > 1 else "guard"] for row in near) else 1


if __name__ == "__main__":
    sys.exit(main())
