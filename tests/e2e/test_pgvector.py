"""What a database must have before knowledge can be kept in it, and what the program says when it has not."""
import tempfile
import unittest

from postgres import Postgres
from support import DATA, Server, run


class Extension(unittest.TestCase):
    def setUp(self):
        self.pg = Postgres()
        self.addCleanup(self.pg.close)
        folder = tempfile.TemporaryDirectory(prefix="sky-e2e-")
        self.addCleanup(folder.cleanup)
        self.data = folder.name

    def test_who_may_not_create_it_is_told_who_may(self):
        url = self.pg.database(vector=False)
        done = run("serve", "--store", url, "--http", "127.0.0.1:0", "--https", "off", data=self.data)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("has no extension vector: as a superuser run CREATE EXTENSION vector there", done.stderr)
        self.assertNotIn(self.pg.password, done.stderr)

    def test_knowledge_lies_beside_an_extension_in_public(self):
        server = Server("--store", self.pg.database())
        self.addCleanup(server.close)
        self.assertEqual(server.learn(DATA / "docs")["state"], "done")
        server.wait_vectors()
        answer = server.ask("On which port is the status page served?")
        self.assertIn("7412", answer["answer"])
        self.assertEqual(self.pg.sql("SELECT COUNT(*) > 0 FROM sky.vector WHERE near IS NOT NULL", "sky_1"), "t")

    def test_nobodys_search_path_leads_a_trigger_astray(self):
        server = Server("--store", self.pg.database())
        self.addCleanup(server.close)
        self.assertEqual(server.learn(DATA / "docs")["state"], "done")
        server.wait_vectors()
        server.stop()
        tables = ("setting", "vector", "sentence", "keyword", "keyword_content")
        for table in tables:
            self.pg.sql(f"CREATE SCHEMA IF NOT EXISTS astray; CREATE TABLE astray.{table} (LIKE sky.{table} INCLUDING ALL);"
                        f" INSERT INTO astray.{table} SELECT * FROM sky.{table}", "sky_1")
        counts = "SELECT " + ", ".join(f"(SELECT COUNT(*) FROM {{0}}.{table})" for table in tables[1:])
        generation = "SELECT value FROM {0}.setting WHERE key = 'vectors.minilm'"
        before = [self.pg.sql(text.format("astray"), "sky_1") for text in (counts, generation)]
        self.pg.sql("SET search_path TO astray, public; DELETE FROM sky.chunk", "sky_1")
        self.assertEqual([self.pg.sql(text.format("astray"), "sky_1") for text in (counts, generation)], before)
        self.assertEqual(self.pg.sql(counts.format("sky"), "sky_1"), "0|0|0|0")
        self.assertGreater(int(self.pg.sql(generation.format("sky"), "sky_1")), int(before[1]))


if __name__ == "__main__":
    unittest.main()
