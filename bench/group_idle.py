"""group_idle.py: the memory of ten thousand clients that follow an event stream on which little happens.

The stream is that of the dashboard, an event every other second. The clients come from as many addresses as the bound of connections
from one asks for, and take what comes. No model is loaded.
"""
import resource
import selectors
import socket
import time

from measure import QUICK, REPEATS, Group, cpu_seconds, resident_mb, support

PATH = "/api/admin/events"
CLIENTS = 1000 if QUICK else 10_000
PER_ADDRESS = 500
AT_ONCE = 200  # connections under way: the kernel's backlog is bounded
REST_S = 5 if QUICK else 20


class Crowd:
    """Clients of one event stream, each of which has seen an event before the next are let in."""

    def __init__(self, server):
        self.to = (server.host, int(server.port))
        self.request = (f"GET {PATH} HTTP/1.1\r\nHost: crowd\r\nAccept: text/event-stream\r\n"
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
                        if b"\ndata: " in asked[key.fileobj]:
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
                seen += piece.count(b"\ndata: ")
        return seen

    def close(self):
        for client in self.sockets:
            client.close()
        self.selector.close()


def once():
    """Megabytes before and with the crowd, the server's share of a core meanwhile, and events a second."""
    server = support.Server()
    try:
        pid = server.process.pid
        before = resident_mb(pid)
        crowd = Crowd(server)
        try:
            crowd.grow(CLIENTS)
            began = cpu_seconds(pid)
            events = crowd.read_for(REST_S)
            return before, resident_mb(pid), (cpu_seconds(pid) - began) / REST_S, events / REST_S
        finally:
            crowd.close()
    finally:
        server.close()


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
