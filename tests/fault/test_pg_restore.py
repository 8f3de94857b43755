"""test_pg_restore.py: kill -9 in the middle of restores into a database: it is empty, or known as half filled and not served, or whole, and
the next restore finishes."""
import shutil
import unittest

from backuplib import Filled
from faultlib import amount, dice, support

from postgres import Postgres

KILLS = amount(6, 60)
MARK = "SELECT count(*) FROM sky.setting WHERE key = 'restore.unfinished'"
# What a restore fills; a store that nobody used has no rows in them.
TABLES = ("account", "chunk", "content", "vector")


class PgRestore(Filled):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pg = Postgres()
        cls.addClassCleanup(cls.pg.close)

    def setUp(self):
        self.target, self.left = self.folder / "target", self.folder / "target.part"
        shutil.rmtree(self.target, ignore_errors=True)
        shutil.rmtree(self.left, ignore_errors=True)

    def restore(self, url):
        self.assertEqual(self.command("restore", "--store", url, self.file, "--data", self.target)["digest"], self.digest)
        self.assertFalse(self.left.exists())

    def digest_of_database(self, url):
        file = self.folder / "sum.skybak"
        file.unlink(missing_ok=True)
        return self.command("backup", "--store", url, "--data", self.target, file)["digest"]

    def state(self, name):
        """What a killed restore left in a database."""
        if self.pg.sql("SELECT to_regclass('sky.setting') IS NULL", name) == "t":
            return "empty"
        if self.pg.sql(MARK, name) != "0":
            return "marked"
        return "rows" if any(self.pg.sql(f"SELECT 1 FROM sky.{table} LIMIT 1", name) for table in TABLES) else "empty"

    def assert_not_served(self, url):
        done = support.run("serve", "--store", url, data=self.folder / "other", timeout=support.ANSWER_S)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("a restore into this store did not finish", " ".join(done.stderr.split()))

    def test_at_any_moment(self):
        throw, states = dice("restore into PostgreSQL"), {"empty": 0, "marked": 0, "rows": 0}
        first, kills = self.pg.database(), 0
        took = self.seconds(lambda: self.restore(first))
        for i in range(KILLS):
            shutil.rmtree(self.target, ignore_errors=True)
            url = self.pg.database()
            # Its end is short, and has most of the steps.
            begin = .8 * took if i % 2 else 0
            if self.killed(throw, begin, took, "restore", "--store", url, self.file, "--data", self.target):
                kills += 1
            else:
                took *= .9  # the first one had a cold start
            state = self.state(url.rpartition("/")[2])
            states[state] += 1
            with self.subTest(kill=i, state=state, folder=self.target.exists()):
                if state == "marked":
                    self.assert_not_served(url)
                    shutil.rmtree(self.target, ignore_errors=True)
                # Rows without a mark are all there, and so is what belongs to them.
                self.assertEqual(self.target.exists(), state == "rows")
                if state != "rows":
                    self.restore(url)
                self.assertEqual(self.digest_of_database(url), self.digest)
        self.count("restore into PostgreSQL", KILLS, kills, **states)
        self.assertGreater(states["marked"], KILLS // 4)


if __name__ == "__main__":
    unittest.main()
