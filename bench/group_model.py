"""group_model.py: the local models beside a bare loop over llama.cpp: generating, and embedding while documents are learned.

Generating: the same prompts in one process, ours and bare in turn (bench_model.c). Embedding: the server learns documents while the
processor time of its embedding thread is read from /proc; the bare loop embeds the same windows with the same prefixes, packed or
one by one, whichever is faster. One thread on either side.
"""
import json
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile

from learned import Weights
from measure import DEPS, REPEATS, ROOT, TICK_S, Group, in_turn, support

PROGRAM = ROOT / "build" / "ai" / "bench-model"
WARM, LEARNED = "cron/man5", "tar/man1"
TITLE_BYTES = 120  # as ai/learn/embed.c cuts what it puts in front of a window
PREFIXES = {"minilm": "", "e5": "passage: "}
NAMES = {"minilm": "all-MiniLM-L6-v2, f16", "e5": "multilingual-e5-small, q4_0"}


def bare(*arguments, data=None):
    return json.loads(subprocess.run([PROGRAM, *map(str, arguments)], input=data, capture_output=True, check=True).stdout)


def english_text(path):
    """A text file of the documents, unpacked."""
    source = max((DEPS / "docs").resolve().rglob("*.txt.gz"), key=lambda p: p.stat().st_size)
    path.write_bytes(subprocess.run(["gzip", "-dc", source], capture_output=True, check=True).stdout)


def generate(group, folder):
    english_text(folder / "text")
    found = bare("generate", DEPS / "models" / "smollm2.gguf", folder / "text")
    peer = "llama.cpp alone, SmolLM2-135M-Instruct q4_1"
    group.ratio("L2, tokens per second", found["our_rate"], found["bare_rate"], peer, "tokens/CPU s", ">= 0.95")
    group.ratio("L2, time to the first token", found["our_first_ms"], found["bare_first_ms"], peer, "CPU ms", "<= 1.2")


def windows(data, model):
    """The windows that were embedded, with what was put in front of them."""
    store = sqlite3.connect(f"file:{data}/sky.db?mode=ro", uri=True)
    rows = store.execute("SELECT chunk.name, title, heading, text, vector.start_at, vector.end_at FROM vector"
                         " JOIN chunk ON chunk.id = vector.chunk_id WHERE model = ? ORDER BY chunk.id, vector.ordinal", (model,))
    texts = []
    for name, title, heading, text, start, end in rows:
        front = f"{name}: {title}{' > ' if heading else ''}{heading}".encode()[:TITLE_BYTES].decode(errors="ignore")
        texts.append(f"{PREFIXES[model]}{front}. {text.encode()[start:end].decode(errors='ignore')}")
    store.close()
    return texts


def embed_thread_s(pid):
    """Processor seconds of the server's embedding thread."""
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().startswith("embed/"):
            fields = (task / "stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) * TICK_S
    raise RuntimeError("the server has no thread called embed/0")


class Learning:
    """Learns the documents again and again; each time says how many windows a processor second embedded."""

    def __init__(self, model):
        self.model, self.texts = model, []

    def ours(self):
        with Weights(f"{self.model}.gguf"):
            server = support.Server()
            try:
                return self.learn(server)
            finally:
                server.close()

    def learn(self, server):
        folder = (DEPS / "docs").resolve()
        server.learn(folder / WARM)  # loads the model
        server.wait_vectors(600)
        warm, before = len(windows(server.data, self.model)), embed_thread_s(server.process.pid)
        server.learn(folder / LEARNED)
        server.wait_vectors(600)
        took = embed_thread_s(server.process.pid) - before
        self.texts = windows(server.data, self.model)[warm:]
        return len(self.texts) / took

    def bare(self):
        found = bare("embed", DEPS / "models" / f"{self.model}.gguf", data=b"".join(t.encode() + b"\0" for t in self.texts))
        return max(found["one_by_one"], found["packed"])


def measure():
    group = Group("model")
    group.versions["llama.cpp"] = (DEPS / "llama").resolve().name
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-bench-"))
    try:
        generate(group, folder)
    finally:
        shutil.rmtree(folder)
    for model, name in NAMES.items():
        learning = Learning(model)
        ours, peer = in_turn(learning.ours, learning.bare, REPEATS)
        group.ratio(f"embedding while learning, {name}, {len(learning.texts)} windows", ours, peer,
                    "llama.cpp alone, the faster of packed and one by one", "windows/CPU s", ">= 0.9")
    group.write()
