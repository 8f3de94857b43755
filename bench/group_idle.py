"""group_idle.py: the memory of ten thousand clients that follow an event stream on which little happens.

The stream is that of a job that goes on: it learns PDF files, and the program that reads them sleeps. No model is loaded. The clients
come from as many addresses as the bound of connections from one asks for.
"""
import os
import pathlib
import resource
import selectors
import shutil
import socket
import tempfile
import time

from measure import QUICK, REPEATS, Group, cpu_seconds, resident_mb, support

CLIENTS = 1000 if QUICK else 10_000
PER_ADDRESS = 500
AT_ONCE = 200  # connections under way: the kernel's backlog is bounded
REST_S = 1 if QUICK else 5
FILES = 200


class Slow:
    """A job that learns for long: its PDF files are read by a program that sleeps."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-bench-"))
        (self.folder / "bin").mkdir()
        reader = self.folder / "bin" / "pdftotext"
        reader.write_text("#!/bin/sh\nexec sleep 5\n")
        reader.chmod(0o755)
        (self.folder / "files").mkdir()
        for i in range(FILES):
            (self.folder / "files" / f"{i}.pdf").write_bytes(b"%%PDF-1.4\n%d\n" % i)
        self.env = {"PATH": f"{self.folder}/bin:{os.environ['PATH']}"}

    def begin(self, server):
        status, _, answer = server.post("/api/crawler/learn", {"paths": [str(self.folder / "files")]})
        assert status == 202, (status, answer)
        return f"/api/crawler/jobs/{answer['job_id']}"

    def close(self):
        shutil.rmtree(self.folder)


class Crowd:
    """Clients of one event stream, each of which has seen an event before the next are let in."""

    def __init__(self, server, path):
        self.to = (server.host, int(server.port))
        self.request = (f"GET {path} HTTP/1.1\r\nHost: crowd\r\nAccept: text/event-stream\r\n"
                        f"Authorization: Bearer {server.token}\r\n\r\n").encode()
        self.sockets, self.selector = [], selectors.DefaultSelector()

    def grow(self, count):
        while len(self.sockets) < count:
            asked = {self.one(len(self.sockets)): b"" for _ in range(min(AT_ONCE, count - len(self.sockets)))}
            while asked:
                for key, _ in self.selector.select(60) or [(None, None)]:
                    assert key, "nothing happens for a minute"
                    piece = key.fileobj.recv(65536)
                    assert piece, "a client was sent away"
                    if key.fileobj in asked:
                        asked[key.fileobj] += piece
                        assert asked[key.fileobj].startswith(b"HTTP/1.1 200 "[:len(asked[key.fileobj])]), asked[key.fileobj]
                        if b"event: progress" in asked[key.fileobj]:
                            del asked[key.fileobj]

    def one(self, i):
        client = socket.socket()
        client.bind((f"127.5.0.{1 + i // PER_ADDRESS}", 0))
        client.connect(self.to)
        client.send(self.request)
        client.setblocking(False)
        self.selector.register(client, selectors.EVENT_READ)
        self.sockets.append(client)
        return client

    def read_for(self, seconds):
        """Takes the events that come; all clients must stay."""
        end, seen = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            for key, _ in self.selector.select(0.1):
                piece = key.fileobj.recv(65536)
                assert piece, "a client was sent away"
                seen += piece.count(b"event: ")
        return seen

    def close(self):
        for client in self.sockets:
            client.close()
        self.selector.close()


def once():
    """Megabytes before and with the crowd, the server's share of a core meanwhile, and events a second."""
    slow = Slow()
    try:
        server = support.Server(env=slow.env)
        try:
            path = slow.begin(server)
            pid = server.process.pid
            before = resident_mb(pid)
            crowd = Crowd(server, path)
            try:
                crowd.grow(CLIENTS)
                began = cpu_seconds(pid)
                events = crowd.read_for(REST_S)
                return before, resident_mb(pid), (cpu_seconds(pid) - began) / REST_S, events / REST_S
            finally:
                crowd.close()
        finally:
            server.close()
    finally:
        slow.close()


def measure():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    assert hard > CLIENTS + 100, f"this system lets a process open {hard} files only"
    group = Group("idle", "make bench-gate ARGS=idle")
    runs = [once() for _ in range(REPEATS)]
    group.value("memory before", [run[0] for run in runs], "MB")
    group.value(f"memory with {CLIENTS} clients of an event stream", [run[1] for run in runs], "MB", "<= 250")
    group.value("of it, each client", [(run[1] - run[0]) * 1024 / CLIENTS for run in runs], "KB")
    group.value("a core's share while they follow", [100 * run[2] for run in runs], "%")
    group.value("events a second to all of them", [run[3] for run in runs], "")
    group.write()
