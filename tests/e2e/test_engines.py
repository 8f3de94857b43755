"""test_engines.py: what one engine holds goes into a backup and onto the other, and back, with equal sums."""
import unittest

from postgres import Postgres
from support import DATA
from test_backup import Folder

QUESTION = "On which port is the status page served?"


class Engines(Folder):
    """The database is a Turkish one: its i has no I, and it sorts as no program does. Nothing of ours may follow it."""
    @classmethod
    def setUpClass(cls):
        cls.pg = Postgres(locale="tr_TR")
        cls.addClassCleanup(cls.pg.close)
        assert cls.pg.sql("SELECT upper('i') <> 'I' AND 'a' < 'B'") == "t"

    def filled(self):
        """A data folder with documents and something of a person's, and the sum of its rows."""
        server = self.serve()
        self.assertEqual(server.learn(DATA / "docs")["state"], "done")
        server.wait_vectors()
        self.assertEqual(server.post("/api/admin/sprints", {"name": "One"})[0], 201)
        server.stop()
        file = self.folder / "sqlite.skybak"
        return server.data, file, self.good("backup", file, data=server.data)["digest"]

    def answers(self, server):
        """It has what filled() put in."""
        self.assertEqual([s["name"] for s in server.get("/api/admin/sprints")[2]["sprints"]], ["One"])
        self.assertIn("7412", server.ask(QUESTION)["answer"])
        self.assertTrue(server.get("/api/admin/audit/verify")[2]["ok"])
        self.assertEqual([check for check in server.get("/api/status/checks")[2]["checks"] if not check["ok"]], [])

    def test_a_store_moves_to_a_database_and_back(self):
        data, _, digest = self.filled()
        url = self.pg.database()
        copied = self.good("migrate", data, url, data=data)
        self.assertEqual((copied["digest"], copied["file"]), (digest, "the database"))
        self.bad("it holds data", "migrate", data, url, data=data)
        server = self.serve("--store", url)
        self.answers(server)
        self.bad("another server uses", "migrate", url, self.folder / "early", data=data)
        # While it serves: as of one moment.
        made = self.good("backup", "--store", url, self.folder / "online.skybak", data=data)
        self.assertEqual(made["engine"], "postgresql")
        server.stop()
        now = self.good("backup", "--store", url, self.folder / "now.skybak", data=data)["digest"]
        self.assertEqual(self.good("migrate", url, self.folder / "back", data=data)["digest"], now)
        for name in ("keys", "owner.token"):
            (self.folder / "back" / name).symlink_to(data / name)
        self.answers(self.serve(data="back"))

    def test_a_backup_of_one_is_restored_on_the_other(self):
        data, file, digest = self.filled()
        url = self.pg.database()
        target = self.folder / "target"
        self.assertEqual(self.good("restore", "--store", url, file, data=target)["digest"], digest)
        server = self.serve("--store", url, data="target")
        self.answers(server)
        server.stop()
        self.bad("the database holds data", "restore", "--store", url, file, data=self.folder / "other")
        self.assertFalse((self.folder / "other").exists())

    def test_what_is_not_there_is_said(self):
        self.bad("holds nothing of sky's yet", "backup", "--store", self.pg.database(), self.folder / "x.skybak", data=self.folder / "nowhere")
        self.assertFalse((self.folder / "x.skybak").exists())


if __name__ == "__main__":
    unittest.main()
