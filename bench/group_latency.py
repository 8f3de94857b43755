"""group_latency.py: how long an answer takes by level, over one kept connection, with 10,000 passages learned.

The questions are those of tests/eval that the documents answer by a quote (L1). Each is asked, asked again (L0 exact), asked in
other words (L0 semantic, where the guard agrees), and its answer voted down, which takes it out of the cache, so that the next
round meets L1 again. The cache is filled with other questions first. What the parts cost is measured too: the embedding of a
question, a search. The pauses between two requests keep within the rate that one address may ask with.
"""
import json
import shutil
import socket
import statistics
import tempfile
import time
import urllib.parse

from learned import Weights, make
from measure import REPEATS, ROOT, Group, percentile, support

QUESTIONS = 40
FILL = 200
PAUSE_S = 0.022  # GATE_LIMIT_ASK_RATE is 50 a second
REWORDED = ["{}, please?", "Can you tell me: {}?", "I would like to know: {}?", "Please tell me: {}?", "{} exactly?"]


class Connection:
    """HTTP/1.1 over one socket with as little of Python in between as possible."""

    def __init__(self, server):
        self.socket = socket.create_connection((server.host, int(server.port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = f" HTTP/1.1\r\nHost: {server.host}\r\nAuthorization: Bearer {server.token}\r\n"

    def call(self, method, path, body=None):
        """The parsed answer, and the milliseconds from the first byte sent to the last received."""
        data = b"" if body is None else json.dumps(body).encode()
        kind = f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n" if data else ""
        request = f"{method} {path}{self.head}{kind}\r\n".encode() + data
        began = time.perf_counter()
        self.socket.sendall(request)
        answer = self.socket.recv(65536)
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self.socket.recv(65536)
        at = answer.find(b"content-length: ", 0, end)
        length = 0 if at < 0 else int(answer[at + 16:answer.index(b"\r", at)])
        while len(answer) < end + 4 + length:
            answer += self.socket.recv(65536)
        took = (time.perf_counter() - began) * 1000
        assert answer.startswith(b"HTTP/1.1 2"), answer
        time.sleep(PAUSE_S)
        return json.loads(answer[end + 4:]) if length else None, took

    def ask(self, question):
        answer, took = self.call("POST", "/api/chat/message", {"message": question, "level_max": "L1"})
        receipt = answer["receipt"]
        return receipt["why_stopped"] if receipt["level"] == "L0" else receipt["level"], took, answer

    def forget(self, answer):
        self.call("POST", "/api/chat/vote", {"message_id": answer["message_id"], "vote": -1})


def eval_questions():
    for line in (ROOT / "tests" / "eval" / "questions.tsv").read_text().splitlines():
        if not line.startswith("#"):
            kind, _, _, question = line.split("\t")
            yield kind, question


def reworded(connection, question):
    """Another wording that the semantic cache takes for the same, or None."""
    stem = question.rstrip("?")
    for pattern in REWORDED:
        text = pattern.format(stem if pattern.startswith("{") else stem[0].lower() + stem[1:])
        if connection.ask(text)[0] == "cache_semantic":
            return text
    return None


def choose(connection):
    """Pairs of a question that L1 answers and another wording of it."""
    pairs = []
    for kind, question in eval_questions():
        if len(pairs) == QUESTIONS:
            break
        if kind not in ("plain", "reworded"):
            continue
        level, _, answer = connection.ask(question)
        if level != "L1" or not answer["answered"]:
            continue
        pairs.append((question, reworded(connection, question)))
        connection.forget(answer)
    return pairs


def fill_cache(connection):
    """Other questions, so that the semantic cache has something to compare with."""
    names = ["option", "file", "command", "variable", "section", "default", "format", "signal"]
    topics = ["tar", "rsync", "ssh", "sudo", "dpkg", "apt", "cron", "less", "mount", "tmux", "systemd", "passwd", "fstab",
              "crontab", "sources.list", "journald", "logind", "useradd", "fdisk", "dmesg", "lsblk", "scp", "sftp", "gpasswd", "chage"]
    for i in range(FILL):
        connection.ask(f"Which {names[i % len(names)]} does {topics[i // len(names) % len(topics)]} have?")


def one_round(connection, pairs, samples):
    """Each level once for every question; samples get milliseconds by level."""
    for question, other in pairs:
        level, took, answer = connection.ask(question)
        assert level == "L1", (level, question)
        samples["L1"].append(took)
        level, took, _ = connection.ask(question)
        assert level == "cache_exact", (level, question)
        samples["L0 exact"].append(took)
        if other:
            level, took, _ = connection.ask(other)
            assert level == "cache_semantic", (level, other)
            samples["L0 semantic"].append(took)
        samples["a search"].append(connection.call("GET", "/api/crawler/search?k=10&q=" + urllib.parse.quote(question))[1])
        samples["embedding a question"].append(connection.call("POST", "/v1/embeddings", {"input": question, "model": "skyai-embed"})[1])
        samples["an empty request"].append(connection.call("GET", "/health")[1])
        connection.forget(answer)


GOALS = {"L0 exact": "<= 1", "L0 semantic": "<= 25", "L1": "<= 40"}
PARTS = ["a search", "embedding a question", "an empty request"]


def measure():
    group = Group("latency")
    folder = tempfile.mkdtemp(prefix="sky-bench-")
    rounds = []
    try:
        with Weights("smollm2.gguf", "minilm.gguf"):
            shutil.copytree(make(), f"{folder}/data")
            server = support.Server(data=f"{folder}/data")
            try:
                chunks = server.wait_vectors()["chunks"]
                connection = Connection(server)
                fill_cache(connection)
                pairs = choose(connection)
                assert len(pairs) >= 20 and sum(other is not None for _, other in pairs) >= 10, pairs
                for _ in range(REPEATS):
                    rounds.append({name: [] for name in [*GOALS, *PARTS]})
                    one_round(connection, pairs, rounds[-1])
            finally:
                server.stop()
    finally:
        shutil.rmtree(folder)
    group.versions["knowledge"] = f"{chunks} passages"
    for name in [*GOALS, *PARTS]:
        group.samples[name] = [r[name] for r in rounds]
        count = sum(len(r[name]) for r in rounds)
        group.add(f"{name}, median of {count}", [statistics.median(r[name]) for r in rounds], "ms", GOALS.get(name))
        group.add(f"{name}, 99th percentile", [percentile(r[name], .99) for r in rounds], "ms")
    group.write()
