"""group_setup.py: the first `make run` of a newcomer, up to the moment when the program could start: a fresh clone, an empty
cache, everything fetched, compiled and converted. Packages of the system that are already installed count nothing."""
import os
import pathlib
import subprocess
import tempfile
import time

from measure import ROOT, Group


def setup_s():
    """Seconds from a clone to a program that can start, and the processor seconds that it took."""
    with tempfile.TemporaryDirectory(prefix="sky-setup-") as folder:
        clone = pathlib.Path(folder) / "sky"
        subprocess.run(["git", "clone", "-q", ROOT, clone], check=True)
        env = {**os.environ, "XDG_CACHE_HOME": folder + "/cache", "CCACHE_DISABLE": "1"}
        before, began = os.times(), time.monotonic()
        with open(os.devnull, "w") as quiet:
            subprocess.run(["make", "-C", clone, "build"], check=True, env=env, stdout=quiet)
            subprocess.run([clone / "deps" / "setup", "run"], check=True, env=env, stdout=quiet)
        took, after = time.monotonic() - began, os.times()
        assert (clone / "build" / "sky").is_file()
        return took, after.children_user + after.children_system - before.children_user - before.children_system


def measure():
    group = Group("setup")
    wall, cpu = setup_s()  # minutes of both cores and 400 MB from the network: once
    group.value("set-up from a fresh clone and an empty cache", [wall], "s", "<= 600")
    group.value("processor time of it", [cpu], "s")
    group.write()
