"""learned.py: a data folder that knows 10,000 passages of the documents that `make run` learns, embedded.

Made once (it takes the processor for about half an hour) and kept in the cache of the user under the hash of what decides it; each
run works on a copy. Only the English embedding model is there: the other one goes on in the background for hours, beside
what is measured. An interrupted run goes on where it stopped.
"""
import hashlib
import os
import pathlib
import shutil
import tempfile
import time

from measure import DEPS, ROOT, support

CHUNKS = 10000
# Not the tables: a start brings those of an older folder up to date.
SOURCES = ["ai/learn/chunk.c", "ai/learn/embed.c", "ai/learn/store.c", "ai/model/windows.c", "ai/find/sentence_vector.c"]
BUILD_S = float(os.environ.get("BENCH_LEARN_S", "7200"))  # after that the next run goes on


def documents():
    return sorted((DEPS / "docs").resolve().iterdir())


def cache_folder():
    digest = hashlib.sha256()
    for path in [ROOT / name for name in SOURCES]:
        digest.update(path.read_bytes())
    digest.update(str((DEPS / "docs").resolve().name).encode())
    digest.update(str((DEPS / "minilm").resolve().name).encode())
    base = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
    return base / "skynet" / "bench" / f"learned-{digest.hexdigest()[:16]}"


class Weights:
    """For the time of a with: servers start from a copy of the program that has only these weights."""

    def __init__(self, *names):
        self.names = names

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="sky-bench-")
        place = pathlib.Path(self.folder.name)
        (place / "deps" / "models").mkdir(parents=True)
        for name in self.names:
            (place / "deps" / "models" / name).symlink_to((DEPS / "models" / name).resolve())
        (place / "deps" / "openssl").symlink_to((DEPS / "openssl").resolve())  # the program looks for its libraries beside it
        shutil.copy(support.SKY, place / "sky")
        self.before, support.SKY = support.SKY, place / "sky"

    def __exit__(self, *_):
        support.SKY = self.before
        self.folder.cleanup()


def learn(server):
    """Whole folders, until there are enough passages; then waits for their vectors."""
    for folder in documents():
        if server.get("/api/status")[2]["knowledge"]["chunks"] >= CHUNKS:
            break
        answer = server.post("/api/crawler/learn", {"paths": [str(folder)]})[2]
        server.job(answer["job_id"], 600)
    end = time.monotonic() + BUILD_S
    while True:
        knowledge = server.get("/api/status")[2]["knowledge"]
        if knowledge["vectors"] >= knowledge["chunks"]:
            return True
        if time.monotonic() > end:
            print(f"{knowledge['vectors']} of {knowledge['chunks']} passages are embedded", flush=True)
            return False
        time.sleep(1)


def make():
    """The folder, complete. Call it with the weights for English in force."""
    folder = cache_folder()
    if not (folder / "complete").exists():
        print(f"learning {CHUNKS} passages once, into {folder.name} of the cache", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        server = support.Server(data=folder / "data")
        try:
            done = learn(server)
        finally:
            server.stop()
        if not done:
            raise SystemExit("the passages are not embedded yet: run it again")
        (folder / "complete").touch()
    return folder / "data"
