"""test_admin.py: what the dashboard is told: the overview, the node, sources and jobs, and the live stream."""
import http.client
import json
import pathlib
import shutil
import tempfile
import time
import unittest

from support import DATA, ENGINE, Server, ServerTest

ADMIN = ["/api/admin/events", "/api/admin/overview", "/api/admin/system", "/api/crawler/sources", "/api/crawler/jobs"]


class Admin(ServerTest):
    def get(self, path):
        status, _, body = self.server.get(path)
        self.assertEqual(status, 200, body)
        return body

    def stream(self, count):
        """The first `count` events of the live stream."""
        connection = self.server.connection()
        self.addCleanup(connection.close)
        connection.request("GET", "/api/admin/events", headers={
            "Authorization": f"Bearer {self.server.token}", "Accept": "text/event-stream"})
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.headers.get_content_type()), (200, "text/event-stream"))
        events = []
        for line in answer:
            if line.startswith(b"data: "):
                events.append(json.loads(line[6:]))
                if len(events) == count:
                    return events
        raise AssertionError("the stream ended")

    def test_only_administrators_look(self):
        invite = self.server.post("/api/auth/register", {"email": "ow@example.com", "password": "a long enough one"})
        self.assertEqual(invite[0], 201, invite)
        status, _, member = self.server.post(
            "/api/auth/register", {"email": "me@example.com", "password": "a long enough one"})
        self.assertEqual((status, member["user"]["role"]), (201, "member"))
        for path in ADMIN:
            with self.subTest(path):
                self.problem(self.server.get(path, token=False), 401)
                head = {"Authorization": "Bearer " + member["access_token"]}
                self.problem(self.server.get(path, token=False, headers=head), 403)
        for method, path in (("POST", "/api/crawler/sources/x/learn"), ("DELETE", "/api/crawler/sources/x")):
            with self.subTest(path):
                head = {"Authorization": "Bearer " + member["access_token"]}
                self.problem(self.server.request(method, path, token=False, headers=head), 403)

    def test_overview_counts_real_answers(self):
        before = self.get("/api/admin/overview?range=1h")
        self.assertEqual((before["step_s"], len(before["times"])), (60, 60))
        self.server.ask("Which port does the lantern service listen on, for the overview?")
        self.server.ask("Which port does the lantern service listen on, for the overview?")
        self.server.ask("What is the salary of the chief accountant of the Bergen office?")
        for span, step, buckets in (("1h", 60, 60), ("24h", 900, 96), ("7d", 7200, 84), ("30d", 21600, 120)):
            with self.subTest(span):
                body = self.get(f"/api/admin/overview?range={span}")
                self.assertEqual((body["range"], body["step_s"], len(body["times"])), (span, step, buckets))
                self.assertEqual(body["times"], sorted(body["times"]))
                self.assertEqual([t % step for t in body["times"]], [0] * buckets)
                levels = {level["level"]: level for level in body["levels"]}
                self.assertGreaterEqual(levels["L0"]["total"], 1)
                self.assertGreaterEqual(levels["L1"]["total"], 1)
                self.assertGreaterEqual(levels["L1"]["total_p95_ms"], levels["L1"]["total_p50_ms"])
                self.assertEqual(sum(sum(level["answers"]) for level in levels.values()), body["totals"]["answers"])
                self.assertEqual(sum(body["refused"]), body["totals"]["refused"])
                for key in ("refused", "failed", "cancelled", "tokens_in", "tokens_out", "cost_microusd"):
                    self.assertEqual(len(body[key]), buckets, key)
        self.assertEqual(self.get("/api/admin/overview?range=1h")["totals"]["answers"] - before["totals"]["answers"], 3)
        self.assertEqual(self.get("/api/admin/overview?range=1h")["totals"]["refused"] - before["totals"]["refused"], 1)
        self.assertEqual(self.get("/api/admin/overview")["range"], "24h")

    def test_overview_takes_no_other_range(self):
        for span in ("2h", "1H", "x" * 9, "%00", "-1"):
            with self.subTest(span):
                self.problem(self.server.get(f"/api/admin/overview?range={span}"), 400)

    def test_system_tells_of_real_parts(self):
        body = self.get("/api/admin/system")
        self.assertEqual((body["node"]["id"], body["node"]["role"]), ("NOD1", "hub"))
        self.assertGreater(body["node"]["memory_bytes"], 1 << 20)
        self.assertGreater(body["node"]["cpu_s"], 0)
        parts = {part["id"]: part for part in body["parts"]}
        self.assertEqual(len(parts), len(body["parts"]), "ids are told apart")
        for part in body["parts"]:
            self.assertIn(part["state"], ("good", "warn", "bad", "off"), part)
            self.assertTrue(part["says"] and part["name"] and part["room"], part)
        self.assertEqual(parts[f"http-{self.server.port}"]["facts"]["address"], self.server.http)
        self.assertEqual((parts["store"]["state"], parts["store"]["facts"]["engine"]), ("good", ENGINE))
        self.assertGreater(parts["store"]["facts"]["size_bytes"] + parts["store"]["facts"]["log_bytes"], 0)
        # Of the disk of another machine nobody tells.
        self.assertEqual(parts["store"]["facts"]["disk_free_bytes"] > 0, ENGINE == "sqlite")
        knowledge = self.get("/api/status")["knowledge"]
        self.assertEqual(parts["keywords"]["facts"]["passages"], knowledge["chunks"])
        self.assertEqual(parts["index-minilm"]["facts"]["passages"], knowledge["chunks"])
        self.assertTrue(parts["embedder-minilm"]["facts"]["loaded"], "it has just embedded")
        self.assertGreater(parts["identity"]["facts"]["certificate_days"], 0)
        self.assertIn("pool-ask", parts)

    def test_live_numbers_once_and_as_events(self):
        once = self.get("/api/admin/events")
        self.assertEqual(once["store"], "ok")
        self.server.ask("Who maintains the lantern service, for the live numbers?")
        first, second = self.stream(2)
        self.assertEqual(set(first), {"at", "store", "http", "levels", "process", "knowledge", "learning"})
        self.assertGreaterEqual(first["http"]["in_flight"], 1)
        self.assertGreaterEqual(first["http"]["connections"], 1)
        self.assertGreater(first["http"]["requests"]["2xx"], once["http"]["requests"]["2xx"])
        level = next(level for level in second["levels"] if level["level"] == "L1")
        self.assertGreaterEqual(level["answers_minute"], 1)
        self.assertGreaterEqual(level["p95_ms"], level["p50_ms"])
        self.assertLess(first["at"], second["at"])

    def test_jobs_are_listed(self):
        jobs = self.get("/api/crawler/jobs")["jobs"]
        self.assertTrue(any(job["what"] == str(DATA / "docs") and job["state"] == "done" for job in jobs), jobs)


class Sources(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-sources-"))
        self.addCleanup(shutil.rmtree, self.folder)
        for name in ("one", "two", "three"):
            (self.folder / f"{name}.txt").write_text(f"Note {name}: the otter eats {name} fish.\n")
        self.server.learn(self.folder)

    def sources(self):
        return self.server.get("/api/crawler/sources")[2]["sources"]

    def started(self, answer):
        self.assertEqual(answer[0], 202, answer)
        return self.server.job(answer[2]["job_id"])

    def test_a_source_is_learned_again_and_forgotten(self):
        source, = self.sources()
        self.assertEqual((source["source"], source["documents"], source["upload"]), (str(self.folder), 3, False))
        (self.folder / "one.txt").unlink()
        (self.folder / "four.txt").write_text("Note four: the otter sleeps.\n")
        job = self.started(self.server.post(f"/api/crawler/sources/{source['id']}/learn", {}))
        self.assertEqual((job["added"], job["removed"], job["unchanged"]), (1, 1, 2), job)
        job = self.started(self.server.request("DELETE", f"/api/crawler/sources/{source['id']}"))
        self.assertEqual((job["removed"], job["forgets"], job["what"]), (3, True, str(self.folder)), job)
        self.assertEqual(self.sources(), [])
        self.assertEqual(self.server.get("/api/status")[2]["knowledge"]["documents"], 0)
        for method, path in (("DELETE", ""), ("POST", "/learn")):
            status, _, body = self.server.request(method, f"/api/crawler/sources/{source['id']}{path}")
            self.assertEqual((status, body["status"]), (404, 404))

    def test_what_was_sent_is_one_source(self):
        for name in ("a.txt", "b.txt"):
            status, _, body = self.server.request("POST", f"/api/crawler/learn?name={name}", f"Text of {name}.\n",
                                                  headers={"Content-Type": "application/octet-stream"})
            self.assertEqual(status, 202, body)
            self.server.job(body["job_id"])
        upload = next(s for s in self.sources() if s["upload"])
        self.assertEqual(upload["documents"], 2)
        status, _, body = self.server.post(f"/api/crawler/sources/{upload['id']}/learn", {})
        self.assertEqual((status, body["type"].rsplit("/", 1)[-1]), (409, "not-a-path"), body)
        job = self.started(self.server.request("DELETE", f"/api/crawler/sources/{upload['id']}"))
        self.assertEqual(job["removed"], 2)
        self.assertEqual([s["upload"] for s in self.sources()], [False])

    def test_sources_come_in_pages(self):
        other = pathlib.Path(tempfile.mkdtemp(prefix="sky-sources-"))
        self.addCleanup(shutil.rmtree, other)
        (other / "x.txt").write_text("Note x.\n")
        self.server.learn(other)
        first = self.server.get("/api/crawler/sources?limit=1")[2]
        self.assertEqual(len(first["sources"]), 1)
        second = self.server.get(f"/api/crawler/sources?limit=1&after={first['next']}")[2]
        self.assertEqual(len(second["sources"]), 1)
        self.assertIsNone(second["next"])
        self.assertEqual({first["sources"][0]["source"], second["sources"][0]["source"]}, {str(self.folder), str(other)})
        for query in ("limit=0", "limit=501", "limit=x", "after=" + "a" * 5000):
            with self.subTest(query):
                self.assertEqual(self.server.get(f"/api/crawler/sources?{query}")[0], 400)

    def test_sums_survive_a_crash(self):
        for n in range(3):
            self.server.ask(f"What does the otter eat, question {n}?")
        before = self.server.get("/api/admin/overview")[2]["totals"]
        self.server.stop(9)
        again = Server(data=self.server.data)
        self.addCleanup(again.close)
        after = again.get("/api/admin/overview")[2]
        self.assertEqual(after["totals"], before)
        self.assertEqual(before["answers"], 3)
        self.assertLess(len(after["http"]["times"]), 3, "what was measured in memory is gone, not made up")


class Stopping(unittest.TestCase):
    def test_open_streams_do_not_hold_the_server(self):
        server = Server()
        self.addCleanup(server.close)
        connection = http.client.HTTPConnection(server.host, int(server.port), timeout=60)
        self.addCleanup(connection.close)
        connection.request("GET", "/api/admin/events", headers={
            "Authorization": f"Bearer {server.token}", "Accept": "text/event-stream"})
        answer = connection.getresponse()
        self.assertTrue(answer.readline().startswith(b"event: now"))
        begun = time.monotonic()
        self.assertEqual(server.stop(), 0)
        answer.read()
        self.assertLess(time.monotonic() - begun, 30)
        self.assertNotIn("requests_left", server.log_text() if not server.log.closed else "")


if __name__ == "__main__":
    unittest.main()
