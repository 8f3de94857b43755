"""group_start.py: from exec to the first answer, memory before a model is loaded, size of the program, and how soon all
documents that `make run` learns can be found by keyword in an empty data folder."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from measure import DEPS, REPEATS, Group, resident_mb, support


def start_ms(data):
    """Milliseconds from exec to the first answer of /health, and the resident memory a second later."""
    began = time.monotonic()
    server = support.Server(data=data)
    try:
        assert server.get("/health", token=False)[0] == 200
        took = (time.monotonic() - began) * 1000
        time.sleep(1)
        return took, resident_mb(server.process.pid)
    finally:
        server.stop()


def stripped_mb():
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["strip", "-o", out.name, support.SKY], check=True)
        return os.path.getsize(out.name) / 1e6


def searchable_s():
    """Seconds from exec with an empty data folder to the moment when every document of the set can be found."""
    began = time.monotonic()
    server = support.Server(f"--learn={(DEPS / 'docs').resolve()}")
    try:
        while server.get("/api/status")[2]["learning"]["active"] or not server.get("/api/status")[2]["knowledge"]["documents"]:
            time.sleep(0.02)
        found = server.get("/api/crawler/search?k=5&q=configuration")[2]["results"]
        took = time.monotonic() - began
        assert found, "nothing is found"
        return took, server.get("/api/status")[2]["knowledge"]["documents"]
    finally:
        server.close()


def measure():
    group = Group("start")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-bench-"))
    try:
        start_ms(folder / "data")  # keys are made at the first start only
        starts = [start_ms(folder / "data") for _ in range(REPEATS)]
    finally:
        shutil.rmtree(folder)
    group.value("start to /health", [ms for ms, _ in starts], "ms", "<= 100")
    group.value("memory before a model is loaded", [mb for _, mb in starts], "MB", "<= 40")
    group.value("stripped program", [stripped_mb()], "MB", "<= 12")
    searches = [searchable_s() for _ in range(REPEATS)]
    group.value(f"keyword search over {searches[0][1]} documents usable after a start with nothing learned",
                [seconds for seconds, _ in searches], "s", "<= 10")
    group.write()
