"""test_backup.py: kill -9 in the middle of backups, restores and copies, and disks that fill up beneath them: the next run finishes, and
nothing half done is ever taken for whole."""
import errno
import shutil
import sqlite3
import subprocess
import unittest

from backuplib import Filled
from faultlib import SEED, amount, dice, support
from test_disk import CUT, SYNC, WRITE, Shim

KILLS = amount(8, 120)


class Backups(Filled):
    def digest_of(self, data):
        """The sum of all rows of a folder's store, which must also pass the doctor of SQLite."""
        db = sqlite3.connect(data / "sky.db")
        self.assertEqual(db.execute("PRAGMA integrity_check").fetchone()[0], "ok")
        db.close()
        file = self.folder / "sum.skybak"
        file.unlink(missing_ok=True)
        return self.command("backup", "--data", data, file)["digest"]

    def test_in_a_backup(self):
        throw, kills, whole = dice("backup"), 0, 0
        file, part = self.folder / "k.skybak", self.folder / "k.skybak.part"

        def finish():
            self.assertEqual(self.command("backup", "--data", self.data, file)["digest"], self.digest)
        took = self.seconds(finish)
        for _ in range(KILLS):
            file.unlink(missing_ok=True)
            kills += self.killed(throw, 0, took, "backup", "--data", self.data, file)
            if file.exists():
                whole += 1
                self.assertEqual(self.command("verify", file)["digest"], self.digest)
                file.unlink()
            took = self.seconds(finish)
            self.assertFalse(part.exists())
        self.count("backup", KILLS, kills, already_whole=whole)

    def test_in_a_restore(self):
        throw, kills, whole = dice("restore"), 0, 0
        target, left = self.folder / "target", self.folder / "target.part"

        def finish():
            self.command("restore", self.file, "--data", target)
        took = self.seconds(finish)
        for i in range(KILLS):
            shutil.rmtree(target, ignore_errors=True)
            kills += self.killed(throw, 0, took, "restore", self.file, "--data", target)
            if target.exists():
                whole += 1
                self.assertEqual(self.digest_of(target), self.digest)
                shutil.rmtree(target)
            took = self.seconds(finish)
            self.assertFalse(left.exists())
            if i % 4 == 0:
                self.assertEqual(self.digest_of(target), self.digest)
        self.count("restore", KILLS, kills, already_whole=whole)

    def test_in_a_copy(self):
        throw, kills, whole = dice("migrate"), 0, 0
        target = self.folder / "copy"

        def finish():
            self.assertEqual(self.command("migrate", self.data, target)["digest"], self.digest)
        took = self.seconds(finish)
        for i in range(KILLS):
            shutil.rmtree(target, ignore_errors=True)
            kills += self.killed(throw, 0, took, "migrate", self.data, target)
            if (target / "sky.db").exists():
                whole += 1
                self.assertEqual(self.digest_of(target), self.digest)
                shutil.rmtree(target)
            took = self.seconds(finish)
            self.assertEqual(sorted(p.name for p in target.iterdir() if p.name.endswith(".part")), [])
        self.count("migrate", KILLS, kills, already_whole=whole)

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
