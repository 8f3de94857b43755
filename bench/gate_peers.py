"""gate_peers.py: the programs that the gate is measured beside, each a process of its own that dies with close()."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import urllib.request

from group_http import free_port
from measure import DEPS, ROOT, children, cpu_seconds, first_line, on_core, pin, resident_mb, wait_for

GATE = ROOT / "bench" / "gate"
UPSTREAM = ROOT / "build" / "upstream"


def descendants(pid):
    found = [pid]
    for child in children(pid):
        found += descendants(child)
    return found


class Program:
    """A server on a free port of 127.0.0.1, in a folder of its own, on core 0 with all its processes."""

    def __init__(self, name, command, ready, files=None, env=None, port=None, timeout_s=120):
        self.name = name
        self.port = port or free_port()
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


# --- a gateway before a provider of models -------------------------------------------------------------------------------
MODEL = "skyai-advanced"
LITELLM_KEY = "sk-bench"
NGINX_CONFIG = """
daemon off;
master_process on;
worker_processes 1;
pid nginx.pid;
error_log error.log;
events { worker_connections 4096; }
http {
    log_format sky '$time_iso8601 info http.request id=$request_id method=$request_method route=$uri status=$status '
                   'ms=$request_time bytes=$body_bytes_sent peer=$remote_addr';
    access_log access.log sky;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    keepalive_requests 1000000000;
    keepalive_timeout 600;
    upstream provider {
        server %s;
        keepalive 512;
        keepalive_requests 1000000000;
    }
    server {
        listen 127.0.0.1:@PORT@;
        location = /ready { return 200; }
        location / {
            proxy_pass http://provider;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
        }
    }
}
"""
# One entry a provider; which of them is asked is LiteLLM's choice, and it goes on to the other when one fails. A cent buys a thousand
# tokens, so that what was spent can be told.
LITELLM_ENTRY = """
  - model_name: %(model)s
    litellm_params:
      model: openai/mock
      api_base: %(upstream)s/v1
      api_key: none
      input_cost_per_token: 0.00001
      output_cost_per_token: 0.00001"""
LITELLM_CONFIG = """
model_list:%(entries)s
general_settings:
  master_key: %(key)s
litellm_settings:
  telemetry: false
router_settings:
  num_retries: 1
%(more)s"""


class Upstream:
    """The provider: tests/e2e/upstream.c, on the core of the load."""

    def __init__(self, *options, core=1):
        self.process = subprocess.Popen(on_core(core, [str(UPSTREAM), *map(str, options)]), stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]

    def stats(self):
        with urllib.request.urlopen(self.url + "/stats") as answer:
            return json.load(answer)

    def close(self):
        self.process.terminate()
        self.process.wait(30)
        self.process.stdout.close()


def nginx_proxy(upstreams):
    [upstream] = upstreams
    nginx = DEPS / "nginx" / "bin" / "nginx"
    version = first_line(nginx, "-v").rpartition("/")[2]
    return Program(f"nginx {version} proxy_pass", [nginx, "-p", "@FOLDER@", "-c", "@FOLDER@/nginx.conf", "-e", "error.log"], "/ready",
                   files={"nginx.conf": NGINX_CONFIG % upstream.url.removeprefix("http://")})


def litellm(upstreams, more="", port=None):
    """LiteLLM's proxy with one worker and no database: its client downloads a program when it is set up."""
    folder = DEPS / "bench-litellm"
    version = first_line(folder / "bin" / "python", "-c", "import importlib.metadata as m; print(m.version('litellm'))")
    entries = "".join(LITELLM_ENTRY % {"model": MODEL, "upstream": upstream.url} for upstream in upstreams)
    config = LITELLM_CONFIG % {"entries": entries, "key": LITELLM_KEY, "more": more}
    return Program(f"LiteLLM {version}", [folder / "bin" / "python", folder / "bin" / "litellm", "--config", "config.yaml", "--host", "127.0.0.1",
                                         "--port", "@PORT@", "--num_workers", "1", "--telemetry", "False"],
                   "/health/liveliness", files={"config.yaml": config}, port=port,
                   env={"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "PYTHONDONTWRITEBYTECODE": "1"})
