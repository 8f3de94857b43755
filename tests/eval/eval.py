#!/usr/bin/env python3
"""Measures the answers of a running server on tests/eval/questions.tsv.

    eval.py [--url URL] [--token TOKEN] [--learn FOLDER] [--misses] [questions.tsv]

Without --url it starts `build/sky serve` on a data folder in build/eval, learns the documents of
build/deps/docs (kept for the next time) and stops it at the end. For each class of questions:

    hit@1, hit@5   an expected document is the first, among the first five results of a search
    answered       the share that was answered
    fact           the expected fact is in the answer / in the answer or a quote of its sources
    refused        (questions without an answer in the documents) the share that was refused

Only the standard library is used.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


class Server:
    def __init__(self, url, token):
        self.url, self.token = url.rstrip("/"), token

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method, headers={
            "Authorization": "Bearer " + self.token, "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=600) as answer:
            text = answer.read()
        return json.loads(text) if text else None


def start(program, data, learn):
    """Starts a server of its own; returns (process, Server)."""
    os.makedirs(data, exist_ok=True)
    process = subprocess.Popen(
        [program, "serve", "--data", data, "--http", "127.0.0.1:0", "--https", "off"],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "SKY_LEARN": ""})
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
    while True:
        status = server.call("GET", "/api/status")
        left = status.get("learning", {}).get("vectors_pending", 0)
        if not left:
            return process, server
        if time.time() - last > 30:
            last = time.time()
            print(f"eval: {left} chunks wait for their vectors", file=sys.stderr)
        time.sleep(1)


def load(path):
    for line in open(path, encoding="utf-8"):
        if not line.startswith("#"):
            cls, documents, fact, text = line.rstrip("\n").split("\t")
            yield cls, documents.split("|"), fact, text


def measure(server, questions, misses):
    rows = collections.defaultdict(lambda: collections.Counter())
    levels, latency = collections.Counter(), []
    for cls, documents, fact, text in questions:
        row = rows[cls]
        row["n"] += 1
        found = server.call("GET", "/api/crawler/search?k=5&q=" + urllib.parse.quote(text))["results"]
        expected = lambda name: any(d in name for d in documents)
        row["hit1"] += bool(found) and expected(found[0]["document"])
        row["hit5"] += any(expected(f["document"]) for f in found)
        answer = server.call("POST", "/api/chat/message", {"message": text})
        receipt = answer["receipt"]
        levels[receipt["level"] if answer["answered"] else "refused"] += 1
        latency.append(receipt["latency_ms"])
        row["answered"] += answer["answered"]
        inside = bool(re.search(fact, answer["answer"], re.I)) and answer["answered"]
        quoted = inside or answer["answered"] and any(
            re.search(fact, s["quote"], re.I) for s in receipt["sources"])
        row["fact"] += inside
        row["quoted"] += quoted
        bad = answer["answered"] if cls == "none" else not inside
        if misses and bad:
            print(f"- {cls}: {text}\n  {receipt['level']} {receipt.get('confidence', 0):.2f} "
                  f"{answer['answer'][:160]!r}")
        server.call("DELETE", "/api/chat/history/" + answer["conversation_id"])
    return rows, levels, latency


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url")
    parser.add_argument("--token")
    parser.add_argument("--program", default=os.path.join(ROOT, "build", "sky"))
    parser.add_argument("--data", default=os.path.join(ROOT, "build", "eval"))
    parser.add_argument("--learn", default=os.path.join(ROOT, "build", "deps", "docs"))
    parser.add_argument("--misses", action="store_true", help="list what went wrong")
    parser.add_argument("questions", nargs="?", default=os.path.join(HERE, "questions.tsv"))
    args = parser.parse_args()
    process = None
    if args.url:
        server = Server(args.url, args.token or "")
    else:
        process, server = start(args.program, args.data, args.learn)
    try:
        rows, levels, latency = measure(server, list(load(args.questions)), args.misses)
    finally:
        if process:
            process.terminate()
            process.wait(30)
    print(f"{'class':10} {'n':>4} {'hit@1':>6} {'hit@5':>6} {'answered':>9} {'fact':>6} {'quoted':>7}")
    for cls, r in rows.items():
        share = lambda key: r[key] / r["n"]
        if cls == "none":
            print(f"{cls:10} {r['n']:4} {'':6} {'':6} {'':9} refused {1 - share('answered'):.2f}")
        else:
            print(f"{cls:10} {r['n']:4} {share('hit1'):6.2f} {share('hit5'):6.2f} "
                  f"{share('answered'):9.2f} {share('fact'):6.2f} {share('quoted'):7.2f}")
    latency.sort()
    print("levels", dict(levels), "latency ms median", latency[len(latency) // 2],
          "p95", latency[len(latency) * 95 // 100])


main()
