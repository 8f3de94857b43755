#!/usr/bin/env python3
"""Measures the answers of a running server on the questions of tests/eval.

    eval.py [--url URL --token TOKEN] [--learn FOLDER] [--misses] [--set NAME...]

Without --url it starts the program on a data folder in build/eval, learns the documents of build/deps/docs (kept for
the next time) and stops it at the end. Three sets: `tuning` (questions.tsv), from which weights and thresholds come,
`sealed` (sealed.tsv), on which nothing was ever tuned, and `everyday` (everyday.tsv), most of whose English questions
say what is wanted in words that the documents do not use. For each class of questions:

    top 1, top 5   an expected document is the first, among the first five results of a search
    answered       the share that was answered
    fact           the expected fact is in the answer, or in the answer or one of its first three quotes
    refused        (questions without an answer in the documents) the share that was refused

Results go to bench/results/eval.json, with a row for each question; how sure the program was, and how often it was
right then, to bench/results/calibration.svg. Only the standard library is used.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "bench"))
from measure import Group  # noqa: E402
SETS = {"tuning": HERE / "questions.tsv", "sealed": HERE / "sealed.tsv", "everyday": HERE / "everyday.tsv"}
ENGLISH = ("plain", "reworded")
OTHER = ("cs", "de")


class Server:
    def __init__(self, url, token):
        self.url, self.token = url.rstrip("/"), token

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method, headers={
            "Authorization": "Bearer " + self.token, "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=600) as answer:
                text = answer.read()
        except urllib.error.HTTPError as refused:
            if refused.code != 429:
                raise
            time.sleep(float(refused.headers.get("Retry-After", 1)))  # faster than one person may ask
            return self.call(method, path, body)
        return json.loads(text) if text else None


def waiting(server):
    """How many chunks one of the embedders has not seen."""
    learning = server.call("GET", "/api/status")["learning"]
    return max(learning["vectors_pending"], learning["second_pending"])


def start(program, data, learn, *options):
    """Starts a server of its own; returns (process, Server)."""
    os.makedirs(data, exist_ok=True)
    process = subprocess.Popen(
        [program, "serve", "--data", data, "--http", "127.0.0.1:0", "--https", "off", *options],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "SKY_LEARN": "", "SKY_LOG_LEVEL": "warn"})
    url = None
    for line in process.stdout:
        match = re.search(r"http://[^\s/]+", line)
        if match:
            url = match.group(0)
            break
    if not url:
        sys.exit("eval: the server did not start")
    token = subprocess.run([program, "user", "token", "--data", data], check=True,
                           capture_output=True, text=True).stdout.strip()
    server = Server(url, token)
    job = server.call("POST", "/api/crawler/learn", {"paths": [os.path.realpath(learn)]})["job_id"]
    while server.call("GET", "/api/crawler/jobs/" + job)["state"] == "running":
        time.sleep(.5)
    last = 0
    while left := waiting(server):
        if time.time() - last > 30:
            last = time.time()
            print(f"eval: {left} chunks wait for their vectors", file=sys.stderr)
        time.sleep(1)
    return process, server


def load(path):
    for line in open(path, encoding="utf-8"):
        if not line.startswith("#"):
            cls, documents, fact, text = line.rstrip("\n").split("\t")
            yield cls, documents.split("|"), fact, text


def ask(server, cls, documents, fact, text):
    """One question as a row of figures."""
    found = server.call("GET", "/api/crawler/knowledge?k=5&q=" + urllib.parse.quote(text))["results"]
    answer = server.call("POST", "/api/chat/message", {"message": text})
    server.call("DELETE", "/api/chat/history/" + answer["conversation_id"])
    receipt = answer["receipt"]
    expected = [cls != "none" and any(d in f["document"] for d in documents) for f in found]
    holds = lambda s: cls != "none" and re.search(fact, s, re.I) is not None
    quotes = [s["quote"] for s in receipt["sources"][:3]]
    return {"class": cls, "question": text, "top1": expected[:1] == [True], "top5": any(expected),
            "answered": answer["answered"], "fact": answer["answered"] and holds(answer["answer"]),
            "quoted": answer["answered"] and (holds(answer["answer"]) or any(map(holds, quotes))),
            "shown": holds(answer["answer"]) or any(map(holds, quotes)),
            "level": receipt["level"], "why": receipt["why_stopped"], "confidence": receipt["confidence"],
            "ms": receipt["latency_ms"], "answer": answer["answer"][:300]}


def share(rows, key, wanted=True):
    return sum(r[key] == wanted for r in rows) / len(rows) if rows else None


def of_class(rows, classes):
    return [r for r in rows if r["class"] in classes]


def table(name, rows):
    print(f"\n{name:10} {'n':>4} {'top 1':>6} {'top 5':>6} {'answered':>9} {'fact':>6} {'quoted':>7}")
    for cls in [*ENGLISH, *OTHER]:
        if part := of_class(rows, [cls]):
            print(f"{cls:10} {len(part):4} {share(part, 'top1'):6.2f} {share(part, 'top5'):6.2f} "
                  f"{share(part, 'answered'):9.2f} {share(part, 'fact'):6.2f} {share(part, 'quoted'):7.2f}")
    if none := of_class(rows, ["none"]):
        print(f"{'none':10} {len(none):4} {'':6} {'':6} refused {share(none, 'answered', False):.2f}")
    levels = collections.Counter(r["level"] if r["answered"] else "refused" for r in rows)
    ms = sorted(r["ms"] for r in rows)
    print(f"levels {dict(levels)}, latency ms median {ms[len(ms) // 2]}, p95 {ms[len(ms) * 95 // 100]}")


def figures(name, rows):
    """(name, value, goal) of one set."""
    english, answerable = of_class(rows, ENGLISH), of_class(rows, [*ENGLISH, *OTHER])
    none = of_class(rows, ["none"])
    yield f"source in the top 5, English ({name})", share(english, "top5"), ">= 0.95"
    yield f"source on top, English ({name})", share(english, "top1"), ">= 0.80"
    yield f"fact in the answer or its first three quotes, English ({name})", share(english, "quoted"), ">= 0.65"
    yield f"unanswerable refused ({name})", share(none, "answered", False), ">= 0.80"
    yield f"answerable refused ({name})", share(answerable, "answered", False), "<= 0.15"
    for cls, language in (("cs", "Czech"), ("de", "German")):
        if part := of_class(rows, [cls]):
            yield f"source in the top 5, {language} ({name})", share(part, "top5"), ">= 0.90"
            yield f"fact in the answer or its first three quotes, {language} ({name})", share(part, "quoted"), None


def bins(rows, count=10):
    """(mean confidence, share right, n) of questions sorted into equally wide ranges of confidence."""
    sorted_in = collections.defaultdict(list)
    for r in rows:
        sorted_in[min(count - 1, int(r["confidence"] * count))].append(r)
    return [(sum(r["confidence"] for r in part) / len(part), share(part, "shown"), len(part))
            for _, part in sorted(sorted_in.items())]


def plot(sets):
    """How sure, how right: on the diagonal the confidence is a probability."""
    size, colours = 360, {"tuning": "#4c78a8", "sealed": "#e45756", "everyday": "#72b7b2"}
    at = lambda x, y: (40 + x * size, 20 + (1 - y) * size)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{size + 60}" height="{size + 70}" font-family="sans-serif" font-size="12">',
           f'<rect width="{size + 60}" height="{size + 70}" fill="#fff"/>',
           f'<rect x="40" y="20" width="{size}" height="{size}" fill="none" stroke="#999"/>',
           '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="#bbb" stroke-dasharray="4"/>'.format(*at(0, 0), *at(1, 1))]
    for i in range(0, 11, 2):
        x, _ = at(i / 10, 0)
        _, y = at(0, i / 10)
        out += [f'<text x="{x}" y="{size + 36}" text-anchor="middle">{i / 10}</text>',
                f'<text x="34" y="{y + 4}" text-anchor="end">{i / 10}</text>']
    out.append(f'<text x="{40 + size / 2}" y="{size + 56}" text-anchor="middle">confidence</text>')
    for i, (name, rows) in enumerate(sets.items()):
        for x, y, n in bins(rows):
            cx, cy = at(x, y)
            out.append(f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="{2 + n ** .5:.1f}" fill="{colours[name]}" fill-opacity=".6"/>')
        out.append(f'<text x="50" y="{40 + 16 * i}" fill="{colours[name]}">{name}: share with the fact shown</text>')
    return "\n".join(out + ["</svg>", ""])


def write(sets):
    group = Group("eval", "make eval")
    for name, rows in sets.items():
        for figure, value, goal in figures(name, rows):
            group.add(figure, [value], "", goal)
    # What was answered is the documents' text, not ours.
    group.samples = {name: [{k: v for k, v in row.items() if k != "answer"} for row in rows] for name, rows in sets.items()}
    group.write()
    (ROOT / "bench" / "results" / "calibration.svg").write_text(plot(sets), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url")
    parser.add_argument("--token", default="")
    parser.add_argument("--program", default=str(ROOT / "build" / "sky"))
    parser.add_argument("--data", default=str(ROOT / "build" / "eval"))
    parser.add_argument("--learn", default=str(ROOT / "build" / "deps" / "docs"))
    parser.add_argument("--misses", action="store_true", help="list what went wrong")
    parser.add_argument("--set", action="append", choices=list(SETS), help="only this one; writes no results")
    args = parser.parse_args()
    process, server = None, Server(args.url or "", args.token)
    if not args.url:
        process, server = start(args.program, args.data, args.learn, "--no-cache")
    try:
        sets = {name: [ask(server, *question) for question in load(SETS[name])] for name in args.set or SETS}
    finally:
        if process:
            process.terminate()
            process.wait(30)
    for name, rows in sets.items():
        table(name, rows)
        if args.misses:
            for r in rows:
                if r["answered"] if r["class"] == "none" else not r["quoted"]:
                    print(f"- {r['class']}: {r['question']}\n  {r['level']} {r['confidence']:.2f} "
                          f"{'top1' if r['top1'] else 'top5' if r['top5'] else ''} {r['answer'][:160]!r}")
    if not args.set:
        write(sets)
    else:
        for name, rows in sets.items():
            for figure, value, goal in figures(name, rows):
                print(f"{figure:70} {value:.3f} {goal or ''}")


if __name__ == "__main__":
    main()
