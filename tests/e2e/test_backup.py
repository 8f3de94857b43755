"""test_backup.py: backups of the running program: consistent under load, sealed, refused when altered, by plan and by API."""
import json
import os
import pathlib
import random
import shutil
import tempfile
import termios
import threading
import time
import unittest

import support
from support import DATA, ENGINE, Server, run, sql, store_env
from test_cli import Terminal

PASS = "correct horse battery"


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-backup-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.passphrase = self.folder / "passphrase"
        self.passphrase.write_text(PASS + "\n")
        self.passphrase.chmod(0o600)

    def serve(self, *options, data="data", **more):
        server = Server(*options, data=self.folder / data, **more)
        self.addCleanup(server.close)
        return server

    def good(self, *arguments, data=None):
        done = run("admin", *arguments, "--json", data=data)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def bad(self, pattern, *arguments, data=None, status=1):
        done = run("admin", *arguments, data=data)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertRegex(" ".join(done.stderr.split()), pattern)
        self.assertNotIn(PASS, done.stdout + done.stderr)


class Commands(Folder):
    def test_there_and_back_with_keys(self):
        ini = self.folder / "sky.ini"
        ini.write_text("nod = 5\n")
        server = self.serve("--config", ini)
        self.assertEqual(server.learn(DATA / "docs")["state"], "done")
        status, _, made = server.post("/api/admin/sprints", {"name": "One"})
        self.assertEqual(status, 201, made)
        file = self.folder / "a.skybak"
        sealed = ("--passphrase-file", self.passphrase)
        wrote = self.good("backup", "--with-keys", "--with-config", *sealed, "--config", ini, file, data=server.data)
        self.assertEqual((wrote["sealed"], wrote["keys"], wrote["config"], wrote["engine"]), (True, True, True, ENGINE))
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.good("verify", *sealed, file)["digest"], wrote["digest"])
        self.assertNotIn(b"sprint", file.read_bytes())
        server.stop()
        back = self.folder / "back"
        self.assertEqual(self.good("restore", *sealed, file, data=back)["digest"], wrote["digest"])
        self.assertEqual((back / "restored.ini").read_text(), "nod = 5\n")
        for name in ("owner.token", "keys/node.key", "keys/access.key", "keys/tls.key"):
            self.assertEqual((back / name).read_bytes(), (server.data / name).read_bytes())
            self.assertEqual((back / name).stat().st_mode & 0o777, 0o600)
        again = self.serve(data="back")
        self.assertEqual([s["name"] for s in again.get("/api/admin/sprints")[2]["sprints"]], ["One"])
        self.assertEqual(again.token, server.token)
        self.assertTrue(again.get("/api/crawler/search?q=lantern")[2]["results"])
        self.assertTrue(again.get("/api/admin/audit/verify")[2]["ok"])

    def test_what_is_refused(self):
        server = self.serve()
        plain, sealed = self.folder / "plain.skybak", self.folder / "sealed.skybak"
        self.bad("keys are only put into a sealed backup", "backup", "--with-keys", plain, data=server.data, status=2)
        self.good("backup", plain, data=server.data)
        self.good("backup", "--passphrase-file", self.passphrase, sealed, data=server.data)
        self.bad("exists: name a file that does not", "backup", plain, data=server.data)
        self.bad("its folder is not there: make that first", "backup", self.folder / "no" / "x", data=server.data)
        self.bad("no terminal to ask", "backup", "--passphrase", self.folder / "x", data=server.data, status=2)
        other = self.folder / "other"
        other.write_text("another one\n")
        self.bad("can be read by others: chmod 600", "verify", "--passphrase-file", other, sealed)
        other.chmod(0o600)
        self.bad("sealed with another passphrase", "verify", "--passphrase-file", other, sealed)
        self.bad("is sealed: give its passphrase", "verify", sealed)
        other.write_text("short\n")
        self.bad("the passphrase is short", "backup", "--passphrase-file", other, self.folder / "y", data=server.data)
        other.write_text("\n")
        self.bad("must be the passphrase", "verify", "--passphrase-file", other, sealed)
        self.bad("holds files: restore into a folder that is empty", "restore", plain, data=server.data)
        self.bad("is not a backup of sky", "verify", server.data / ("sky.db" if ENGINE == "sqlite" else "keys/node.key"))
        self.bad("does not exist or is empty" if ENGINE == "sqlite" else "holds nothing of sky's yet", "backup", self.folder / "z", data=self.folder / "nowhere")
        self.bad("backup|verify", "backup", data=server.data, status=2)
        target = self.folder / "target"
        for size in (0, 100, plain.stat().st_size // 2, plain.stat().st_size - 1):
            cut = self.folder / "cut"
            cut.write_bytes(plain.read_bytes()[:size])
            self.bad("damaged|not a backup", "restore", cut, data=target)
            self.assertFalse(target.exists())
        self.assertEqual(sorted(p.name for p in self.folder.iterdir() if ".part" in p.name), [])

    def test_the_configuration_that_is_read_without_being_named(self):
        server = self.serve()
        here = {**os.environ, "XDG_CONFIG_HOME": str(self.folder)}
        file, ini = self.folder / "a.skybak", self.folder / "sky" / "sky.ini"
        missing = run("admin", "backup", "--with-config", file, data=server.data, env=here)
        self.assertEqual(missing.returncode, 1)
        self.assertIn(f"there is no configuration file at {ini}: leave out --with-config", missing.stderr)
        self.assertFalse(file.exists())
        ini.parent.mkdir()
        ini.write_text("nod = 5\n")
        done = run("admin", "backup", "--with-config", "--json", file, data=server.data, env=here)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(json.loads(done.stdout)["config"])
        self.good("restore", file, data=self.folder / "back")
        self.assertEqual((self.folder / "back" / "restored.ini").read_text(), "nod = 5\n")

    def test_a_passphrase_is_typed_unseen(self):
        server = self.serve()
        file = self.folder / "typed.skybak"
        terminal = Terminal("admin", "backup", "--passphrase", file, "--data", server.data, env=store_env(server.data))
        terminal.read_until("Passphrase: ")
        terminal.type(PASS + "\n")
        terminal.read_until("Once more: ")
        terminal.type(PASS + "\n")
        self.assertEqual(terminal.wait(), 0)
        self.assertNotIn(PASS, terminal.seen)
        self.assertTrue(self.good("verify", "--passphrase-file", self.passphrase, file)["sealed"])

    def test_an_interrupt_at_the_prompt_leaves_the_terminal_as_it_was(self):
        server = self.serve()
        terminal = Terminal("admin", "backup", "--passphrase", self.folder / "x.skybak", "--data", server.data,
                            env=store_env(server.data))
        terminal.read_until("Passphrase: ")
        end = os.dup(terminal.fd)
        self.addCleanup(os.close, end)

        def shown():
            return termios.tcgetattr(end)[3] & termios.ECHO
        while shown():
            time.sleep(.01)
        terminal.type("half of it\x03")
        self.assertEqual(terminal.wait(), 130)
        self.assertTrue(shown())
        self.assertFalse((self.folder / "x.skybak").exists())

    @unittest.skipUnless(ENGINE == "sqlite", "between a folder and a database: test_engines.py")
    def test_a_store_is_copied_to_another_folder(self):
        server = self.serve()
        self.assertEqual(server.learn(DATA / "docs")["state"], "done")
        self.bad("another server uses", "migrate", server.data, self.folder / "copy")
        server.stop()
        copied = self.good("migrate", server.data, self.folder / "copy")
        wrote = self.good("backup", self.folder / "a.skybak", data=server.data)
        self.assertEqual(copied["digest"], wrote["digest"])
        self.assertEqual(self.good("backup", self.folder / "b.skybak", data=self.folder / "copy")["digest"], wrote["digest"])
        self.bad("exists: move it away", "migrate", server.data, self.folder / "copy")
        self.bad("does not exist", "migrate", self.folder / "nowhere", self.folder / "copy2")


class Load(threading.Thread):
    """Makes sprints with the names 0, 1, 2 … one after the other, as long as it may: there may be 500."""

    def __init__(self, server):
        super().__init__()
        self.server, self.made, self.may, self.ending, self.bad = server, 0, 0, threading.Event(), None

    def run(self):
        connection = self.server.connection()
        while not self.ending.is_set() and not self.bad:
            if self.made >= self.may:
                time.sleep(.005)
                continue
            status, _, answer = self.server.post("/api/admin/sprints", {"name": str(self.made)}, connection=connection)
            if status == 201:
                self.made += 1
            elif status == 429:
                time.sleep(.1)
            else:
                self.bad = status, answer
        connection.close()


class Online(Folder):
    ROUNDS = 6

    def test_under_load_it_is_one_moment(self):
        """What was answered before it began is in it; of what came later, a beginning; and the audit log is whole."""
        server = self.serve()
        load = Load(server)
        load.start()
        try:
            for i in range(self.ROUNDS):
                before = load.made
                load.may = before + 70
                while load.made < before + 10 and not load.bad:
                    time.sleep(.005)
                before, file, back = load.made, self.folder / f"{i}.skybak", self.folder / f"back{i}"
                self.good("backup", file, data=server.data)
                after = load.made + 1  # one may be committed and not answered yet
                self.good("restore", file, data=back)
                names = [int(n) for (n,) in sql(back, "SELECT name FROM sprint")]
                [(head, last)] = sql(back, "SELECT h.seq, (SELECT max(seq) FROM audit) AS last FROM audit_head h")
                self.assertEqual(sorted(names), list(range(len(names))))
                self.assertTrue(before <= len(names) <= after, (before, len(names), after))
                self.assertEqual(head, last or 0)
                self.assertTrue(self.good("audit", "verify", data=back)["ok"])
        finally:
            load.ending.set()
            load.join()
        self.assertIsNone(load.bad)
        self.assertEqual(server.get("/health", token=False)[0], 200)


class Habit(Folder):
    def wait(self, server, check=lambda b: not b["running"]):
        end = time.monotonic() + support.ANSWER_S
        while time.monotonic() < end:
            status, _, body = server.get("/api/admin/backup")
            self.assertEqual(status, 200, body)
            if check(body):
                return body
            time.sleep(.02)
        raise TimeoutError(body)

    def test_by_request_with_retention(self):
        server = self.serve("--backup-keep", "2")
        body = self.wait(server)
        self.assertEqual((body["last_at"], body["files"], body["every_h"], body["keep"]), (None, [], 0, 2))
        mine = pathlib.Path(body["folder"])
        mine.mkdir(mode=0o700)
        self.good("backup", mine / "mine.skybak", data=server.data)
        for _ in range(4):
            status, _, started = server.post("/api/admin/backup", {})
            self.assertEqual((status, started["running"]), (202, True))
            body = self.wait(server)
            self.assertIsNone(body["failure"])
        self.assertEqual(sorted(f["scheduled"] for f in body["files"]), [False, True, True])
        newest = next(f for f in body["files"] if f["scheduled"])
        self.assertEqual(self.good("verify", mine / newest["name"])["bytes"], body["last_bytes"])
        self.assertRegex(server.get("/metrics")[2].decode(), r"\nsky_backup_age_seconds \d")
        acts = [a["act"] for a in server.get("/api/admin/audit?act=backup.started")[2]["audit"]]
        self.assertEqual(len(acts), 4)
        server.stop()
        again = self.serve("--backup-keep", "2")
        self.assertEqual(self.wait(again, lambda b: b["last_at"])["last_bytes"], newest["bytes"])

    def test_sealed_with_keys_and_a_failure_that_is_told(self):
        server = self.serve("--backup-passphrase-file", self.passphrase)
        server.post("/api/admin/backup", {})
        body = self.wait(server, lambda b: b["files"] and not b["running"])
        self.assertEqual((body["sealed"], body["files"][0]["sealed"], body["files"][0]["keys"]), (True, True, True))
        file = pathlib.Path(body["folder"]) / body["files"][0]["name"]
        self.good("restore", "--passphrase-file", self.passphrase, file, data=self.folder / "back")
        self.assertEqual((self.folder / "back/owner.token").read_text().strip(), server.token)
        self.passphrase.unlink()
        server.post("/api/admin/backup", {})
        body = self.wait(server, lambda b: b["failure"])
        self.assertIn("passphrase", body["failure"])
        self.assertEqual(len(body["files"]), 1)
        self.assertRegex(server.get("/metrics")[2].decode(), r"\nsky_backup_failures_total 1\n")

    def test_a_key_makes_one_backup(self):
        server = self.serve()
        head = {"Idempotency-Key": "only-once"}
        answers = [server.post("/api/admin/backup", {}, headers=head) for _ in range(2)]
        self.assertEqual([a[0] for a in answers], [202, 202])
        self.assertEqual(answers[0][2], answers[1][2])
        body = self.wait(server, lambda b: b["files"] and not b["running"])
        self.assertEqual(len(body["files"]), 1)


if __name__ == "__main__":
    unittest.main()
