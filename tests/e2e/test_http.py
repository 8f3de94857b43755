"""test_http.py: the protocols under the API, spoken by clients of other makers and by raw sockets."""
import gzip
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import unittest
import urllib.parse

from openapi_spec_validator import validate

from support import ANSWER_S, ENGINE, ROOT, SLOW, START_S, ServerTest

OPENSSL_LIBS = ROOT / "build" / "deps" / "openssl" / "lib"
SECURITY = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
            "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin"}
# What two servers could read in two ways; each must be refused, and end its connection.
SMUGGLED = [
    b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    b"Content-Length: 5\r\nContent-Length: 6\r\n",
    b"Content-Length: 5\r\nContent-Length: 5\r\n",
    b"Content-Length: +5\r\n",
    b"Content-Length : 5\r\n",
    b"Transfer-Encoding: chunked, identity\r\n",
    b"Transfer-Encoding: xchunked\r\n",
    b"Transfer-Encoding:\x0bchunked\r\n",
    b"X: a\r\n folded\r\n",
    b"X: a\nY: b\r\n",
    b"X: a\x00b\r\n",
    b"Host: other\r\n",
]


def program(name):
    path = shutil.which(name)
    assert path, f"{name} is missing: run deps/setup test"
    return path


def curl(*arguments, data=None):
    command = [program("curl"), "--silent", "--show-error", "--insecure", "--max-time", "20", *arguments]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


class Reload(ServerTest):
    """SIGHUP takes a new certificate; a broken one changes nothing."""
    https = True
    learn = False

    def served(self):
        parts = urllib.parse.urlsplit(self.server.https)
        return ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((parts.hostname, parts.port)))

    def changes(self, before):
        logged = len(self.server.log_text())
        self.server.process.send_signal(signal.SIGHUP)
        self.server.wait_log("event=serve.reload ", logged)
        return self.served() != before

    def test_certificate(self):
        keys = self.server.data / "keys"
        first = self.served()
        good = (keys / "tls.crt").read_bytes()
        self.assertEqual(ssl.PEM_cert_to_DER_cert(good.decode()), first)
        subprocess.run([program("openssl"), "req", "-new", "-x509", "-key", keys / "tls.key", "-subj",
                        "/CN=localhost", "-days", "10", "-out", keys / "tls.crt"], check=True)
        self.assertTrue(self.changes(first))
        second = self.served()
        (keys / "tls.crt").write_text("not a certificate")
        self.assertFalse(self.changes(second))
        self.assertEqual((keys / "tls.crt").read_text(), "not a certificate")
        self.assertIn("tls.crt", self.server.log_text())
        self.assertEqual(self.server.get("/health", token=False)[0], 200)


class Http(ServerTest):
    https = True
    learn = False

    def setUp(self):
        self.bearer = f"Authorization: Bearer {self.server.token}"
        parts = urllib.parse.urlsplit(self.server.https)
        self.secure = (parts.hostname, parts.port)

    def raw(self, request, close=False):
        """Sends bytes on a connection of their own; returns all that comes until it ends."""
        with socket.create_connection((self.server.host, int(self.server.port)), timeout=START_S) as s:
            s.sendall(request)
            if close:
                s.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := s.recv(65536):
                answer += piece
        return answer

    # --- HTTP/1.1 ------------------------------------------------------------------------------

    def test_every_answer_carries_the_security_headers(self):
        for path, status in (("/health", 200), ("/api/status", 401), ("/", 200), ("/%zz", 400)):
            got, headers, _ = self.server.get(path, token=False)
            self.assertEqual(got, status, path)
            for name, value in SECURITY.items():
                self.assertEqual(headers[name], value, path)
            self.assertRegex(headers["x-request-id"], "^[0-9a-z]{26}$")
            self.assertRegex(headers["date"], r" GMT$")

    def test_pipelined_requests_are_answered_in_order(self):
        paths = ["/health", "/api/status", "/nothing", "/.well-known/skynet"] * 20
        request = b"".join(f"GET {p} HTTP/1.1\r\nHost: h\r\n{self.bearer}\r\n\r\n".encode()
                           for p in paths)
        answer = self.raw(request + b"GET /health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        statuses = re.findall(rb"HTTP/1\.1 (\d+) ", answer)
        self.assertEqual(statuses, [b"200", b"200", b"404", b"200"] * 20 + [b"200"])

    def test_large_files_between_other_answers_stay_whole(self):
        names = re.findall(r"/assets/[\w.-]+\.js", self.server.get("/", token=False)[2].decode())
        script = max(names, key=lambda name: len(self.server.get(name, token=False)[2]))
        paths = [script, "/health", script, script, "/", "/health", script]
        alone = {path: self.raw(f"GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode()).split(b"\r\n\r\n", 1)[1]
                 for path in set(paths)}
        self.assertGreater(len(alone[script]), 65536)
        with socket.create_connection((self.server.host, int(self.server.port)), timeout=20) as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)  # most of an answer has to wait in the server
            s.sendall(b"".join(f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n".encode() for path in paths))
            answers = s.makefile("rb")
            for path in paths:
                length = None
                while (line := answers.readline()) != b"\r\n":
                    if line.startswith(b"content-length: "):
                        length = int(line[16:])
                self.assertEqual(answers.read(length), alone[path], path)

    def test_a_request_may_come_byte_by_byte(self):
        request = b"GET /health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
        with socket.create_connection((self.server.host, int(self.server.port)), timeout=START_S) as s:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for at in range(len(request)):
                s.sendall(request[at:at + 1])
            self.assertTrue(s.makefile("rb").read().startswith(b"HTTP/1.1 200 "))

    def test_ambiguous_requests_are_refused(self):
        for head in SMUGGLED:
            answer = self.raw(b"POST /api/chat/message HTTP/1.1\r\nHost: h\r\n" + head +
                              b"\r\n0\r\n\r\nGET /health HTTP/1.1\r\nHost: h\r\n\r\n")
            self.assertRegex(answer, rb"^HTTP/1\.1 (400|501) ", head)
            self.assertEqual(answer.count(b"HTTP/1.1 "), 1, head)
            self.assertIn(b"application/problem+json", answer)
            self.assertIn(b"connection: close", answer)

    def test_sizes_have_caps(self):
        def get(target, *fields):
            head = "".join(f"{f}\r\n" for f in fields)
            return self.raw(f"GET {target} HTTP/1.1\r\nHost: h\r\n{head}Connection: close\r\n\r\n".encode())
        self.assertIn(b" 414 ", get("/" + "a" * 9000))
        self.assertIn(b" 431 ", get("/health", "X: " + "v" * 20000))
        self.assertIn(b" 431 ", get("/health", *["X: v"] * 101))
        self.assertIn(b" 200 ", get("/health", *["X: v"] * 90))
        self.assertIn(b" 200 ", get("/health?" + "a" * 8000))

    def test_methods(self):
        got, headers, _ = self.server.request("DELETE", "/health", token=False)
        self.assertEqual((got, headers["allow"]), (405, "GET, HEAD, OPTIONS"))
        got, headers, body = self.server.request("OPTIONS", "/api/chat/message")
        self.assertEqual((got, headers["allow"], body), (204, "OPTIONS, POST", b""))
        self.assertIsNone(headers["access-control-allow-origin"])
        connection = self.server.connection()
        connection.request("HEAD", "/health")
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.read()), (200, b""))
        self.assertGreater(int(answer.headers["content-length"]), 0)
        self.assertEqual(self.server.get("/health", connection=connection)[0], 200)
        for path in ("/api/admin/events", "/api/admin/logs"):
            status, headers, body = self.server.request("HEAD", path, headers={"Accept": "text/event-stream"}, connection=connection)
            self.assertEqual((status, headers.get_content_type(), body), (200, "text/event-stream", b""))
            self.assertEqual(self.server.get("/health", connection=connection)[0], 200)
        connection.close()

    def test_strangers_reach_only_what_is_open(self):
        for path in ("/api/status", "/metrics", "/openapi.json", "/api/nodes", "/api/chat/history",
                     "/v1/models", "/nothing", "/api/"):
            got, headers, _ = self.server.get(path, token=False)
            self.assertEqual(got, 401, path)
        # Nor do they learn which addresses there are.
        for method in ("PUT", "OPTIONS", "TRACE"):
            for path in ("/api/admin/people", "/api/admin/nope", "/api/keys/x", "/v1/chat/completions"):
                got, headers, _ = self.server.request(method, path, headers={"Origin": "https://a.example", "Access-Control-Request-Method": "PUT"}, token=False)
                self.assertEqual((got, headers["allow"]), (401, None), (method, path))
            self.assertEqual(self.server.request(method, "/api/admin/people")[0], 204 if method == "OPTIONS" else 405)
            self.assertEqual(self.server.request(method, "/api/admin/nope")[0], 404)
            self.assertEqual(self.server.request(method, "/api/session", token=False)[0], 204 if method == "OPTIONS" else 405)
            self.assertIn("Bearer", headers["www-authenticate"])
        for token in ("", "sky_", self.server.token[:-1], self.server.token + "x", "\xff"):
            got = self.server.get("/api/status", token=False,
                                  headers={"Authorization": f"Bearer {token}"})[0]
            self.assertEqual(got, 401, token)

    def test_the_cookie_needs_our_own_origin(self):
        status, headers, _ = self.server.post("/api/session", {"token": self.server.token}, token=False)
        self.assertEqual(status, 204)
        cookie = headers["set-cookie"]
        for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(part, cookie)
        own = {"Cookie": cookie.split(";")[0]}
        origin = self.server.http

        def vote(**fields):
            return self.server.post("/api/chat/vote", {"message_id": "x", "vote": 1}, token=False,
                                    headers={**own, **{k.replace("_", "-"): v for k, v in fields.items()}})[0]
        self.assertEqual(self.server.get("/api/session", token=False, headers=own)[0], 200)
        self.assertEqual(vote(), 403)
        self.assertEqual(vote(Origin="http://evil.example"), 403)
        self.assertEqual(vote(Origin=origin.replace("http:", "https:")), 403)
        self.assertEqual(vote(Origin=origin, Sec_Fetch_Site="cross-site"), 403)
        self.assertNotEqual(vote(Origin=origin), 403)
        self.assertNotEqual(vote(Sec_Fetch_Site="same-origin"), 403)

    def test_compressed_bodies_are_refused(self):
        got = self.server.request("POST", "/api/chat/message", body=gzip.compress(b"{}"),
                                  headers={"Content-Type": "application/json", "Content-Encoding": "gzip"})
        self.problem(got, 415)

    def test_other_versions(self):
        self.assertIn(b"connection: close", self.raw(b"GET /health HTTP/1.0\r\n\r\n"))
        self.assertIn(b" 505 ", self.raw(b"GET /health HTTP/3.0\r\nHost: h\r\n\r\n"))
        # An offer of h2c is not taken; the request is answered as it is.
        answer = self.raw(b"GET /health HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings, close\r\n"
                          b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 "))

    def test_nonsense_does_no_harm(self):
        for junk in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\0" * 5000, os.urandom(3000),
                     b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 500, b"\r\n" * 20000 + b"x\r\n\r\n"):
            self.raw(junk, close=True)
        self.assertEqual(self.server.get("/health", token=False)[0], 200)

    def test_idle_connections_do_not_block_others(self):
        idle = [socket.create_connection((self.server.host, int(self.server.port))) for _ in range(300)]
        for s in idle[::2]:
            s.sendall(b"GET /health HTTP/1.1\r\nHo")
        begun = time.monotonic()
        self.assertEqual(self.server.get("/health", token=False)[0], 200)
        # Well below the time after which the half requests are given up.
        self.assertLess(time.monotonic() - begun, 8 * SLOW)
        for s in idle:
            s.close()

    # --- HTTP/2 --------------------------------------------------------------------------------

    def test_http2_by_prior_knowledge_and_by_alpn(self):
        for options, version in ((["--http2-prior-knowledge", self.server.http], b"2"),
                                 (["--http2", self.server.https], b"2"),
                                 (["--http1.1", self.server.https], b"1.1"),
                                 (["--http1.0", self.server.http], b"1.1")):
            *options, url = options
            out = curl(*options, url + "/health", "-w", "\n%{http_version} %{http_code}")
            body, status = out.rsplit(b"\n", 1)
            self.assertEqual(status, version + b" 200")
            self.assertEqual(json.loads(body)["status"], "ok")

    def test_http2_answers_as_http1_does(self):
        for path in ("/", "/api/status", "/nothing", "/openapi.json"):
            answers = []
            for options in (["--http1.1"], ["--http2-prior-knowledge"]):
                out = curl(*options, "-i", "-H", self.bearer, self.server.http + path)
                head, body = out.split(b"\r\n\r\n", 1)
                lines = sorted(line for line in head.lower().splitlines()[1:]
                               if not line.startswith((b"date:", b"x-request-id:")))
                status = head.split()[1]
                # Uptime and request ids differ, the rest must not.
                body = re.sub(rb'"uptime_s":\d+|"instance":"\w+"', b"", body)
                answers.append((status, [l for l in lines if not l.startswith(b"content-length")], body))
            self.assertEqual(answers[0], answers[1], path)

    def test_http2_many_streams(self):
        for url in (self.server.http, self.server.https):
            out = subprocess.run([program("h2load"), "-n", "3000", "-c", "5", "-m", "100",
                                  "-H", self.bearer, url + "/api/status"],
                                 capture_output=True, text=True, timeout=ANSWER_S).stdout
            self.assertIn("3000 succeeded, 0 failed, 0 errored, 0 timeout", out)
            self.assertIn("3000 2xx", out)

    def test_http2_large_body_is_refused_and_heard(self):
        for url in (self.server.http, self.server.https):
            out = curl("--http2-prior-knowledge", "-H", self.bearer, "-H", "Content-Type: application/json",
                       "--data-binary", "@-", url + "/api/chat/message", "-w", "\n%{http_code}",
                       data=b"x" * 10_000_000)
            self.assertTrue(out.endswith(b"\n413"), out[-200:])
            self.assertIn(b"/problems/too-large", out)

    # --- TLS -----------------------------------------------------------------------------------

    def test_post_quantum_group_with_openssl(self):
        env = dict(os.environ)
        if OPENSSL_LIBS.exists():  # the system's own program, on the library sky is built with
            env["LD_LIBRARY_PATH"] = str(OPENSSL_LIBS)
        for group in ("X25519MLKEM768", "X25519"):
            out = subprocess.run([program("openssl"), "s_client", "-connect", "%s:%d" % self.secure,
                                  "-groups", group, "-alpn", "h2,http/1.1"], env=env, timeout=START_S,
                                 stdin=subprocess.DEVNULL, capture_output=True).stdout
            self.assertIn(b"New, TLSv1.3, Cipher is", out, group)
            self.assertIn(b"ALPN protocol: h2", out, group)
        out = subprocess.run([program("openssl"), "s_client", "-connect", "%s:%d" % self.secure,
                              "-groups", "P-256"], env=env, timeout=START_S, stdin=subprocess.DEVNULL,
                             capture_output=True)
        self.assertNotEqual(out.returncode, 0)

    def context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.server.data / "keys" / "tls.crt")
        return context

    def test_certificate_names_this_machine(self):
        for name in ("localhost", "127.0.0.1"):
            with socket.create_connection(self.secure) as s, \
                 self.context().wrap_socket(s, server_hostname=name) as t:
                self.assertEqual(t.version(), "TLSv1.3")

    def test_older_tls_is_refused(self):
        context = self.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with socket.create_connection(self.secure) as s, self.assertRaises(ssl.SSLError):
            context.wrap_socket(s, server_hostname="localhost")

    def test_plain_http_on_the_tls_port_is_told_so(self):
        with socket.create_connection(self.secure, timeout=START_S) as s:
            s.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            answer = s.makefile("rb").read()
        self.assertTrue(answer.startswith(b"HTTP/1.1 400 "))
        self.assertIn(b"https://", answer)

    def test_sessions_over_tls_are_secure(self):
        out = curl("-i", "-H", "Content-Type: application/json", self.server.https + "/api/session",
                   "-d", json.dumps({"token": self.server.token}))
        self.assertRegex(out.decode(), r"(?i)set-cookie: .*; Secure")

    # --- Pages ---------------------------------------------------------------------------------

    def test_pages_are_compressed_and_cached(self):
        status, headers, page = self.server.get("/", token=False)
        self.assertEqual((status, headers["cache-control"]), (200, "no-cache"))
        self.assertIn("default-src 'none'", headers["content-security-policy"])
        self.assertEqual(self.server.get("/index.html", token=False)[2], page)
        names = set(re.findall(r"/assets/[\w.-]+", page.decode()))
        self.assertGreater(len(names), 1)
        for name in names:
            url = self.server.http + name
            head, plain = curl("-i", url).split(b"\r\n\r\n", 1)
            self.assertTrue(head.startswith(b"HTTP/1.1 200 "), name)
            self.assertRegex(head, rb"cache-control: .*immutable")
            etag = re.search(rb"etag: (.*)\r\n", head).group(1).decode()
            again = curl("-i", "-H", f"If-None-Match: {etag}", url).split(b"\r\n\r\n", 1)
            self.assertTrue(again[0].startswith(b"HTTP/1.1 304 ") and again[1] == b"")
            head, packed = curl("-i", "-H", "Accept-Encoding: gzip", url).split(b"\r\n\r\n", 1)
            if b"content-encoding: gzip" in head:
                self.assertIn(b"vary: accept-encoding", head)
                self.assertEqual(gzip.decompress(packed), plain)
            else:
                self.assertEqual(packed, plain)
        status = self.server.get("/assets/nothing.js", token=False)[0]
        self.assertEqual(status, 401)

    # --- Descriptions --------------------------------------------------------------------------

    def test_openapi_is_valid_and_matches(self):
        status, _, document = self.server.get("/openapi.json")
        self.assertEqual(status, 200)
        validate(document)
        self.assertEqual(document["openapi"], "3.1.0")
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                target = re.sub(r"\{\w+\}", "x", path)
                got, headers, _ = self.server.request("OPTIONS", target)
                self.assertEqual(got, 204, target)
                self.assertIn(method.upper(), headers["allow"].split(", "), target)
                if operation.get("security") != [] and method == "get":
                    self.assertEqual(self.server.get(target, token=False)[0], 401, target)

    def test_requests_are_counted(self):
        self.server.get("/health", token=False)
        text = self.server.get("/metrics")[2].decode()
        self.assertRegex(text, r'sky_http_requests_total\{route="/health",method="GET",code="200"\} [1-9]')
        self.assertRegex(text, r'sky_http_request_seconds_bucket\{route="/health"')
        self.assertRegex(text, r'sky_http_connections\{tls="no"\} [1-9]')

    def test_metrics_are_what_prometheus_takes(self):
        text = self.server.get("/metrics")[2].decode()
        done = subprocess.run([ROOT / "build/deps/promtool/bin/promtool", "check", "metrics"], input=text, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))
        value = {line.split()[0]: float(line.split()[1]) for line in text.splitlines() if not line.startswith("#")}
        self.assertEqual(value["sky_store_writable"], 1)
        self.assertEqual(value["sky_store_disk_free_bytes"] > 0, ENGINE == "sqlite")
        self.assertGreater(value["sky_certificate_left_seconds"], 14 * 86400)
        version = self.server.get("/api/status")[2]["version"]
        self.assertEqual(value[f'sky_build_info{{version="{version}"}}'], 1)

    def test_the_log_keeps_secrets(self):
        self.server.get("/api/crawler/search?q=VERYSECRETQUESTION&k=1")
        self.server.get("/login?code=secretcode123", token=False)
        self.server.wait_log(r"event=http\.request .*route=/login ")  # may come a little after its answer
        log = self.server.log_text()
        self.assertIn("route=/api/crawler/search status=200", log)
        for secret in ("VERYSECRETQUESTION", "secretcode123", self.server.token):
            self.assertNotIn(secret, log)

    def test_many_clients_at_once(self):
        failures = []

        def client():
            connection = self.server.connection()
            for _ in range(50):
                if self.server.get("/api/status", connection=connection)[0] != 200:
                    failures.append(1)
            connection.close()
        threads = [threading.Thread(target=client) for _ in range(16)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(failures, [])


if __name__ == "__main__":
    unittest.main()
