"""support.py: starts the real program for a test, talks HTTP to it, ends it by its process id."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest
import urllib.parse

import postgres

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKY = pathlib.Path(os.environ.get("SKY_PROGRAM", ROOT / "build" / "sky"))
DATA = ROOT / "tests" / "data"
# How much longer than usual things may take (a program with sanitizers); tools/run-tests sets it.
SLOW = float(os.environ.get("SKY_SLOW", "1"))
START_S = 60 * SLOW
ANSWER_S = 120 * SLOW


# --- the store: SQLite, or with SKY_TEST_STORE=postgresql the PostgreSQL of SKY_TEST_STORE_PG (tools/run-tests) ---------------
ENGINE = os.environ.get("SKY_TEST_STORE", "sqlite")


def store_env(data):
    """The variables that keep what belongs to a data folder in the store of the tests: in PostgreSQL, a schema called like
    the folder and the one around it."""
    if ENGINE == "sqlite":
        return {}
    url, name = os.environ[postgres.VARIABLE], schema(data)
    psql(f'CREATE SCHEMA IF NOT EXISTS "{name}"')
    return {"SKY_STORE": f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{name},public"}


def schema(data):
    return re.sub(r"\W", "_", "_".join(pathlib.Path(data).parts[-2:]).lower())


def psql(text):
    command = [postgres.HOME / "bin" / "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1",
               "--command", text, os.environ[postgres.VARIABLE]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=ANSWER_S, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def sql(data, text):
    """Executes one statement in the store of a data folder by hand; the rows of a SELECT as tuples."""
    if ENGINE == "sqlite":
        with contextlib.closing(sqlite3.connect(pathlib.Path(data) / "sky.db")) as store, store:
            return store.execute(text).fetchall()
    begin = f'SET search_path TO "{schema(data)}", public; '
    if not text.startswith("SELECT"):
        psql(begin + text)
        return []
    rows = psql(f"{begin}SELECT row_to_json(found) FROM ({text}) AS found").splitlines()
    return [tuple(json.loads(row).values()) for row in rows]


def tables(data):
    """The names of the tables that hold what people said and did."""
    if ENGINE == "sqlite":
        found = sql(data, "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")
    else:
        found = sql(data, f"SELECT tablename FROM pg_tables WHERE schemaname = '{schema(data)}'")
    return [name for (name,) in found]


def spoil(data):
    """Leaves the data folder with a store that cannot be used."""
    if ENGINE == "sqlite":
        (pathlib.Path(data) / "sky.db").write_bytes(b"no database" * 1000)
    else:
        sql(data, "UPDATE sky_store SET version = 1")


class Server:
    """One `sky serve` on free ports over a data folder of its own."""

    def __init__(self, *options, data=None, env=None, https=False):
        self.own_data = data is None
        self.data = pathlib.Path(data or tempfile.mkdtemp(prefix="sky-e2e-"))
        self.log = open(self.data.parent / (self.data.name + ".log"), "ab")
        secure = ("--https", "127.0.0.1:0" if https else "off")
        command = [SKY, "serve", "--data", self.data, "--http", "127.0.0.1:0", *secure, *options]
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        env={**os.environ, **store_env(self.data), **(env or {})})
        self.ready = self.process.stdout.readline().strip()
        if not self.ready.startswith("sky: ready "):
            self.process.wait(START_S)
            raise RuntimeError(f"no ready line but {self.ready!r}; log: {self.log_text()}")
        urls = self.ready.split()[2:]
        self.http = next(u for u in urls if u.startswith("http://"))
        self.https = next((u for u in urls if u.startswith("https://")), None)
        self.login = self.process.stdout.readline().strip().split()[-1]
        self.token = (self.data / "owner.token").read_text().strip()
        self.host, self.port = urllib.parse.urlsplit(self.http).netloc.split(":")

    def log_text(self):
        return pathlib.Path(self.log.name).read_text(errors="replace")

    def wait_log(self, pattern, after=0, timeout=ANSWER_S):
        """Waits for a line in the log, beyond its first `after` characters; returns the match."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            found = re.search(pattern, self.log_text()[after:])
            if found:
                return found
            time.sleep(0.02)
        raise TimeoutError(f"{pattern!r} is not in the log: {self.log_text()[after:]}")

    def connection(self, timeout=ANSWER_S):
        return http.client.HTTPConnection(self.host, int(self.port), timeout=timeout)

    def request(self, method, path, body=None, headers=None, token=True, connection=None):
        """Sends one request; returns (status, headers, parsed JSON or bytes)."""
        head = dict(headers or {})
        if token:
            head.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            head.setdefault("Content-Type", "application/json")
        own = connection is None
        connection = connection or self.connection()
        try:
            connection.request(method, path, body=body, headers=head)
            answer = connection.getresponse()
            raw = answer.read()
        finally:
            if own:
                connection.close()
        kind = answer.headers.get_content_type()
        parsed = json.loads(raw) if kind.endswith("json") else raw
        return answer.status, answer.headers, parsed

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body, **options):
        return self.request("POST", path, body, **options)

    def events(self, path, body, stop_after=None):
        """Posts and yields (event, data) of a stream; leaves after `stop_after` events."""
        connection = self.connection()
        try:
            connection.request("POST", path, json.dumps(body), {
                "Authorization": f"Bearer {self.token}", "Content-Type": "application/json"})
            answer = connection.getresponse()
            assert answer.status == 200, (answer.status, answer.read())
            assert answer.headers.get_content_type() == "text/event-stream"
            name, seen = None, 0
            for line in answer:
                line = line.decode().rstrip("\n")
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    data = line[6:]
                    yield name, data if data == "[DONE]" else json.loads(data)
                    name, seen = None, seen + 1
                    if stop_after and seen == stop_after:
                        return
        finally:
            connection.close()

    def learn(self, *paths):
        """Learns paths and waits until the job is done; returns the job."""
        status, _, answer = self.post("/api/crawler/learn", {"paths": [str(p) for p in paths]})
        assert status == 202, (status, answer)
        return self.job(answer["job_id"])

    def job(self, job_id, timeout=ANSWER_S):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            status, _, job = self.get(f"/api/crawler/jobs/{job_id}")
            assert status == 200, (status, job)
            if job["state"] != "running":
                return job
            time.sleep(0.05)
        raise TimeoutError("the job did not end")

    def wait_vectors(self, timeout=ANSWER_S):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            knowledge = self.get("/api/status")[2]["knowledge"]
            if knowledge["vectors"] >= knowledge["chunks"]:
                return knowledge
            time.sleep(0.2)
        raise TimeoutError("the passages were not embedded in time")

    def wait_models(self, timeout=ANSWER_S):
        """Until both embedding models have seen all: then nothing goes on behind the requests."""
        self.wait_vectors(timeout)
        end = time.monotonic() + timeout
        while self.get("/api/status")[2]["learning"]["second_pending"]:
            if time.monotonic() > end:
                raise TimeoutError("the other model has not seen all in time")
            time.sleep(0.2)

    def ask(self, message, **fields):
        status, _, answer = self.post("/api/chat/message", {"message": message, **fields})
        assert status == 200, (status, answer)
        return answer

    def stop(self, signo=signal.SIGTERM, timeout=START_S):
        """Ends the server; returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signo)
        status = self.process.wait(timeout)
        self.process.stdout.close()
        self.log.close()
        report = re.search(r"^.*(?:Sanitizer: |: runtime error: )(?:.|\n){,4000}", self.log_text(), re.M)
        assert not report, report[0]
        return status

    def close(self):
        try:
            self.stop()
        finally:
            if self.own_data:
                shutil.rmtree(self.data, ignore_errors=True)
                pathlib.Path(self.log.name).unlink(missing_ok=True)


def run(*arguments, data=None, timeout=ANSWER_S, **options):
    """Runs one subcommand to its end."""
    command = [str(SKY), *map(str, arguments)]
    if data:
        command += ["--data", str(data)]
        options["env"] = {**(options.get("env") or os.environ), **store_env(data)}
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout,
                          stdin=options.pop("stdin", subprocess.DEVNULL), **options)


def within_a_day(seconds=60):
    """Waits for midnight (UTC) when less is left of the day: what is counted by days begins anew then."""
    left = 86400 - time.time() % 86400
    if left < seconds:
        time.sleep(left + 1)


class ServerTest(unittest.TestCase):
    """A test class over one server that knows the documents in tests/data."""
    options = ()
    learn = True
    https = False

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.options, https=cls.https)
        cls.addClassCleanup(cls.server.close)
        if cls.learn:
            job = cls.server.learn(DATA / "docs")
            assert job["state"] == "done" and job["added"] > 0, job
            cls.server.wait_vectors()

    def problem(self, answer, status):
        """Asserts an RFC 9457 answer."""
        got, headers, body = answer
        self.assertEqual(got, status, body)
        self.assertEqual(headers.get_content_type(), "application/problem+json")
        self.assertEqual(body["status"], status)
        for field in ("type", "title", "instance"):
            self.assertIsInstance(body[field], str)
        return body
