"""test_postgres.py: `--store postgresql://…` when the database is gone, slow, full of others, forbidden, newer, or replaced by
its standby: what is said, that nothing acknowledged is missing or there twice, that it goes on without a restart."""
import contextlib
import http.client
import pathlib
import re
import shutil
import signal
import socket
import struct
import tempfile
import threading
import time
import unittest

import machine
from postgres import Postgres, USER, urls
from support import ROOT, SLOW, Server, run

# How long a promotion may take to be noticed.
RESUME_S = 5 * SLOW
# After which silence of the server a request is answered in any case: core/limits.h, with the time for a last connection.
SILENCE_S = 10 + 10 * SLOW


def as_documented(pg, name):
    """Does what docs/operate.md tells an administrator of PostgreSQL to do, with `name` for sky; returns the password."""
    page = (ROOT / "docs" / "operate.md").read_text()
    lines = re.search(r"## On a PostgreSQL server\n.*?\n\n((?:    [^\n]+\n)+)", page, re.DOTALL)[1].replace("sky", name).split("\n")
    at = "postgres"
    for line in filter(None, map(str.strip, lines)):
        if line.startswith("\\connect "):
            at = line.split()[1]
        else:
            pg.sql(line, at)
    return re.search(r"PASSWORD '(.*)'", "\n".join(lines))[1]


def serve(url):
    """What `sky serve` says when it does not start."""
    with tempfile.TemporaryDirectory(prefix="sky-e2e-") as data:
        return run("serve", "--http", "127.0.0.1:0", "--https", "off", "--store", url, data=data)


def schema(url, name):
    return f"{url}?options=-csearch_path%3D{name},public"


def database(pg):
    """The url of a schema sky in a new database, and the name of that."""
    url = pg.database()
    name = url.rpartition("/")[2]
    pg.sql(f"CREATE SCHEMA sky AUTHORIZATION {USER}", name)
    return schema(url, "sky"), name


def message(kind, body):
    return kind + struct.pack("!I", len(body) + 4) + body


class OldServer(threading.Thread):
    """Greets as PostgreSQL 12 does; no such version can be had beside the real one."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"postgresql://{USER}@127.0.0.1:{self.listener.getsockname()[1]}/x?sslmode=disable"

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                with self.listener.accept()[0] as peer:
                    peer.recv(4096)
                    peer.sendall(message(b"R", struct.pack("!I", 0)) + message(b"S", b"server_version\0" b"12.9\0") +
                                 message(b"Z", b"I"))
                    peer.recv(4096)


class Refusing(unittest.TestCase):
    """`sky serve` says in its last line why it does not start, and never the password of self.pg."""

    def refused(self, url, *words, status=1):
        done = serve(url)
        said = done.stderr.strip().splitlines()[-1]
        self.assertEqual(done.returncode, status, said)
        for word in words:
            self.assertIn(word, said)
        self.assertNotIn(self.pg.password, done.stdout + done.stderr)


class StartTest(Refusing):
    @classmethod
    def setUpClass(cls):
        cls.pg = Postgres()
        cls.addClassCleanup(cls.pg.close)

    def test_the_address(self):
        self.refused("oracle://u:p@h/d", "no store 'oracle'", status=2)
        self.refused(f"postgresql://{USER}:{self.pg.password}@h/d?no_such_word=1", "write postgresql://USER@HOST:PORT/DATABASE")

    def test_as_the_page_for_operators_says(self):
        password = as_documented(self.pg, "documented")
        url = f"postgresql://documented@127.0.0.1:{self.pg.port}/documented"
        self.refused(url, "password", "PGPASSWORD")
        server = Server("--store", url, env={"PGPASSWORD": password})
        self.addCleanup(server.close)
        self.assertEqual(server.get("/api/status")[2]["store"], "postgresql")

    def test_nobody_there(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        self.refused(f"postgresql://{USER}@127.0.0.1:{port}/x", f"127.0.0.1:{port}/x", "refused", "start it")

    def test_nobody_answers(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            self.refused(f"postgresql://{USER}@127.0.0.1:{port}/x", "does not answer", "start it")

    def test_strangers(self):
        url = self.pg.database()
        self.refused(url.replace(self.pg.password, "wrong"), "password", "PGPASSWORD")
        self.refused(url.replace(f":{self.pg.password}", ""), "password", "PGPASSWORD")
        self.refused(self.pg.url("not_there"), "not_there", "create it")
        self.refused(url + "?sslmode=require", "does not support SSL", "sslmode=disable")

    def test_no_room(self):
        url = self.pg.database()
        self.pg.sql(f"ALTER ROLE {USER} CONNECTION LIMIT 0")
        self.addCleanup(self.pg.sql, f"ALTER ROLE {USER} CONNECTION LIMIT -1")
        self.refused(url, "too many connections", "max_connections")

    def test_another_version(self):
        old = OldServer()
        self.addCleanup(old.listener.close)
        old.start()
        self.refused(old.url, "is version 12", "use version 14")

    def test_another_language(self):
        self.pg.sql(f"CREATE DATABASE latin OWNER {USER} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
        self.refused(self.pg.url("latin"), "UTF-8", "ENCODING 'UTF8'")

    def test_read_only(self):
        url, name = database(self.pg)
        self.pg.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        self.refused(url, "read-only", "default_transaction_read_only")
        self.assertEqual(self.pg.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'sky'", name), "0")

    def test_a_standby(self):
        _, name = database(self.pg)
        with self.pg.standby() as twin:
            self.refused(twin.url(name), "standby", "promote it")

    def test_schemas(self):
        url = self.pg.database()
        name = url.rpartition("/")[2]
        self.pg.sql(f"CREATE SCHEMA locked; GRANT USAGE ON SCHEMA locked TO {USER}; CREATE SCHEMA taken AUTHORIZATION {USER};"
                    f"CREATE TABLE taken.document (x INTEGER)", name)
        self.refused(schema(url, "locked"), "permission denied", "GRANT CREATE")
        self.refused(schema(url, "taken"), "other tables", "empty")
        # Nothing half made.
        self.assertEqual(self.pg.sql("SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'taken'", name), "document")

    def test_a_newer_one(self):
        url, name = database(self.pg)
        Server("--store", url).close()
        self.pg.sql("UPDATE sky.sky_store SET version = version + 1", name)
        self.refused(url, "newer version", "another database")

    def test_one_sky_a_schema(self):
        url, name = database(self.pg)
        first = Server("--store", url)
        self.addCleanup(first.close)
        self.refused(url, "in use by another sky", "127.0.0.1", "stop that one")
        # Beside it, in a schema of its own.
        self.pg.sql(f"CREATE SCHEMA other AUTHORIZATION {USER}", name)
        second = Server("--store", schema(self.pg.url(name), "other"))
        self.addCleanup(second.close)
        self.assertEqual(first.get("/api/status")[2]["store"], "postgresql")

    def test_killed_and_back(self):
        url, _ = database(self.pg)
        first = Server("--store", url)
        self.addCleanup(first.close)
        self.assertEqual(first.post("/api/admin/teams", {"name": "kept"})[0], 201)
        first.process.kill()
        first.process.wait()
        second = Server("--store", url, data=first.data)
        self.addCleanup(second.close)
        self.assertEqual([team["name"] for team in second.get("/api/admin/teams")[2]["teams"]], ["kept"])


class Running(unittest.TestCase):
    alone = True

    def setUp(self):
        self.pg = Postgres()
        self.addCleanup(self.pg.close)
        url, self.name = database(self.pg)
        if self.alone:
            self.begin(url)

    def begin(self, url):
        self.server = Server("--store", url)
        self.addCleanup(self.server.close)

    def write(self, name):
        return self.server.post("/api/admin/teams", {"name": name})

    def names(self):
        status, _, body = self.server.get("/api/admin/teams?limit=100")
        self.assertEqual(status, 200, body)
        return sorted(team["name"] for team in body["teams"])

    def written_again(self, name, within=RESUME_S):
        """Tries until a write is taken."""
        end = time.monotonic() + within
        while True:
            status, _, body = self.write(name)
            if status == 201:
                return
            self.assertEqual(status, 503, body)
            self.assertLess(time.monotonic(), end, "it does not come back")
            time.sleep(0.05)

    def end_sessions(self, pg=None):
        (pg or self.pg).sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'sky %'")


class RunningTest(Running):
    def test_gone_and_back(self):
        self.assertEqual(self.write("before")[0], 201)
        self.pg.kill()
        status, _, body = self.write("meanwhile")
        self.assertEqual((status, body["type"]), (503, "/problems/database-away"), body)
        self.assertIn("see that it runs", body["title"])
        status, _, body = self.server.get("/api/admin/teams")
        self.assertEqual((status, body["type"]), (503, "/problems/database-away"), body)
        self.assertEqual(self.server.get("/health")[2]["status"], "degraded")
        # Refused at once from here on.
        started = time.monotonic()
        self.assertEqual(self.write("meanwhile")[0], 503)
        self.assertLess(time.monotonic() - started, 3 * SLOW)
        self.pg.start()
        self.written_again("after")
        self.assertEqual(self.names(), ["after", "before"])
        self.assertEqual(self.server.get("/health")[2]["status"], "ok")
        self.assertIn("Connection refused", self.server.log_text())

    def test_sessions_ended(self):
        """Nobody notices."""
        for i in range(3):
            self.end_sessions()
            self.assertEqual(self.write(f"a{i}")[0], 201)
            self.end_sessions()
            self.assertEqual(self.names()[-1], f"a{i}")

    def test_slow(self):
        self.write("a")
        self.pg.pause()
        threading.Timer(2, self.pg.resume).start()
        started = time.monotonic()
        self.assertEqual(self.write("b")[0], 201)
        self.assertGreater(time.monotonic() - started, 1)
        self.assertEqual(self.names(), ["a", "b"])

    def test_the_whole_machine_stands_still(self):
        """A lid was closed: for longer than an answer may take, in which nobody could answer."""
        self.pg.pause()
        answers = []
        writer = threading.Thread(target=lambda: answers.append(self.write("a")[0]))
        writer.start()
        time.sleep(1)
        self.server.process.send_signal(signal.SIGSTOP)
        time.sleep(11)
        self.server.process.send_signal(signal.SIGCONT)
        time.sleep(1)
        self.pg.resume()
        writer.join()
        self.assertEqual((answers, self.names()), ([201], ["a"]))

    def test_hangs(self):
        self.write("a")
        self.pg.pause()
        started = time.monotonic()
        answers = []
        reader = threading.Thread(target=lambda: answers.append(self.server.get("/api/admin/teams")[0]))
        reader.start()
        status, _, body = self.write("b")
        self.assertIn((status, body["type"]), ((503, "/problems/database-away"), (504, "/problems/took-too-long")))
        reader.join()
        self.assertEqual(answers, [503])
        self.assertLess(time.monotonic() - started, SILENCE_S)
        self.pg.resume()
        self.written_again("c")
        self.assertIn(self.names(), (["a", "c"], ["a", "b", "c"]) if status == 504 else (["a", "c"],))

    def test_hangs_to_the_end(self):
        """More is waiting for the database than has threads when the server is told to stop: it stops, in its time."""
        self.write("a")
        self.pg.pause()
        threads = [threading.Thread(target=self.given_up, args=(f"/api/{what}",)) for what in ("admin/teams", "chat/history", "crawler/documents") * 8]
        for thread in threads:
            thread.start()
        time.sleep(1)
        self.server.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.server.process.wait(2 * SILENCE_S), 0, self.server.log_text())
        for thread in threads:
            thread.join()

    def given_up(self, path):
        try:
            self.assertGreaterEqual(self.server.get(path)[0], 503)
        except (ConnectionError, http.client.HTTPException):
            pass

    def test_read_only_for_a_while(self):
        self.write("a")
        self.pg.sql(f"ALTER DATABASE {self.name} SET default_transaction_read_only = on")
        self.end_sessions()
        status, _, body = self.write("b")
        self.assertEqual((status, body["type"]), (503, "/problems/read-only"), body)
        self.assertEqual(self.names(), ["a"])
        self.assertIn("default_transaction_read_only", self.server.log_text())
        self.pg.sql(f"ALTER DATABASE {self.name} SET default_transaction_read_only = off")
        self.written_again("c")
        self.assertEqual(self.names(), ["a", "c"])

    def test_no_room_for_readers(self):
        """With room for two sessions, sixteen at once are served one after the other."""
        self.pg.sql(f"ALTER ROLE {USER} CONNECTION LIMIT 2")
        self.end_sessions()
        self.write("a")
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.server.get("/api/admin/teams")[0])) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(answers, [200] * 16)

    def test_a_limit_on_statements(self):
        """An administrator's limit ends a statement, not the session."""
        self.pg.sql(f"ALTER ROLE {USER} SET lock_timeout = '200ms'")
        self.end_sessions()
        self.write("a")
        with self.locked("team"):
            status, _, body = self.write("b")
            self.assertEqual((status, body["type"]), (503, "/problems/busy"), body)
        self.written_again("c")
        self.assertEqual(self.names(), ["a", "c"])

    @contextlib.contextmanager
    def locked(self, table):
        """Another program has the table for itself."""
        def hold():
            with contextlib.suppress(RuntimeError):
                self.pg.sql(f"BEGIN; LOCK TABLE sky.{table} IN EXCLUSIVE MODE; SELECT pg_sleep(30); COMMIT", self.name)

        holder = threading.Thread(target=hold)
        holder.start()
        try:
            end = time.monotonic() + 10 * SLOW
            wanted = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
            while self.pg.sql(wanted) == "0" and time.monotonic() < end:
                time.sleep(0.02)
            yield
        finally:
            with contextlib.suppress(RuntimeError):
                self.pg.sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
            holder.join()


class LearningTest(Running):
    """A job of learning outlasts the database: it waits for it, says so, and misses nothing."""
    FILES = 2000

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-docs-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.put_files("tells")

    def put_files(self, word):
        for i in range(self.FILES):
            (self.folder / f"n{i:03}.txt").write_text(f"Note number {i} {word} something of lighthouse {i}.\n")

    def begin_learning(self):
        status, _, answer = self.server.post("/api/crawler/learn", {"paths": [str(self.folder)]})
        self.assertEqual(status, 202, answer)
        return answer["job_id"]

    def until(self, job_id, what, within=SILENCE_S):
        end = time.monotonic() + within
        while True:
            status, _, job = self.server.get(f"/api/crawler/jobs/{job_id}")
            self.assertEqual(status, 200, job)
            if what(job):
                return job
            self.assertEqual(job["state"], "running", job)
            self.assertLess(time.monotonic(), end, job)
            time.sleep(0.02)

    def waiting(self, job_id):
        job = self.until(job_id, lambda job: job["phase"] == "waiting" and "waiting" in job)
        self.assertIn("cannot be reached", job["waiting"])
        return job

    def whole(self, job, outcome="added"):
        self.assertEqual((job["state"], job[outcome], job["failed"], job["errors"]), ("done", self.FILES, 0, []))
        self.assertNotIn("waiting", job)
        found = self.pg.sql("SELECT count(DISTINCT document.name), count(DISTINCT chunk.id) FROM sky.document"
                            " JOIN sky.chunk ON chunk.content_id = document.content_id", self.name)
        self.assertEqual(found, f"{self.FILES}|{self.FILES}")

    def test_gone_before_it_begins(self):
        self.pg.kill()
        job = self.begin_learning()
        self.waiting(job)
        # Longer than a write is tried again.
        time.sleep(7)
        self.assertEqual(self.waiting(job)["files_done"], 0)
        self.pg.start()
        self.whole(self.until(job, lambda job: job["state"] != "running"))

    def test_gone_in_the_middle(self):
        """Of learning for the first time, and of learning again what changed."""
        for word, outcome in (("tells", "added"), ("says", "updated")):
            self.put_files(word)
            job = self.begin_learning()
            self.until(job, lambda job: job["files_done"] > 0)
            self.pg.kill()
            before = self.waiting(job)
            time.sleep(7)
            self.assertEqual(self.waiting(job)[outcome], before[outcome])
            self.pg.start()
            self.whole(self.until(job, lambda job: job["state"] != "running"), outcome)
            self.assertEqual(self.pg.sql(f"SELECT count(*) FROM sky.chunk WHERE text LIKE '% {word} %'", self.name), f"{self.FILES}")

    def test_what_is_sent_waits_too(self):
        self.pg.kill()
        status, _, answer = self.server.request("POST", "/api/crawler/learn?name=sent.txt", b"The sent lighthouse is red.\n",
                                                {"Content-Type": "application/octet-stream"})
        self.assertEqual(status, 202, answer)
        self.waiting(answer["job_id"])
        self.pg.start()
        job = self.until(answer["job_id"], lambda job: job["state"] != "running")
        self.assertEqual((job["state"], job["added"], job["errors"]), ("done", 1, []))

    def test_hangs_in_the_middle(self):
        job = self.begin_learning()
        self.until(job, lambda job: job["files_done"] > 0)
        self.pg.pause()
        self.until(job, lambda job: job["phase"] == "waiting", 2 * SILENCE_S)
        self.pg.resume()
        self.whole(self.until(job, lambda job: job["state"] != "running"))

    def test_what_ends_every_connection(self):
        """A write that the database does not survive is not tried for a day."""
        self.pg.sql("CREATE FUNCTION sky.bite() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER AS"
                    " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN new; END $$;"
                    "CREATE TRIGGER bite BEFORE INSERT ON sky.chunk FOR EACH ROW WHEN (new.text LIKE '%n200 tells%') EXECUTE FUNCTION sky.bite()",
                    self.name)
        (self.folder / "n200.txt").write_text("The note n200 tells of what bites.\n")
        job = self.begin_learning()
        self.waiting(job)
        ended = self.until(job, lambda job: job["state"] != "running", 60 * SLOW)
        self.assertEqual((ended["state"], ended["added"] >= 100, ended["errors"][0]["error"][:12]), ("failed", True, "the database"))
        self.written_again("after")

    def test_cancelled_while_it_waits(self):
        self.pg.kill()
        job = self.begin_learning()
        self.waiting(job)
        self.assertEqual(self.server.request("DELETE", f"/api/crawler/jobs/{job}")[0], 204)
        ended = self.until(job, lambda job: job["state"] != "running")
        self.assertEqual((ended["state"], ended["added"]), ("cancelled", 0))
        self.assertNotIn("waiting", ended)


class FencedTest(Running):
    """Another sky wrote while this one was cut off."""

    def test_another_has_written(self):
        self.write("mine")
        self.pg.sql("UPDATE sky.sky_store SET holder = 'another', number = number + 5", self.name)
        status, _, body = self.write("lost")
        self.assertEqual((status, body["type"]), (503, "/problems/read-only"), body)
        self.assertEqual(self.names(), ["mine"])
        self.assertIn("another sky has written", self.server.log_text())


class Busy(Running):
    """Four clients write while the server they write to is lost, for good or for a moment."""

    def writers(self, during):
        """What was acknowledged while during() ran and until all wrote again; what was answered otherwise."""
        acked, other, stop = [], set(), threading.Event()

        def client(number):
            connection, i = self.server.connection(), 0
            while not stop.is_set():
                name = f"c{number}-{i:05}"
                status = self.server.request("POST", "/api/admin/teams", {"name": name}, connection=connection)[0]
                i += 1
                if status == 201:
                    acked.append(name)
                else:
                    other.add(status)
                # There may be so many teams and no more.
                time.sleep(0.01)

        threads = [threading.Thread(target=client, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        try:
            during(acked)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        return acked, other

    def check(self, pg, acked, other):
        self.assertLessEqual(other, {503, 504})
        stored = pg.sql("SELECT name FROM sky.team ORDER BY name", self.name).split()
        self.assertEqual(sorted(set(acked) - set(stored)), [], "acknowledged, and lost")
        self.assertEqual(len(stored), len(set(stored)))
        if 504 not in other:
            self.assertEqual(sorted(acked), stored, "refused, and stored")

    def killed_for(self, twin):
        """The primary is killed while they write, and twin promoted."""
        def during(acked):
            self.grows(acked, 20, 20 * SLOW)
            self.pg.kill()
            twin.promote()
            self.grows(acked, 20, RESUME_S)

        self.check(twin, *self.writers(during))

    def grows(self, acked, by, within):
        start, end = len(acked), time.monotonic() + within
        while len(acked) < start + by:
            self.assertLess(time.monotonic(), end, "writes do not resume")
            time.sleep(0.01)


class BusyTest(Busy):
    def test_killed_again_and_again(self):
        def during(acked):
            for _ in range(4):
                self.grows(acked, 20, 20 * SLOW)
                self.pg.kill()
                self.pg.start()
                self.grows(acked, 5, RESUME_S)

        self.check(self.pg, *self.writers(during))

    def test_sessions_ended_again_and_again(self):
        def during(acked):
            for _ in range(15):
                self.grows(acked, 10, 20 * SLOW)
                self.end_sessions()
                self.grows(acked, 5, RESUME_S)

        acked, other = self.writers(during)
        self.check(self.pg, acked, other)
        self.assertEqual(other, set())


class StandbyTest(Busy):
    alone = False

    def test_the_standby_takes_over(self):
        with self.pg.standby(synchronous=True) as twin:
            self.begin(urls(self.pg, twin, database=self.name, options="-csearch_path=sky,public"))
            self.killed_for(twin)


@unittest.skipUnless(machine.possible(), "making network namespaces wants root")
class MachinesTest(Busy):
    """Primary and standby are machines of their own."""
    alone = False

    def machines(self):
        first, second = machine.Machine(1), machine.Machine(2)
        self.addCleanup(first.close)
        self.addCleanup(second.close)
        first.connect(second)
        return first, second

    def pair(self, first, second):
        self.pg = Postgres(machine=first)
        self.addCleanup(self.pg.close)
        _, self.name = database(self.pg)
        twin = self.pg.standby(synchronous=True, machine=second)
        self.addCleanup(twin.close)
        self.begin(urls(self.pg, twin, database=self.name, options="-csearch_path=sky,public"))
        return twin

    def test_the_primary_is_killed(self):
        self.killed_for(self.pair(*self.machines()))

    def test_the_machine_of_the_primary_is_gone(self):
        """Nobody says so: packets get lost."""
        first, second = self.machines()
        twin = self.pair(first, second)

        def during(acked):
            self.grows(acked, 20, 20 * SLOW)
            first.cut()
            twin.promote()
            self.grows(acked, 20, SILENCE_S)

        self.check(twin, *self.writers(during))


if __name__ == "__main__":
    unittest.main()
