#!/usr/bin/env python3
"""Measures the answers of a running server on the questions of tests/eval.

    eval.py [--url URL --token TOKEN] [--learn FOLDER] [--misses] [--set NAME...]

Without --url it starts the program on a data folder in build/eval, learns the documents of build/deps/docs (kept for
the next time) and stops it at the end. Three sets over manual pages and books: `tuning` (questions.tsv), from which
weights and thresholds come, `sealed` (sealed.tsv), on which nothing was ever tuned, and `everyday` (everyday.tsv), most
of whose English questions say what is wanted in words that the documents do not use. Two over small folders of a
household, its clubs and a small firm, in three languages, each learned by itself: `home` (tests/eval/home), which led
the rules for such documents, and `home-sealed`, which nothing was ever tuned on. In the class
`across` a question is in another language than its document. For each class of questions:

    top 1, top 5   an expected document is the first, among the first five results of a search
    answered       the share that was answered
    fact           the expected fact is in the answer, or in the answer or one of its first three quotes
    refused        (questions without an answer in the documents) the share that was refused

Results go to bench/results/eval.json, with a row for each question; two pictures beside it: calibration.svg, how sure
the program was and how often it was right then, and trade.svg, what refusing more or less would gain and cost. Only the
standard library is used.
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
from plot import COLOURS, Plot  # noqa: E402
SETS = {"tuning": HERE / "questions.tsv", "sealed": HERE / "sealed.tsv", "everyday": HERE / "everyday.tsv",
        "home": HERE / "home.tsv", "home-sealed": HERE / "home-sealed.tsv"}
# Those with documents of their own.
FOLDERS = {"home": HERE / "home", "home-sealed": HERE / "home-sealed"}
# What build/eval-features is given behind the folder: as a server has it.
GIVEN = ("models/minilm.gguf", "models/e5.gguf", "genom/genom.dict")
ENGLISH = ("plain", "reworded")
OTHER = ("cs", "de")
ANSWERABLE = (*ENGLISH, *OTHER, "across")


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
    for cls in ANSWERABLE:
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
    english, answerable = of_class(rows, ENGLISH), of_class(rows, ANSWERABLE)
    none = of_class(rows, ["none"])
    yield f"source in the top 5, English ({name})", share(english, "top5"), ">= 0.95"
    yield f"source on top, English ({name})", share(english, "top1"), ">= 0.80"
    yield f"fact in the answer or its first three quotes, English ({name})", share(english, "quoted"), ">= 0.65"
    yield f"unanswerable refused ({name})", share(none, "answered", False), ">= 0.80"
    yield f"answerable refused ({name})", share(answerable, "answered", False), "<= 0.15"
    for cls, language in (("cs", "Czech"), ("de", "German"), ("across", "across languages")):
        if part := of_class(rows, [cls]):
            yield f"source in the top 5, {language} ({name})", share(part, "top5"), None if cls == "across" else ">= 0.90"
            yield f"fact in the answer or its first three quotes, {language} ({name})", share(part, "quoted"), None


def bins(rows, count=10):
    """(mean confidence, share right, n) of questions sorted into equally wide ranges of confidence."""
    sorted_in = collections.defaultdict(list)
    for r in rows:
        sorted_in[min(count - 1, int(r["confidence"] * count))].append(r)
    return [(sum(r["confidence"] for r in part) / len(part), share(part, "shown"), len(part))
            for _, part in sorted(sorted_in.items())]


def calibration(sets):
    """How sure, how right: on the diagonal the confidence is a probability."""
    plot = Plot("confidence", "share with the fact shown")
    plot.dashes((0, 0), (1, 1))
    for rows, colour in zip(sets.values(), COLOURS):
        for x, y, n in bins(rows):
            plot.dot(x, y, colour, 2 + n ** .5)
    plot.legend(zip(sets, COLOURS))
    return plot


def answerable(program, data, given, path):
    """(how probable the program thinks it that the documents answer, whether they do) of each question of a set."""
    with open(path, encoding="utf-8") as questions:
        seen = subprocess.run([program, data, *given], stdin=questions, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
                              text=True, errors="replace").stdout
    said = [float(line.split("\t")[2]) for line in seen.splitlines() if line.startswith("A\t")]
    return list(zip(said, [cls != "none" for cls, *_ in load(path)], strict=True))


def refused(judged, threshold):
    """(share of the answerable, share of the others) that are refused below this probability."""
    return tuple(sum(p < threshold for p, is_so in judged if is_so == wanted) / sum(is_so == wanted for _, is_so in judged)
                 for wanted in (True, False))


def threshold():
    """Below which probability the program refuses."""
    limits = (ROOT / "core" / "limits_ai.h").read_text()
    return float(re.search(r"^#define AI_ANSWERABLE ([\d.]+)", limits, re.M).group(1))


def trade(judged):
    """What a higher threshold gains and costs; the dots are where the program stands."""
    ours = threshold()
    plot = Plot("answerable refused (goal: at most .15)", "unanswerable refused (goal: at least .80)")
    plot.dashes((.15, 1), (.15, .8), (0, .8))
    for rows, colour in zip(judged.values(), COLOURS):
        plot.line([refused(rows, step / 200) for step in range(202)], colour)
        plot.dot(*refused(rows, ours), colour)
    plot.legend(zip(judged, COLOURS), x=.75, y=.2)
    return plot


def write(sets, judged):
    group = Group("eval", "make eval")
    for name, rows in sets.items():
        for figure, value, goal in figures(name, rows):
            group.add(figure, [value], "", goal)
    # What was answered is the documents' text, not ours.
    group.samples = {name: [{k: v for k, v in row.items() if k != "answer"} for row in rows] for name, rows in sets.items()}
    group.write()
    calibration(sets).write(ROOT / "bench" / "results" / "calibration.svg")
    if judged:
        trade(judged).write(ROOT / "bench" / "results" / "trade.svg")


def judge(args):
    """answerable() of every set; no server may run on the folder."""
    build = pathlib.Path(args.program).parent
    subprocess.run(["ninja", "-C", build, "eval-features"], stdout=subprocess.DEVNULL, check=True)
    given = [build / "deps" / part for part in GIVEN]
    return {name: answerable(build / "eval-features", data_of(args, name), given, path) for name, path in SETS.items()}


def data_of(args, name):
    return args.data + "-" + name if name in FOLDERS else args.data


def ask_all(args, names):
    """{name: rows} of sets, by a server for each folder of documents, or by the one that is there."""
    found = {}
    for data in dict.fromkeys(data_of(args, name) for name in names):
        mine = [name for name in names if data_of(args, name) == data]
        process, server = None, Server(args.url or "", args.token)
        if not args.url:
            process, server = start(args.program, data, FOLDERS.get(mine[0], args.learn), "--no-cache")
        try:
            for name in mine:
                found[name] = [ask(server, *question) for question in load(SETS[name])]
        finally:
            if process:
                process.terminate()
                process.wait(30)
    return found


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
    sets = ask_all(args, args.set or SETS)
    for name, rows in sets.items():
        table(name, rows)
        if args.misses:
            for r in rows:
                if r["answered"] if r["class"] == "none" else not r["quoted"]:
                    print(f"- {r['class']}: {r['question']}\n  {r['level']} {r['confidence']:.2f} "
                          f"{'top1' if r['top1'] else 'top5' if r['top5'] else ''} {r['answer'][:160]!r}")
    if not args.set:
        write(sets, {} if args.url else judge(args))
    else:
        for name, rows in sets.items():
            for figure, value, goal in figures(name, rows):
                print(f"{figure:70} {value:.3f} {goal or ''}")


if __name__ == "__main__":
    main()
