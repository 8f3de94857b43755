#!/usr/bin/env python3
"""Measures the answer cache on pairs of questions: does it take only those for the same that are?

    eval_cache.py [--program build/sky] [--guard-only] [--misses]

The pairs are tests/eval/cache_near.tsv (alike in nearly all words, other answer: a hit is wrong) and
cache_same.tsv (the same asked another way: a hit is wanted). Half a was looked at while the guard
was written, half b was not; c are paraphrases and x near pairs that were written after it, c to
measure, x to slip through it. Three ways to decide:

    guard    the guard alone (ai/guard/guard.h)
    path     a running server: both are asked, and the second one's receipt says whether it came from
             the cache. A vote down clears the entry before the next pair
    cosine   the peer: vectors of the same model alone, with the threshold that finds as many
             paraphrases as the path does

Without --guard-only the figures go to bench/results/cache.json, and cache.svg beside it shows the trade. Only the standard library is used.
"""
import argparse
import collections
import os
import subprocess
import sys

from eval import ROOT, start
from measure import Group
from plot import COLOURS, Plot

HERE = os.path.dirname(os.path.abspath(__file__))
COMMAND = "make eval-cache"
GOAL_SAME = ">= 0.4"


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


def figures(near, same, way):
    """A group of results (bench/README.md), printed as it grows; `way` is the column that counts."""
    group = Group("cache", COMMAND)
    wrong = sum(row[way] for row in near)
    beside = {"name": "cosine alone with as many paraphrases hit", "value": sum(row["cosine_hit"] for row in near), "ours": wrong,
              "unit": "wrong hits"}
    group.add(f"wrong hits of the cache on {len(near)} near misses", [wrong], "", "== 0", beside)
    for half, text in (("a", "looked at while the guard was written"), ("b", "sealed"), ("c", "written after the guard")):
        if part := [row for row in same if row["half"] == half]:
            group.add(f"paraphrases hit, of {len(part)} {text}", [share(part, way)], "", GOAL_SAME)
    group.add(f"paraphrases hit, of all {len(same)}", [share(same, way)], "", GOAL_SAME)
    group.value("time of the guard for a pair", [row["guard_ns"] / 1000 for row in near + same], "us")
    group.samples = [dict(row, set=name) for name, part in (("near", near), ("same", same)) for row in part]
    return group


def curve(near, same):
    """What a lower threshold of the vectors gains and costs: alone, and where the guard must agree. The dots are what a
    running server does with each half of the paraphrases."""
    plot = Plot("near misses taken for the same (goal: none)", "paraphrases hit (goal: at least .40)")
    plot.dashes((0, .4), (1, .4))
    steps = [step / 200 for step in range(201)]
    at = lambda rows, step, guarded: sum(row["cosine"] >= step and (row["guard"] or not guarded) for row in rows) / len(rows)
    for guarded, colour in zip((False, True), COLOURS):
        plot.line([(at(near, step, guarded), at(same, step, guarded)) for step in steps], colour)
    for half in "abc":
        part = [row for row in same if row["half"] == half]
        plot.dot(share(near, "path"), share(part, "path"), COLOURS[1])
    plot.legend(zip(("vectors alone", "vectors and guard"), COLOURS), x=.6, y=.2)
    return plot


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(ROOT, "build", "sky"))
    parser.add_argument("--guard-only", action="store_true", help="no models, no server, nothing written")
    parser.add_argument("--misses", action="store_true", help="list wrong hits, and paraphrases missed of half a")
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
    if args.misses:
        for row in near:
            if any(row[way] for way in columns if way != "cosine_hit"):
                print("wrong:", " | ".join(row["questions"]))
        for row in same:
            if row["half"] == "a" and not row[columns[1] if len(columns) > 1 else "guard"]:
                print("missed:", " | ".join(row["questions"]))
    if not args.guard_only:
        print()
        figures(near, same, "path").write()
        curve(near, same).write(ROOT / "bench" / "results" / "cache.svg")
    return 0 if not any(row[columns[1] if len(columns) > 1 else "guard"] for row in near) else 1


if __name__ == "__main__":
    sys.exit(main())
