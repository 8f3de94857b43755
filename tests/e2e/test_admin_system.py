"""test_admin_system.py: what administrators see of the running server, and the sprints that they edit."""
import concurrent.futures
import json
import pathlib
import signal
import tempfile
import unittest

from support import DATA, Server, ServerTest


class Configuration(unittest.TestCase):
    def options(self, server):
        status, _, body = server.get("/api/admin/config")
        self.assertEqual(status, 200)
        return {o["key"]: o for o in body["options"]}

    def test_every_value_with_its_origin(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        ini = pathlib.Path(folder.name) / "sky.ini"
        ini.write_text("nod = 5\nlevel-max = L1\n")
        server = Server("--config", ini, env={"SKY_LOG_LEVEL": "debug"})
        self.addCleanup(server.close)
        options = self.options(server)
        self.assertEqual((options["nod"]["value"], options["nod"]["source"], options["nod"]["origin"]), ("5", "file", f"{ini}:1"))
        self.assertEqual((options["log.level"]["value"], options["log.level"]["source"], options["log.level"]["origin"]),
                         ("debug", "environment", "SKY_LOG_LEVEL"))
        self.assertEqual((options["http"]["source"], options["http"]["origin"]), ("flag", "--http"))
        self.assertEqual((options["cache"]["value"], options["cache"]["source"], options["cache"]["origin"]), ("true", "default", ""))

        # What takes effect is in force; what needs a restart is told beside what is.
        ini.write_text("nod = 6\ncache = false\nlevel-max = L2\n")
        at = len(server.log_text())
        server.process.send_signal(signal.SIGHUP)
        server.wait_log("certificate=", after=at)
        options = self.options(server)
        self.assertEqual((options["cache"]["value"], options["cache"]["origin"]), ("false", f"{ini}:2"))
        self.assertEqual((options["nod"]["value"], options["nod"]["after_restart"]), ("5", "6"))
        self.assertEqual((options["level-max"]["value"], options["level-max"]["after_restart"]), ("L1", "L2"))
        self.assertNotIn("after_restart", options["cache"])
        self.assertEqual(server.get("/api/status")[2]["levels"], ["L1"])
        ini.write_text("nod = 5\n")
        at = len(server.log_text())
        server.process.send_signal(signal.SIGHUP)
        server.wait_log("certificate=", after=at)
        options = self.options(server)
        self.assertNotIn("after_restart", options["nod"])
        self.assertEqual((options["cache"]["value"], options["cache"]["source"]), ("true", "default"))


class Logs(ServerTest):
    learn = False

    def test_lines_are_kept_filtered_and_followed(self):
        self.server.get("/api/nothing-of-that-name")
        status, _, body = self.server.get("/api/admin/logs?limit=1000")
        self.assertEqual(status, 200)
        numbers = [line["number"] for line in body["lines"]]
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertEqual(body["next"], numbers[-1])
        line = next(line for line in body["lines"] if "nothing-of-that-name" in line["text"] or "status=404" in line["text"])
        self.assertEqual((line["level"], line["event"]), ("info", "http.request"))
        self.assertEqual(self.server.get(f"/api/admin/logs?after={line['number'] - 1}&limit=1000")[2]["lines"][0]["number"], line["number"])
        found = self.server.get("/api/admin/logs?q=status%3D404")[2]["lines"]
        self.assertIn(line, found)
        self.assertTrue(all("404" in one["text"] for one in found))
        self.assertTrue(all(one["level"] in ("warn", "error") for one in self.server.get("/api/admin/logs?level=warn")[2]["lines"]))
        self.problem(self.server.get("/api/admin/logs?level=loud"), 400)
        self.problem(self.server.get("/api/admin/logs?after=-1"), 400)

        connection = self.server.connection()
        self.addCleanup(connection.close)
        connection.request("GET", f"/api/admin/logs?after={body['next']}&q=status%3D401", headers={
            "Authorization": f"Bearer {self.server.token}", "Accept": "text/event-stream"})
        answer = connection.getresponse()
        self.server.request("GET", "/api/admin/logs", token=False)
        while True:
            read = answer.readline().decode()
            if read.startswith("data: "):
                break
        self.assertIn("status=401", json.loads(read[6:])["lines"][0]["text"])

    def test_no_secret_is_in_them(self):
        self.server.post("/api/session", {"token": self.server.token})
        text = json.dumps(self.server.get("/api/admin/logs?limit=1000")[2])
        self.assertNotIn(self.server.token, text)


class Stopping(unittest.TestCase):
    def test_a_follower_does_not_hold_up_the_end(self):
        server = Server()
        self.addCleanup(server.close)
        connection = server.connection()
        self.addCleanup(connection.close)
        connection.request("GET", "/api/admin/logs", headers={"Authorization": f"Bearer {server.token}", "Accept": "text/event-stream"})
        answer = connection.getresponse()
        answer.readline()
        server.process.send_signal(signal.SIGTERM)
        while answer.readline():
            pass
        self.assertEqual(server.process.wait(60), 0)
        self.assertNotIn("requests_left", server.log_text())


class Sprints(ServerTest):
    learn = False

    def change(self, path, **fields):
        return self.server.request("PATCH", path, fields)

    def test_a_board_is_edited(self):
        status, _, sprint = self.server.post("/api/admin/sprints", {"name": "Sprint 1", "goal": "Ship", "starts_on": "2026-02-01", "ends_on": "2026-02-14"})
        self.assertEqual((status, sprint["name"], sprint["version"], sprint["board"]), (201, "Sprint 1", 1, []))
        items = [self.server.post("/api/admin/sprint-items", {"sprint": sprint["id"], "title": title})[2] for title in "abc"]
        self.assertEqual([i["status"] for i in items], ["planned"] * 3)
        status, _, item = self.change(f"/api/admin/sprint-items/{items[2]['id']}", version=1, status="done", before=items[0]["id"], assignee="Ann", ends_on="2026-02-03")
        self.assertEqual((status, item["status"], item["assignee"], item["ends_on"], item["version"]), (200, "done", "Ann", "2026-02-03", 2))
        path = f"/api/admin/sprints/{sprint['id']}"
        sprint = self.server.get(path)[2]
        self.assertEqual([i["title"] for i in sprint["board"]], ["c", "a", "b"])
        self.assertEqual((sprint["items"], sprint["done"]), (3, 1))
        self.assertIn(sprint["id"], [s["id"] for s in self.server.get("/api/admin/sprints")[2]["sprints"]])

        self.problem(self.change(f"/api/admin/sprint-items/{items[2]['id']}", version=1, status="doing"), 409)
        self.problem(self.change(path, version=9, name="x"), 409)
        self.problem(self.change(path, version=1, ends_on="2026-01-01"), 400)
        self.problem(self.change(path, version=1, name=" "), 400)
        self.problem(self.change(path, name="x"), 400)
        self.problem(self.server.request("DELETE", path), 400)
        self.problem(self.server.request("DELETE", path + "?version=2"), 409)
        self.assertEqual(self.server.request("DELETE", f"/api/admin/sprint-items/{items[0]['id']}?version=1")[0], 204)
        self.assertEqual(self.server.request("DELETE", path + "?version=1")[0], 204)
        self.problem(self.server.get(path), 404)
        self.problem(self.server.post("/api/admin/sprint-items", {"sprint": sprint["id"], "title": "late"}), 404)

    def test_of_many_at_once_one_wins(self):
        sprint = self.server.post("/api/admin/sprints", {"name": "Race"})[2]
        path = f"/api/admin/sprints/{sprint['id']}"
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda n: self.change(path, version=1, name=f"by {n}")[0], range(8)))
        self.assertEqual(sorted(answers), [200] + [409] * 7)
        self.assertEqual(self.server.get(path)[2]["version"], 2)

    def test_only_administrators(self):
        for path in ("/api/admin/sprints", "/api/admin/config", "/api/admin/logs", "/api/admin/prompt", "/api/admin/usage", "/api/admin/costs",
                     "/api/admin/votes", "/api/admin/prices", "/api/admin/cost-imports", "/api/admin/prompt/versions"):
            self.problem(self.server.request("GET", path, token=False), 401)


if __name__ == "__main__":
    unittest.main()
