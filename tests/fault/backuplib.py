"""backuplib.py: what the tests of killed backups share: a filled data folder, a backup of it, commands that are killed."""
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

from faultlib import SEED, amount, record, support

DOCUMENTS = amount(20, 60)


def halves(throw):
    """A vector of 384 numbers, each below 2: pgvector takes none that is infinite."""
    mask = int.from_bytes(b"\xbf\xff" * 384)
    return (int.from_bytes(throw.randbytes(768)) & mask).to_bytes(768, "little")


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
        db.executemany("INSERT INTO vector VALUES (?, 'minilm', 0, 0, 1, ?)", [(n * 100 + i, halves(throw)) for i in range(60)])
    db.commit()
    db.close()


class Filled(unittest.TestCase):
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

    @staticmethod
    def killed(throw, begin, end, *arguments):
        """Starts it, and kills it at some moment between these seconds. True: it was killed."""
        process = subprocess.Popen([str(support.SKY), "admin", *map(str, arguments)], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(throw.uniform(begin, end))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        return process.wait() == -signal.SIGKILL

    @staticmethod
    def seconds(call):
        begun = time.monotonic()
        call()
        return time.monotonic() - begun

    def count(self, name, tried, kills, **states):
        self.assertGreater(kills, tried // 4, f"seed {SEED}: too few were killed in the middle")
        record(f"kill -9: {name}", kills=kills, **states)
