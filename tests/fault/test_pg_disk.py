"""test_pg_disk.py: the disk below PostgreSQL fills up; see disk_shim.c."""
import errno
import os
import pathlib
import shutil
import tempfile
import time
import unittest
from unittest import mock

from faultlib import Server, support  # noqa: F401: finds the modules of e2e
from test_disk import CUT, WRITE, Shim

from postgres import USER, Postgres

# A page of a table holds sixty of them.
NAMES = 800


class PgDisk(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-fault-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.pg = Postgres()
        self.addCleanup(self.pg.close)
        # The tables, not the server's log: without that it would end, and come back when there is room.
        self.shim = Shim(folder, self.pg.data / "base")
        folder.chmod(0o755)
        (folder / "control").chmod(0o666)
        self.pg.stop()
        with mock.patch.dict(os.environ, self.shim.env):
            self.pg.start()
        url = self.pg.database()
        self.name = url.rpartition("/")[2]
        self.pg.sql(f"CREATE SCHEMA sky AUTHORIZATION {USER}", self.name)
        self.server = Server("--store", url + "?options=-csearch_path%3Dsky,public")
        self.addCleanup(self.server.close)

    def test_it_fills_up(self):
        acked, refused = [], 0

        def write():
            name = f"team {len(acked):04} {'x' * 100}"
            status, _, body = self.server.post("/api/admin/teams", {"name": name})
            if status == 201:
                acked.append(name)
            else:
                self.assertEqual((status, body["type"]), (507, "/problems/disk-full"), body)
            return status == 201

        for _ in range(10):
            self.assertTrue(write())
        self.shim.arm(errno.ENOSPC, WRITE | CUT, 0, False)
        while refused < 5 and len(acked) < NAMES:
            refused += not write()
        self.assertEqual(refused, 5)
        self.assertGreater(self.shim.counts()["write"] + self.shim.counts()["cut"], 0)
        self.assertEqual(self.server.get("/api/admin/teams?limit=1")[0], 200)
        self.shim.disarm()
        end = time.monotonic() + 10 * support.SLOW
        while not write():
            self.assertLess(time.monotonic(), end, "it does not come back")
            time.sleep(0.1)
        stored = self.pg.sql("SELECT name FROM sky.team ORDER BY name", self.name).split("\n")
        self.assertEqual(stored, sorted(acked))


if __name__ == "__main__":
    unittest.main()
