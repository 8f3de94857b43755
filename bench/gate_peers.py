"""gate_peers.py: the programs that the gate is measured beside, each a process of its own that dies with close()."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import urllib.request

from group_http import free_port
from measure import DEPS, ROOT, children, cpu_seconds, first_line, pin, resident_mb, wait_for

GATE = ROOT / "bench" / "gate"


def descendants(pid):
    found = [pid]
    for child in children(pid):
        found += descendants(child)
    return found


class Program:
    """A server on a free port of 127.0.0.1, in a folder of its own, on core 0 with all its processes."""

    def __init__(self, name, command, ready, files=None, env=None, timeout_s=120):
        self.name = name
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-bench-"))
        for file, text in (files or {}).items():
            (self.folder / file).write_text(text.replace("@PORT@", str(self.port)).replace("@FOLDER@", str(self.folder)))
        command = [str(part).replace("@PORT@", str(self.port)).replace("@FOLDER@", str(self.folder)) for part in command]
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        env={**os.environ, **(env or {})})
        try:
            wait_for(lambda: self.answers(ready), f"the start of {name}", timeout_s)
        except BaseException as error:
            text = self.log_text()
            self.close()
            raise RuntimeError(f"{error}; it said: {text[-2000:]}") from error
        for pid in self.pids():
            pin(pid, 0)

    def log_text(self):
        return (self.folder / "log").read_text(errors="replace")

    def answers(self, path):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended")
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def pids(self):
        return descendants(self.process.pid)

    def cpu_seconds(self):
        return cpu_seconds(*self.pids())

    def resident_mb(self):
        return sum(map(resident_mb, self.pids()))

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


# --- one JSON route ----------------------------------------------------------------------------------------------------
def h2o(body):
    """libh2o with a handler that holds the body ready; no log, no check of who asks."""
    return Program("libh2o 2.2.5, body held ready", [DEPS / "bench-h2o" / "bin" / "h2o", "@PORT@", "body.json"], "/json",
                   files={"body.json": body.decode()})


def axum(_body):
    return Program("axum 0.8.9, one thread", [DEPS / "bench-axum" / "bin" / "axum", "@PORT@"], "/json")


def fastify(_body):
    version = first_line(DEPS / "node" / "bin" / "node", "-p", f"require('{GATE}/fastify/node_modules/fastify/package.json').version")
    return Program(f"Fastify {version}, schema of its answer", [DEPS / "node" / "bin" / "node", GATE / "fastify" / "server.mjs", "@PORT@"],
                   "/json", env={"NODE_ENV": "production"})


def fastapi(_body):
    python = DEPS / "bench-fastapi" / "bin" / "python"
    version = first_line(python, "-c", "import fastapi; print(fastapi.__version__)")
    return Program(f"FastAPI {version}, uvicorn with uvloop",
                   [python, "-m", "uvicorn", "--app-dir", GATE, "--host", "127.0.0.1", "--port", "@PORT@", "--loop", "uvloop",
                    "--http", "httptools", "--no-access-log", "--workers", "1", "fastapi_app:app"],
                   "/json", env={"PYTHONDONTWRITEBYTECODE": "1"})


JSON_ROUTES = {"libh2o": h2o, "axum": axum, "Fastify": fastify, "FastAPI": fastapi}
