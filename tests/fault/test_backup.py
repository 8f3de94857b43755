"""test_backup.py: kill -9 in the middle of backups, restores and copies, and disks that fill up beneath them: the next run finishes, and
nothing half done is ever taken for whole."""
import errno
import json
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest

from faultlib import SEED, amount, dice, record, support
from test_disk import CUT, SYNC, WRITE, Shim

KILLS = amount(8, 120)
DOCUMENTS = amount(20, 60)


def fill(data):
    """A store that takes a moment to copy: half of it packs, half does not."""
    server = support.Server(data=data)
    server.stop()
    throw = random.Random(1)
    db = sqlite3.connect(data / "sky.db")
    for n in range(DOCUMENTS):
        text = " ".join(f"word{throw.randrange(5000)}" for _ in range(8000))
        db.execute("INSERT INTO content VALUES (?, ?, 1, 'T', 'text/plain', 'en', ?, '[]')", (f"c{n}", throw.randbytes(32), text))
        db.executemany("INSERT INTO chunk VALUES (?, ?, ?, 0, 1, 'n', 't', 'h', ?)",
                       [(n * 100 + i, f"c{n}", i, text[i * 900:i * 900 + 900]) for i in range(60)])
        db.executemany("INSERT INTO vector VALUES (?, 'minilm', 0, 0, 1, ?)", [(n * 100 + i, throw.randbytes(768)) for i in range(60)])
    db.commit()
    db.close()


class Backups(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-fault-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.data = cls.folder / "data"
        fill(cls.data)
        cls.file = cls.folder / "whole.skybak"
        cls.digest = cls.command("backup", "--data", cls.data, cls.file)["digest"]

    @staticmethod
    def command(*arguments):
        done = support.run("admin", *arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def digest_of(self, data):
        """The sum of all rows of a folder's store, which must also pass the doctor of SQLite."""
        db = sqlite3.connect(data / "sky.db")
        self.assertEqual(db.execute("PRAGMA integrity_check").fetchone()[0], "ok")
        db.close()
        file = self.folder / "sum.skybak"
        file.unlink(missing_ok=True)
        return self.command("backup", "--data", data, file)["digest"]

    def killed(self, throw, seconds, *arguments):
        """Starts it, and kills it at some moment of the time it takes. True: it was killed."""
        process = subprocess.Popen([str(support.SKY), "admin", *map(str, arguments)], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(throw.uniform(0, seconds))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        return process.wait() == -signal.SIGKILL

    @staticmethod
    def seconds(call):
        begun = time.monotonic()
        call()
        return time.monotonic() - begun

    def count(self, name, kills, whole):
        self.assertGreater(kills, KILLS // 4, f"seed {SEED}: too few were killed in the middle")
        record(f"kill -9: {name}", kills=kills, already_whole=whole)

    def test_in_a_backup(self):
        throw, kills, whole = dice("backup"), 0, 0
        file, part = self.folder / "k.skybak", self.folder / "k.skybak.part"
        took = self.seconds(lambda: self.command("backup", "--data", self.data, file))
        for _ in range(KILLS):
            file.unlink(missing_ok=True)
            kills += self.killed(throw, took, "backup", "--data", self.data, file)
            if file.exists():
                whole += 1
                self.assertEqual(self.command("verify", file)["digest"], self.digest)
                file.unlink()
            self.assertEqual(self.command("backup", "--data", self.data, file)["digest"], self.digest)
            self.assertFalse(part.exists())
        self.count("backup", kills, whole)

    def test_in_a_restore(self):
        throw, kills, whole = dice("restore"), 0, 0
        target, left = self.folder / "target", self.folder / "target.part"
        took = self.seconds(lambda: self.command("restore", self.file, "--data", target))
        for i in range(KILLS):
            shutil.rmtree(target, ignore_errors=True)
            kills += self.killed(throw, took, "restore", self.file, "--data", target)
            if target.exists():
                whole += 1
                self.assertEqual(self.digest_of(target), self.digest)
                shutil.rmtree(target)
            self.command("restore", self.file, "--data", target)
            self.assertFalse(left.exists())
            if i % 4 == 0:
                self.assertEqual(self.digest_of(target), self.digest)
        self.count("restore", kills, whole)

    def test_in_a_copy(self):
        throw, kills, whole = dice("migrate"), 0, 0
        target = self.folder / "copy"
        took = self.seconds(lambda: self.command("migrate", self.data, target))
        for i in range(KILLS):
            shutil.rmtree(target, ignore_errors=True)
            kills += self.killed(throw, took, "migrate", self.data, target)
            if (target / "sky.db").exists():
                whole += 1
                self.assertEqual(self.digest_of(target), self.digest)
                shutil.rmtree(target)
            self.assertEqual(self.command("migrate", self.data, target)["digest"], self.digest)
            self.assertEqual(sorted(p.name for p in target.iterdir() if p.name.endswith(".part")), [])
        self.count("migrate", kills, whole)

    def test_disks_that_fail(self):
        """Beneath the backup's file, then beneath the restored folder: refused with the reason, nothing left, and it works again after."""
        disk = self.folder / "disk"
        disk.mkdir()
        shim = Shim(self.folder, disk)
        throw = dice("backup disk")
        file, target = disk / "a.skybak", disk / "target"
        commands = (("backup", "--data", self.data, file), ("restore", self.file, "--data", target))
        for error, kinds, word in ((errno.ENOSPC, WRITE | CUT, "full"), (errno.EIO, WRITE, "failed"), (errno.EIO, SYNC, "failed")):
            for arguments in commands:
                with self.subTest(error=errno.errorcode[error], kinds=kinds, command=arguments[0]):
                    met = sum(shim.counts().values())
                    shim.arm(error, kinds, throw.randrange(2) if kinds == SYNC else throw.randrange(1, 6), False)
                    done = subprocess.run([str(support.SKY), "admin", *map(str, arguments)], env={**support.os.environ, **shim.env},
                                          capture_output=True, text=True, timeout=support.ANSWER_S)
                    shim.disarm()
                    self.assertGreater(sum(shim.counts().values()), met)
                    self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                    self.assertIn(word, done.stderr)
                    self.assertEqual([p.name for p in disk.iterdir() if not p.name.endswith(".lock")], [])
        self.assertEqual(self.command(*commands[0])["digest"], self.digest)
        self.command(*commands[1])
        self.assertEqual(self.digest_of(target), self.digest)


if __name__ == "__main__":
    unittest.main()
