"""faultlib.py: what the fault tests share: how much to do, dice, figures, and a server watched from outside.

The tests run short in `make test`. `make fault` sets SKY_FAULT_FULL and does the full counts; what it measured goes to
bench/results/fault.json. SKY_SEED throws other dice; a failure names the seed that it was met with.
"""
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
sys.path.insert(0, str(ROOT / "bench"))
import support  # noqa: E402
from measure import Group, pin  # noqa: E402

FULL = bool(os.environ.get("SKY_FAULT_FULL"))
SEED = int(os.environ.get("SKY_SEED", "1"))


def amount(short, full):
    return full if FULL else short


def dice(name):
    return random.Random(f"{SEED} {name}")


def record(name, *shown, **raw):
    """Prints what a test measured, and keeps it when it was measured in full. Shown, each: name, values, unit, goal."""
    raw["seed"] = SEED
    print(f"\n{name}: {json.dumps(raw)}", flush=True)
    if not FULL:
        return
    group = Group("fault", "make fault")
    group.go_on()
    group.samples[name] = raw
    for figure in shown:
        group.add(*figure)
    group.write()


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))]


def memory_kib(pid, field="VmRSS"):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    raise ValueError(field)


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for(condition, timeout, what):
    """Polls until the condition holds; its value."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise TimeoutError(what)
        time.sleep(0.02)


def shim(folder, name):
    """Compiles tests/fault/NAME.c into the folder, to be preloaded."""
    library = folder / f"{name}.so"
    source = pathlib.Path(__file__).with_name(f"{name}.c")
    subprocess.run(["cc", "-std=gnu11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


class Watch:
    """The highest memory of a process while it is watched."""

    def __init__(self, pid):
        self.pid, self.peak_kib, self.on = pid, 0, True
        self.thread = threading.Thread(target=self._look, daemon=True)

    def _look(self):
        while self.on:
            try:
                self.peak_kib = max(self.peak_kib, memory_kib(self.pid))
            except (OSError, ValueError):
                return
            time.sleep(0.02)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.on = False
        self.thread.join()


class Server(support.Server):
    """A server that tells how long it took to answer /health, by the clock and in processor time."""

    def __init__(self, *options, **more):
        began = time.monotonic()
        super().__init__(*options, **more)
        assert self.get("/health", token=False)[0] == 200
        self.start_s = time.monotonic() - began
        self.start_cpu_s = cpu_seconds(self.process.pid)

    def kill(self):
        """kill -9, and waits for the end."""
        self.stop(signal.SIGKILL)


def apart(test_class, server):
    """In full, until the class ends: the server has one core and all that is done to it the other, so that nobody waits for a core."""
    if not FULL or os.cpu_count() < 2:
        return
    test_class.addClassCleanup(os.sched_setaffinity, 0, os.sched_getaffinity(0))
    os.sched_setaffinity(0, {1})
    pin(server.process.pid, 0)


class Bystander:
    """An ordinary client beside what the test does; see bystander.py. `figures` when it is over."""

    def __init__(self, server):
        self.server, self.figures = server, None

    def __enter__(self):
        script = pathlib.Path(__file__).with_name("bystander.py")
        self.process = subprocess.Popen([sys.executable, script, self.server.host, self.server.port, self.server.token],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_):
        self.figures = json.loads(self.process.communicate("\n", timeout=120)[0])


def alone(server, seconds=2):
    """The figures of a bystander beside whom nothing happens."""
    with Bystander(server) as bystander:
        time.sleep(seconds)
    return bystander.figures


# What an ordinary client may wait at worst while others misbehave, on a machine that does other things too.
WORST_P99_MS = 500
# In full, on a quiet machine: so many times what it waits when it is alone, or a time that nobody notices.
LOADED_TIMES, UNNOTICED_MS = 3, 2


def judge(test, quiet, loaded):
    """Were the others served as they should be? A ratio is measured in full, on a machine that does nothing else."""
    test.assertEqual(loaded["wrong"], 0, loaded)
    test.assertGreater(loaded["asked"], 50, loaded)
    test.assertLess(loaded["p99_ms"], WORST_P99_MS, loaded)
    if FULL:
        test.assertLessEqual(loaded["p99_ms"], max(LOADED_TIMES * quiet["p99_ms"], UNNOTICED_MS), (quiet, loaded))
