"""group_http.py: requests per processor second of the server, sky beside nginx.

Both serve from one core, the load comes from the other. nginx: one worker, its own configuration on a port of its own, static
files as long as what sky answers (the very bytes), an access line a request written to a file as sky does. sky: as it
comes, with limits, metrics and the access log on; the JSON routes check a token.
"""
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile

from measure import DEPS, QUICK, Group, children, cpu_seconds, first_line, in_turn, on_core, pin, support, wait_for

SECONDS = 1
CPU_S = 0.2 if QUICK else 0.9  # of the server, for one sample: a busy machine takes longer, not fewer requests
TRIES = 100
CONNECTIONS = 32
STREAMS = 16
NGINX = DEPS / "nginx" / "bin" / "nginx"
CONFIG = """
daemon off;
master_process on;
worker_processes 1;
pid nginx.pid;
error_log error.log;
events { worker_connections 1024; }
http {
    log_format sky '$time_iso8601 info http.request id=$request_id method=$request_method route=$uri status=$status '
                   'ms=$request_time bytes=$body_bytes_sent peer=$remote_addr';
    access_log access.log sky;
    default_type application/json;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    sendfile on;
    tcp_nopush on;
    open_file_cache max=100;
    keepalive_requests 1000000000;
    keepalive_timeout 600;
    server {
        listen 127.0.0.1:%(h1)d;
        listen 127.0.0.1:%(h2)d http2;
        root files;
    }
}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Nginx:
    """One nginx with files of its own; dies with close()."""

    def __init__(self, files):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-bench-nginx-"))
        (self.folder / "files").mkdir()
        self.folder.chmod(0o755)
        for name, content in files.items():
            (self.folder / "files" / name).write_bytes(content)
        ports = {"h1": free_port(), "h2": free_port()}
        (self.folder / "nginx.conf").write_text(CONFIG % ports)
        self.urls = {version: f"http://127.0.0.1:{port}/" for version, port in ports.items()}
        self.process = subprocess.Popen([NGINX, "-p", self.folder, "-c", self.folder / "nginx.conf", "-e", "error.log"],
                                        stdin=subprocess.DEVNULL)
        wait_for(lambda: children(self.process.pid) and self.answers(ports["h1"]), "the start of nginx")
        self.worker = children(self.process.pid)[0]
        pin(self.worker, 0)

    @staticmethod
    def answers(port):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", port)) == 0

    def close(self):
        self.process.terminate()
        self.process.wait(30)
        shutil.rmtree(self.folder)


def header_options(headers):
    return [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]


def load_h1(url, headers, script=None):
    """Requests that wrk got answered; a script of its own may say what they are."""
    scripted = ["-s", str(script)] if script else []
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--timeout", "60s", *scripted, *header_options(headers), url]
    text = subprocess.run(on_core(1, command), capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in text and "Socket errors" not in text, text
    return int(re.search(r"(\d+) requests in", text).group(1))


def load_h2(url, headers):
    """Requests that h2load got answered over HTTP/2 with prior knowledge."""
    command = ["h2load", "-t1", f"-c{CONNECTIONS // 4}", f"-m{STREAMS}", "-D", str(SECONDS),
               *header_options(headers), url]
    text = subprocess.run(on_core(1, command), capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+) succeeded, (\d+) failed, (\d+) errored", text)
    assert found.group(2) == found.group(3) == "0" and re.search(r"(\d+) 2xx, 0 3xx, 0 4xx, 0 5xx", text), text
    return int(found.group(1))


LOADS = {"h1": load_h1, "h2": load_h2}
NAMES = {"h1": "HTTP/1.1", "h2": "HTTP/2"}
GOALS = {"h1": ">= 1", "h2": ">= 2"}


def rate(load, pid, url, headers):
    """Requests per processor second of the server."""
    before, requests = cpu_seconds(pid), 0
    for _ in range(TRIES):
        requests += load(url, headers)
        used = cpu_seconds(pid) - before
        if used >= CPU_S:
            return requests / used
    raise TimeoutError(f"the server got {used:.2f} s of processor in {TRIES * SECONDS} s")


class Route:
    """What is asked for, and the file that nginx answers with."""

    def __init__(self, name, path, headers):
        self.name, self.path, self.headers = name, path, headers
        self.file = re.sub(r"\W+", "-", name)


def body_of(server, route):
    connection = server.connection()
    connection.request("GET", route.path, headers=route.headers)
    body = connection.getresponse().read()
    connection.close()
    return body


def largest_asset(server):
    """The largest file of the page, as a browser finds it."""
    page = server.get("/", token=False)[2].decode()
    paths = re.findall(r'(?:src|href)="(/[^"]+)"', page)
    return max(paths, key=lambda path: len(server.request("GET", path)[2]))


def measure():
    group = Group("http")
    group.versions |= {"nginx": first_line(NGINX, "-v"), "wrk": first_line("wrk", "-v"), "h2load": first_line("h2load", "--version")}
    server = support.Server()
    try:
        asset = largest_asset(server)
        bearer = {"Authorization": f"Bearer {server.token}"}
        routes = [Route("/health", "/health", bearer), Route("/api/status", "/api/status", bearer),
                  Route("/api/nodes", "/api/nodes", bearer), Route("the page", "/", {}),
                  Route("script of the page, as browsers ask for it", asset, {"Accept-Encoding": "gzip, deflate, br"}),
                  Route("script of the page, not compressed", asset, {})]
        bodies = {route.file: body_of(server, route) for route in routes}
        nginx = Nginx(bodies)
        try:
            pin(server.process.pid, 0)
            for version, load in LOADS.items():
                for route in routes:
                    ours, peer = in_turn(
                        lambda: rate(load, server.process.pid, server.http + route.path, route.headers),
                        lambda: rate(load, nginx.worker, nginx.urls[version] + route.file, route.headers))
                    group.ratio(f"{route.name}, {len(bodies[route.file])} B, {NAMES[version]}", ours, peer,
                                group.versions["nginx"].rpartition(" ")[2].replace("/", " "), "requests/CPU s", GOALS[version])
        finally:
            nginx.close()
    finally:
        server.close()
    group.write()
