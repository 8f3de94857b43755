"""group_size.py: how large a server gets, and how fast it stays, as its knowledge, its people and its clients become more.

The knowledge is the 10,000 passages of the group latency, copied with noise in the vectors (grow.py). What is measured: what lies
on the disk, how long the first start and the next ones take until meaning is searched, memory after a minute of searching, and a
search by one client and by eight at once.
"""
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.parse

from group_latency import Connection, eval_questions
from learned import Weights, make
from measure import DEPS, QUICK, ROOT, Group, percentile, resident_mb, support

TIMES = [1, 2] if QUICK else [1, 5, 10]
ACCOUNTS = 100 if QUICK else 10000
SEARCHES = 20 if QUICK else 200
CLIENTS = 8
START_S = 600


def grown(folder, times, accounts=0):
    """A data folder with so many times the passages."""
    data = pathlib.Path(folder) / f"data-{times}-{accounts}"
    shutil.copytree(make(), data)
    settle(data)
    if times > 1 or accounts:
        subprocess.run([DEPS / "bench-python/bin/python", ROOT / "bench/grow.py", data / "sky.db", str(times), str(accounts)], check=True)
    return data


def settle(data):
    """A folder of an older program gets today's tables, and its log is put away."""
    support.Server(data=data).stop()


def started(data):
    """A server that searches by meaning, and the seconds that this took."""
    began = time.monotonic()
    server = support.Server(data=data)
    server.wait_vectors(START_S)
    Connection(server).call("GET", "/api/crawler/search?k=10&q=warmth")
    return server, time.monotonic() - began


def disk_mb(data):
    return sum(path.stat().st_size for path in data.rglob("*") if path.is_file()) / 1e6


def search(server, count, samples):
    connection = Connection(server)
    questions = [question for _, question in eval_questions()]
    for i in range(count):
        samples.append(connection.call("GET", "/api/crawler/search?k=10&q=" + urllib.parse.quote(questions[i % len(questions)]))[1])


def search_together(server, samples):
    threads = [threading.Thread(target=search, args=(server, SEARCHES // CLIENTS, samples)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def knowledge(group, folder, times):
    data = grown(folder, times)
    server, first = started(data)
    server.stop()
    server, again = started(data)
    try:
        chunks = server.get("/api/status")[2]["knowledge"]["chunks"]
        alone, together = [], []
        search(server, SEARCHES, alone)
        search_together(server, together)
        memory = resident_mb(server.process.pid)
    finally:
        server.stop()
    about = f"{round(chunks, -3):,} passages"
    group.value(f"{about}: on the disk", [disk_mb(data)], "MB")
    group.value(f"{about}: memory while searching", [memory], "MB")
    group.value(f"{about}: first start, the index made anew", [first], "s")
    group.value(f"{about}: later starts", [again], "s")
    group.value(f"{about}: a search, median", [percentile(alone, .5)], "ms")
    group.value(f"{about}: a search, 95th percentile", [percentile(alone, .95)], "ms")
    group.value(f"{about}: a search beside seven others, median", [percentile(together, .5)], "ms")
    shutil.rmtree(data)


def people(group, folder):
    for accounts in (0, ACCOUNTS):
        data = grown(folder, 1, accounts)
        began = time.monotonic()
        server = support.Server(data=data)
        took = time.monotonic() - began
        try:
            time.sleep(1)
            group.value(f"{accounts:,} accounts: memory after the start", [resident_mb(server.process.pid)], "MB")
            group.value(f"{accounts:,} accounts: start", [took], "s")
        finally:
            server.stop()
        shutil.rmtree(data)


def measure():
    group = Group("size")
    folder = tempfile.mkdtemp(prefix="sky-bench-")
    try:
        with Weights("minilm.gguf"):
            people(group, folder)
            for times in TIMES:
                knowledge(group, folder, times)
    finally:
        shutil.rmtree(folder)
    group.write()
