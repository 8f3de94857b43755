"""test_peers.py: peers that are slow, silent, many, or break the protocol. Nothing hangs, nothing exceeds its cap, and an ordinary
client beside them is served as before."""
import contextlib
import json
import pathlib
import socket
import struct
import subprocess
import sys
import time
import unittest

import h2raw
from faultlib import FULL, Bystander, Server, Watch, alone, amount, apart, judge, memory_kib, record, wait_for

HEAD_S, HANDSHAKE_S, PER_ADDRESS, TOLD = 10, 10, 1024, 64  # of core/limits.h
ANSWERS_KIB = 256 << 10  # all answers that wait
SLACK_KIB = 64 << 10
SLOW = amount(200, 900)
IDLE = amount(2000, 10000)
IDLE_TLS = amount(200, 2000)
IDLE_KIB = 12  # memory that an idle client may cost; under TLS so much more
IDLE_TLS_KIB = 60
STREAMS = amount(250, 1000)
FLOOD = amount(20000, 200000)


def learned(server, name, text):
    status, _, started = server.post(f"/api/crawler/learn?name={name}", text.encode(),
                                     headers={"Content-Type": "application/octet-stream"})
    assert status == 202, started
    assert server.job(started["job_id"])["added"] == 1
    return server.get(f"/api/crawler/documents?q={name}")[2]["documents"][0]["id"]


class Peers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("--log-level", "warn", https=True)
        cls.addClassCleanup(cls.server.close)
        cls.pid = cls.server.process.pid
        apart(cls, cls.server)
        # Warm: what it loads once is not what a peer costs.
        learned(cls.server, "warm.txt", "The warm valve opens at forty degrees.")
        cls.server.wait_models()
        alone(cls.server, .5)
        cls.quiet = alone(cls.server)
        record("peers: alone", bystander=cls.quiet)

    def setUp(self):
        self.assertIsNone(self.server.process.poll(), "the server is gone")
        wait_for(lambda: self.open_connections() <= 1, 30, "connections of the test before are left")
        self.server.wait_models()

    def open_connections(self):
        lines = self.server.get("/metrics")[2].decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith("sky_http_connections{"))

    def connect(self, tls=False, source=None):
        url = self.server.https if tls else self.server.http
        host, port = url.split("//")[1].split(":")
        sock = socket.create_connection((host, int(port)), timeout=60, source_address=source and (source, 0))
        self.addCleanup(sock.close)
        return sock

    # --- Slow and silent ----------------------------------------------------------------------------------------------
    def test_slow_loris(self):
        """Heads and bodies that come byte by byte, handshakes that stop in their middle, connections that say nothing."""
        head = b"GET /health HTTP/1.1\r\nHost: h\r\nX-Slow: " + b"a" * 1000
        body = (f"POST /api/chat/message HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {self.server.token}\r\n"
                "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n").encode()
        hello = b"\x16\x03\x01\x02\x00\x01\x00"
        with Watch(self.pid) as watch, Bystander(self.server) as bystander:
            base = memory_kib(self.pid)
            heads = [self.connect() for _ in range(SLOW // 2)]
            bodies = [self.connect() for _ in range(SLOW // 8)]  # a person may not ask more at once
            handshakes = [self.connect(tls=True) for _ in range(SLOW // 8)]
            silent = [self.connect(tls=i % 2 == 0) for i in range(SLOW // 4)]
            for sock in bodies:
                sock.sendall(body)
            for sock in handshakes:
                sock.sendall(hello)
            began, at, cut = time.monotonic(), 0, {}
            while time.monotonic() - began < HEAD_S + 3 and len(cut) < len(heads):
                for sock in heads:
                    if sock not in cut:
                        try:
                            sock.send(head[at:at + 1])
                        except OSError:
                            cut[sock] = time.monotonic() - began
                for sock in bodies:
                    sock.send(b" ")
                at += 1
                time.sleep(.5)
            # Each head was refused for its time, however busily it dripped.
            for sock in heads:
                with contextlib.suppress(ConnectionResetError):
                    answer = sock.recv(1000)
                    self.assertIn(answer[:12], (b"HTTP/1.1 408", b""))
            for sock in handshakes:
                with contextlib.suppress(ConnectionResetError):
                    self.assertEqual(sock.recv(1000), b"")
            # What was not late is served: a body goes on, and who was silent may still ask.
            bodies[0].sendall(b'{"message":"hello","level_max":"L0"}'.ljust(1000 - at))
            self.assertIn(b" 200 ", bodies[0].recv(1000)[:13])
            plain = silent[1]
            plain.sendall(b"GET /health HTTP/1.1\r\nHost: h\r\n\r\n")
            self.assertIn(b" 200 ", plain.recv(1000)[:13])
        grown = watch.peak_kib - base
        record("peers: slow", clients=SLOW, memory_grown_kib=grown, bystander=bystander.figures)
        self.assertLess(grown, SLOW * 64)
        judge(self, self.quiet, bystander.figures)

    def test_half_closed(self):
        """Who asks and closes its sending side still gets the whole answer; what half a request is then is no request."""
        for _ in range(100):
            sock = self.connect()
            sock.sendall(b"GET /health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            self.assertIn(b"200", sock.recv(12))
            sock.close()
            sock = self.connect()
            sock.sendall(b"GET /health HTTP/1.1\r\nHo")
            sock.shutdown(socket.SHUT_WR)
            sock.settimeout(30)
            self.assertNotIn(b" 200 ", sock.recv(1000)[:13])
            sock.close()

    # --- Many ---------------------------------------------------------------------------------------------------------
    def crowd(self, count, first, tls=False):
        """Processes of at most 2,500 clients each."""
        url = self.server.https if tls else self.server.http
        host, port = url.split("//")[1].split(":")
        crowds = []
        while count > 0:
            part = min(count, 2000)
            crowds.append(subprocess.Popen(
                [sys.executable, pathlib.Path(__file__).with_name("crowd.py"), host, port, str(part), str(first)]
                + ["tls"] * tls, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            self.addCleanup(crowds[-1].stdout.close)
            self.addCleanup(crowds[-1].communicate)
            count, first = count - part, first + 2
        return crowds

    def ask(self, crowds):
        """Everybody asks; how they were answered."""
        total = {}
        for crowd in crowds:
            crowd.stdin.write("ask\n")
            crowd.stdin.flush()
        for crowd in crowds:
            for state, n in json.loads(crowd.stdout.readline()).items():
                total[state] = total.get(state, 0) + n
        return total

    def end(self, crowds):
        for crowd in crowds:
            crowd.communicate(timeout=60)

    def idle(self, name, count, kib, tls):
        base = memory_kib(self.pid)
        crowds = self.crowd(count, 10, tls)
        self.assertEqual(self.ask(crowds), {"ok": count})
        grown = memory_kib(self.pid) - base
        with Bystander(self.server) as bystander:
            time.sleep(2)
        # They rested, and are still welcome.
        self.assertEqual(self.ask(crowds), {"ok": count})
        self.end(crowds)
        record(name, clients=count, memory_each_kib=round(grown / count, 2), bystander=bystander.figures)
        self.assertLess(grown, count * kib + SLACK_KIB)
        judge(self, self.quiet, bystander.figures)

    def test_idle_clients(self):
        self.idle("peers: idle", IDLE, IDLE_KIB, tls=False)

    def test_idle_clients_over_tls(self):
        self.idle("peers: idle over TLS", IDLE_TLS, IDLE_TLS_KIB, tls=True)

    def test_one_address_has_its_share(self):
        """Past it a peer is told so, then just refused; others do not notice; what it gives back it may have again."""
        request = b"GET /health HTTP/1.1\r\nHost: h\r\n\r\n"
        socks, states = [], []
        for _ in range(PER_ADDRESS + TOLD + 20):
            sock = self.connect(source="127.0.0.90")
            with contextlib.suppress(OSError):
                sock.sendall(request)
            try:
                answer = sock.recv(1000)
            except ConnectionResetError:
                answer = b""
            states.append(answer[9:12].decode())
            if states[-1] == "429" and states[-2] == "200":
                self.assertIn(b"application/problem+json", answer)
                self.assertIn(b"Too many connections", answer)
            socks.append(sock)
        self.assertEqual(states[:PER_ADDRESS], ["200"] * PER_ADDRESS)
        self.assertEqual(states[PER_ADDRESS], "429")
        self.assertLessEqual(set(states[PER_ADDRESS:]), {"429", ""})
        self.assertEqual(self.server.get("/health")[0], 200)
        for sock in socks:
            sock.close()

        def welcome_again():
            with socket.create_connection((self.server.host, int(self.server.port)), source_address=("127.0.0.90", 0)) as sock:
                sock.sendall(request)
                with contextlib.suppress(ConnectionResetError):
                    return sock.recv(1000)[9:12] == b"200"
        wait_for(welcome_again, 30, "the address is not welcome again")

    if FULL:
        def test_more_idle_clients_than_places(self):
            """Those that rest longest give way; nobody who comes is kept waiting."""
            places = 16384
            crowds = self.crowd(places + 600, 100)
            self.assertEqual(self.ask(crowds), {"ok": places + 600})
            with Bystander(self.server) as bystander:
                time.sleep(1)
            self.assertLessEqual(self.open_connections(), places + 2)
            self.end(crowds)
            record("peers: more than places", clients=places + 600, bystander=bystander.figures)
            judge(self, self.quiet, bystander.figures)

    # --- Slow readers -------------------------------------------------------------------------------------------------
    def test_slow_readers_of_large_answers(self):
        """Many streams, each with a large answer that is not read: memory has a cap, the rest is told to come again."""
        ident = learned(self.server, "large.txt", "A line of a large document.\n" * 40000)
        path, each = f"/api/crawler/documents/{ident}", 125
        with Watch(self.pid) as watch, Bystander(self.server) as bystander:
            base = memory_kib(self.pid)
            connections = [h2raw.Connection(self.server) for _ in range(STREAMS // each)]
            for connection in connections:
                self.addCleanup(connection.close)
                connection.send(b"".join(h2raw.get(1 + 2 * i, path, self.server.token) for i in range(each)))
            time.sleep(3)
            self.assertEqual(self.server.get(path + "?small")[0] in (200, 503), True)
        statuses = {}
        for connection in connections:
            # Each stream was answered: its head is there although its body has no room.
            seen, iterator = set(), connection.frames()
            while len(seen) < each:
                kind, _, stream, payload = next(iterator)
                if kind == h2raw.HEADERS:
                    seen.add(stream)
                    status = "200" if payload[0] == 0x88 else "other"
                    statuses[status] = statuses.get(status, 0) + 1
        record("peers: large answers not read", streams=len(connections) * each, statuses=statuses,
               memory_peak_grown_kib=watch.peak_kib - base, cap_kib=ANSWERS_KIB, bystander=bystander.figures)
        self.assertLess(watch.peak_kib - base, ANSWERS_KIB + 2 * SLACK_KIB)
        self.assertGreater(statuses["200"], 50)
        for connection in connections:
            connection.close()
        judge(self, self.quiet, bystander.figures)
        wait_for(lambda: self.server.get(path)[0] == 200, 30, "large answers are refused for ever")

    def test_slow_followers(self):
        """Streams of events by HTTP/1.1 that are read a byte now and then, until the job ends."""
        folder = pathlib.Path(self.server.data) / ".." / (self.server.data.name + "-many")
        folder.mkdir()
        self.addCleanup(__import__("shutil").rmtree, folder, ignore_errors=True)
        for i in range(amount(300, 1200)):
            (folder / f"{i}.txt").write_text(f"The follower {i} reads slowly.\n")
        status, _, started = self.server.post("/api/crawler/learn", {"paths": [str(folder.resolve())]})
        self.assertEqual(status, 202)
        request = (f"GET /api/crawler/jobs/{started['job_id']} HTTP/1.1\r\nHost: h\r\nAccept: text/event-stream\r\n"
                   f"Authorization: Bearer {self.server.token}\r\n\r\n").encode()
        socks = []
        with Watch(self.pid) as watch, Bystander(self.server) as bystander:
            base = memory_kib(self.pid)
            for i in range(STREAMS):
                sock = self.connect(source=f"127.0.0.{2 + i % 4}")
                sock.sendall(request)
                socks.append(sock)
            self.server.job(started["job_id"])
            for sock in socks:
                sock.recv(16)
        for sock in socks:
            text = b""
            while not text.endswith(b"0\r\n\r\n"):
                piece = sock.recv(1 << 16)
                self.assertTrue(piece, "a follower was cut off")
                text += piece
            self.assertIn(b"event: done", text)
        record("peers: slow followers", streams=STREAMS, memory_peak_grown_kib=watch.peak_kib - base, bystander=bystander.figures)
        # The learning itself is in it.
        self.assertLess(watch.peak_kib - base, STREAMS * 64 + 4 * SLACK_KIB)
        judge(self, self.quiet, bystander.figures)

    # --- Floods -------------------------------------------------------------------------------------------------------
    def test_floods_of_http2(self):
        """Each ends its connection, long before all of it is taken; none costs memory or other clients' time."""
        get = h2raw.get
        floods = {
            "rapid reset": lambda i: get(1 + 2 * i, "/health") + h2raw.frame(h2raw.RST, 0, 1 + 2 * i, struct.pack(">I", 8)),
            "ping": lambda i: h2raw.frame(h2raw.PING, 0, 0, bytes(8)),
            "settings": lambda i: h2raw.frame(h2raw.SETTINGS, 0, 0, struct.pack(">HI", 3, 100)),
            "priority": lambda i: h2raw.frame(h2raw.PRIORITY, 0, 1, struct.pack(">IB", 0, 1)),
            "empty data": lambda i: h2raw.frame(h2raw.HEADERS, h2raw.END_HEADERS, 1, h2raw.head(
                "/api/chat/message", self.server.token, "POST")) if i == 0 else h2raw.frame(h2raw.DATA, 0, 1),
            "continuation": lambda i: h2raw.frame(h2raw.HEADERS, 0, 1, h2raw.head("/health")) if i == 0 else h2raw.frame(
                h2raw.CONTINUATION, 0, 1, h2raw.field("x", "y")),
            "unknown frames": lambda i: h2raw.frame(77, 0, 0, b"what"),
        }
        results = {}
        with Watch(self.pid) as watch, Bystander(self.server) as bystander:
            base = memory_kib(self.pid)
            for tls in (False, True):
                for name, piece in floods.items():
                    connection = h2raw.Connection(self.server, tls)
                    sent, error = connection.flood(piece, FLOOD)
                    connection.close()
                    results[name + (" over TLS" if tls else "")] = {"sent": sent, "goaway": error}
                    self.assertNotEqual(error, "open", f"{name}: the server takes all of it")
        record("peers: floods", frames=FLOOD, floods=results, memory_peak_grown_kib=watch.peak_kib - base,
               bystander=bystander.figures)
        self.assertLess(watch.peak_kib - base, SLACK_KIB)
        judge(self, self.quiet, bystander.figures)

    def test_large_bodies(self):
        """Ten megabytes where few are expected, told beforehand or in chunks; and more uploads at once than there is room for."""
        line = f"POST /api/chat/message HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {self.server.token}\r\n" \
               "Content-Type: application/json\r\n"
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        for head, piece in ((f"Content-Length: {10 << 20}\r\n\r\n", b"x" * 65536), ("Transfer-Encoding: chunked\r\n\r\n", chunk)):
            sock = self.connect()
            sock.sendall((line + head).encode())
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                for _ in range((10 << 20) // 65536):
                    sock.sendall(piece)
            with contextlib.suppress(ConnectionResetError):
                self.assertIn(b" 413 ", sock.recv(1000)[:13])
        # Uploads that never end hold what they sent: 512 MiB of it in all.
        size, held = 40 << 20, amount(6, 16)
        with Watch(self.pid) as watch, Bystander(self.server) as bystander:
            base = memory_kib(self.pid)
            statuses = []
            for i in range(held):
                sock = self.connect()
                sock.sendall(f"POST /api/crawler/learn?name=u{i} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {self.server.token}\r\n"
                             f"Content-Type: application/octet-stream\r\nContent-Length: {size}\r\n\r\n".encode())
                with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                    for _ in range(size // (1 << 20) - 1):
                        sock.sendall(bytes(1 << 20))
                sock.settimeout(.1)
                try:
                    statuses.append(sock.recv(1000)[9:12].decode())
                except (TimeoutError, ConnectionResetError) as error:
                    statuses.append(type(error).__name__)
        record("peers: large bodies", uploads=held, each_mib=size >> 20, statuses=statuses, memory_peak_grown_kib=watch.peak_kib - base,
               bystander=bystander.figures)
        # A buffer that grows is there twice for a moment.
        self.assertLess(watch.peak_kib - base, min(held * 40, 512) * 1024 + 128 * 1024 + SLACK_KIB)
        if FULL:
            self.assertIn("503", statuses)
        judge(self, self.quiet, bystander.figures)


if __name__ == "__main__":
    unittest.main()
