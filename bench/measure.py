"""measure.py: what the groups share: the machine, processor time and memory of a process, cores, result files."""
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
QUICK = bool(os.environ.get("SKY_BENCH_QUICK"))  # bench/run --quick: does it work at all?
RESULTS = ROOT / ("build/bench-quick" if QUICK else "bench/results")
DEPS = ROOT / "build" / "deps"
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
import support  # noqa: E402

REPEATS = 1 if QUICK else 5
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


# --- the machine -------------------------------------------------------------------------------------------------------
def _field(path, pattern):
    found = re.search(pattern, pathlib.Path(path).read_text(), re.M)
    return found.group(1).strip() if found else "unknown"


def machine():
    memory = int(_field("/proc/meminfo", r"^MemTotal:\s+(\d+)")) / 1024 ** 2
    system = _field("/etc/os-release", r'^PRETTY_NAME="?([^"\n]+)')
    processor = _field("/proc/cpuinfo", r"^model name\s*:(.*)$")
    return f"{processor}, {os.cpu_count()} cores, {memory:.0f} GB, {system}, kernel {platform.release()}"


def first_line(*command):
    """What a program says of its version, on either stream."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip().partition("\n")[0]


def pin(pid, core):
    """Puts every thread of a process on one core, where there are two."""
    if os.cpu_count() > 1:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(task.name), {core})


def on_core(core, command):
    """The command, run on one core."""
    return ["taskset", "-c", str(core), *command] if os.cpu_count() > 1 else command


# --- a process ---------------------------------------------------------------------------------------------------------
def cpu_seconds(*pids):
    """User and system time of processes, from /proc."""
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total * TICK_S


def children(pid):
    return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def resident_mb(pid):
    return int(_field(f"/proc/{pid}/status", r"^VmRSS:\s+(\d+)")) / 1024


def wait_for(condition, what, timeout_s=60):
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not happen within {timeout_s} s")
        time.sleep(0.01)


# --- samples -----------------------------------------------------------------------------------------------------------
def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


def in_turn(ours, peer, repeats=REPEATS):
    """Runs both once for warmth, then in the order ABBA, so that a drift of the machine meets both. Two lists of samples."""
    samples = ([], [])
    ours(), peer()
    for i in range(repeats):
        order = ((0, ours), (1, peer)) if i % 2 == 0 else ((1, peer), (0, ours))
        for which, run in order:
            samples[which].append(run())
    return samples


def holds(goal, value):
    """Whether a value reaches a goal such as ">= 1"; None without a goal."""
    if goal is None:
        return None
    sign, number = goal.split()
    return {">=": value >= float(number), "<=": value <= float(number), "==": value == float(number)}[sign]


class Group:
    """The figures of one group on their way into bench/results/<name>.json (see bench/README.md)."""

    def __init__(self, name, command=None):
        self.name, self.figures, self.samples = name, [], {}
        self.command = command or f"make bench ARGS={name}"
        self.versions = {"sky": first_line(support.SKY, "version")}
        self.load = [round(os.getloadavg()[0], 2)]

    def add(self, name, values, unit, goal=None, peer=None):
        value = rounded(statistics.median(values))
        self.figures = [figure for figure in self.figures if figure["name"] != name]
        self.figures.append({
            "name": name, "goal": goal, "value": value, "range": [rounded(min(values)), rounded(max(values))],
            "unit": unit, "peer": peer, "ok": holds(goal, value), "command": self.command})
        show(self.figures[-1])

    def go_on(self):
        """Takes over what the file already holds, for a group that is measured by several programs."""
        path = RESULTS / f"{self.name}.json"
        if path.is_file():
            before = json.loads(path.read_text())
            self.figures, self.samples = before["figures"], before["samples"]

    def value(self, name, values, unit, goal=None):
        """A figure that stands alone: the median of samples."""
        self.samples[name] = values
        self.add(name, values, unit, goal)

    def ratio(self, name, ours, peer, peer_name, unit, goal=None):
        """A figure beside a peer: the median of the ratios of neighbouring samples."""
        self.samples[name] = {"ours": ours, "peer": peer}
        beside = {"name": peer_name, "value": rounded(statistics.median(peer)), "ours": rounded(statistics.median(ours)),
                  "unit": unit}
        self.add(name, [a / b for a, b in zip(ours, peer)], "x", goal, beside)

    def write(self):
        self.load.append(round(os.getloadavg()[0], 2))
        RESULTS.mkdir(parents=True, exist_ok=True)
        path = RESULTS / f"{self.name}.json"
        path.write_text(json.dumps({
            "group": self.name, "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "machine": machine(), "load": self.load, "versions": self.versions, "figures": self.figures,
            "samples": self.samples}, indent=1) + "\n")
        print(f"load before and after: {self.load}; raw samples: {path.relative_to(ROOT)}", flush=True)


def rounded(value):
    return float(f"{value:.4g}")


def show(figure):
    peer = figure["peer"]
    beside = f"   {peer['ours']:g} beside {peer['value']:g} {peer['unit']} of {peer['name']}" if peer else ""
    mark = {True: "ok", False: "MISSED", None: ""}[figure["ok"]]
    low, high = figure["range"]
    print(f"{figure['name']:62} {figure['value']:8g} {figure['unit']:3} ({low:g} to {high:g})  {figure['goal'] or '':8} {mark:7}"
          f"{beside}", flush=True)
