"""test_admin_ai.py: usage, votes, the system prompt, prices and costs, over the real cascade."""
import concurrent.futures
import datetime
import unittest

from support import Server, ServerTest

QUOTED = "Who wrote the Tidewater manual?"


class Usage(ServerTest):
    def test_what_is_asked_adds_up(self):
        for _ in range(3):
            answer = self.server.ask("How do I turn on verbose output?")
        rows = self.server.get("/api/admin/usage")[2]["usage"]
        self.assertEqual(len(rows), 1)
        self.assertGreaterEqual(rows[0]["answers"], 3)
        self.assertGreaterEqual(rows[0]["cached"], 2)
        self.assertLessEqual(rows[0]["p50_ms"], rows[0]["p95_ms"])
        levels = {r["key"]: r for r in self.server.get("/api/admin/usage?by=level&range=1d")[2]["usage"]}
        self.assertGreaterEqual(levels["L0"]["cached"], 2)
        self.assertEqual([r["key"] for r in self.server.get("/api/admin/usage?by=user")[2]["usage"]], ["owner"])
        self.assertIn("cache", [r["key"] for r in self.server.get("/api/admin/usage?by=model")[2]["usage"]])
        self.problem(self.server.get("/api/admin/usage?by=moon"), 400)
        self.problem(self.server.get("/api/admin/usage?range=9999d"), 400)
        self.problem(self.server.get("/api/admin/usage?range=d"), 400)

        self.assertEqual(self.server.post("/api/chat/vote", {"message_id": answer["message_id"], "vote": -1})[0], 204)
        votes = self.server.get("/api/admin/votes")[2]
        self.assertEqual((votes["votes"][0]["id"], votes["votes"][0]["question"], votes["votes"][0]["owner"]),
                         (answer["message_id"], "How do I turn on verbose output?", "owner"))
        self.assertEqual(votes["votes"][0]["answer"], answer["answer"])
        self.assertNotIn("cache_id", votes["votes"][0])  # the vote removed it
        self.server.ask("How do I turn on verbose output?")
        again = self.server.get("/api/admin/votes?limit=1")[2]["votes"][0]
        self.assertEqual(self.server.request("DELETE", f"/api/admin/cache/{again['cache_id']}")[0], 204)
        self.problem(self.server.request("DELETE", f"/api/admin/cache/{again['cache_id']}"), 404)
        self.assertFalse(self.server.ask("How do I turn on verbose output?")["receipt"]["cached"])
        self.assertEqual(self.server.get(f"/api/admin/votes?before={answer['message_id']}")[2]["votes"], [])


class Levels(unittest.TestCase):
    def levels(self, *options):
        server = Server(*options)
        self.addCleanup(server.close)
        status, _, body = server.get("/api/admin/levels")
        self.assertEqual(status, 200)
        self.assertEqual([one["level"] for one in body["levels"] if one["ready"]], server.get("/api/status")[2]["levels"])
        return {one["level"]: one["why"] for one in body["levels"]}

    def test_why_not(self):
        why = self.levels("--level-max", "L1", "--no-cache")
        self.assertEqual(why["L1"], "")
        self.assertIn("option cache", why["L0"])
        self.assertIn("level-max", why["L2"])
        self.assertIn("remote", why["L5"])

    def test_no_model_may_answer(self):
        server = Server("--level-max", "L1")
        self.addCleanup(server.close)
        status, _, body = server.post("/v1/chat/completions", {"model": "skyai", "messages": [{"role": "user", "content": "Say hi"}]})
        self.assertEqual((status, body["error"]["code"]), (503, "no_model"), body)
        self.assertIn("level-max", body["error"]["message"])
        self.assertNotIn("ask.failed", server.log_text())


class Prompt(ServerTest):
    def save(self, text, base, note=""):
        return self.server.request("PUT", "/api/admin/prompt", {"text": text, "base_version": base, "note": note})

    def test_versions(self):
        status, _, own = self.server.get("/api/admin/prompt")
        self.assertEqual((status, own["version"]), (200, 0))
        status, _, saved = self.save("Answer in one short sentence.", 0, "shorter")
        self.assertEqual((status, saved["version"]), (200, 1))
        self.assertEqual(self.server.get("/api/admin/prompt")[2], saved)
        self.problem(self.save("Somebody else's", 0), 409)
        for wrong in ("", "  ", "x" * 513, "Say {{question}}", 5, None):
            self.problem(self.save(wrong, 1), 400)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda n: self.save(f"Text {n}.", 1)[0], range(8)))
        self.assertEqual(sorted(answers), [200] + [409] * 7)
        status, _, back = self.server.post("/api/admin/prompt/restore", {"version": 0, "base_version": 2})
        self.assertEqual((status, back["version"], back["text"]), (200, 3, own["text"]))
        self.problem(self.server.post("/api/admin/prompt/restore", {"version": 9, "base_version": 3}), 404)
        first = self.server.get("/api/admin/prompt/versions?limit=3")[2]
        self.assertEqual([(v["version"], v["by"]) for v in first["versions"]], [(3, "owner"), (2, "owner"), (1, "owner")])
        last = self.server.get(f"/api/admin/prompt/versions?before={first['next']}")[2]
        self.assertEqual(([v["version"] for v in last["versions"]], last["next"], last["versions"][0]["text"]), ([0], None, own["text"]))
        self.assertEqual(first["versions"][2]["note"], "shorter")

    def test_a_trial_leaves_nothing(self):
        before = self.server.get("/api/chat/history")[2]["conversations"]
        for _ in range(2):
            status, _, tried = self.server.post("/api/admin/prompt/preview", {"text": "Answer briefly.", "question": QUOTED})
            self.assertEqual(status, 200)
            self.assertFalse(tried["receipt"]["cached"])
            self.assertTrue(tried["answer"])
            self.assertNotIn("cache_id", tried["receipt"])
        self.assertEqual(self.server.get("/api/chat/history")[2]["conversations"], before)
        self.problem(self.server.post("/api/admin/prompt/preview", {"text": "x {{y}}", "question": "a"}), 400)
        self.problem(self.server.post("/api/admin/prompt/preview", {"text": "x", "question": " "}), 400)


class Restarted(unittest.TestCase):
    def test_prompt_and_price_survive_kill(self):
        server = Server()
        self.addCleanup(server.close)
        self.assertEqual(server.request("PUT", "/api/admin/prompt", {"text": "Be brief.", "base_version": 0})[0], 200)
        self.assertEqual(server.request("PUT", "/api/admin/prices", {"model": "local:x", "in_microusd": 5, "out_microusd": 7})[0], 204)
        server.process.kill()
        server.process.wait()
        second = Server(data=server.data)
        self.addCleanup(second.close)
        self.assertEqual(second.get("/api/admin/prompt")[2]["text"], "Be brief.")
        self.assertIn({"model": "local:x", "in_microusd": 5, "out_microusd": 7, "in_use": False}, second.get("/api/admin/prices")[2]["prices"])
        self.assertEqual(second.request("PUT", "/api/admin/prices", {"model": "gpt", "in_microusd": 5, "out_microusd": 7})[0], 400)
        self.assertEqual(second.request("PUT", "/api/admin/prices", {"model": "local:x", "in_microusd": -5, "out_microusd": 7})[0], 400)


class Costs(ServerTest):
    learn = False

    def load(self, text, name="bill.csv", kind="text/csv"):
        return self.server.request("POST", f"/api/admin/costs?name={name}", text.encode(), {"Content-Type": kind})

    def rows(self, query="range=400d"):
        return [(c["date"], c["service"], c["amount_micro"]) for c in self.server.get("/api/admin/costs?" + query)[2]["costs"]]

    def test_import_twice_undo(self):
        day = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=3)).strftime("%Y-%m-%d")
        old = "2001-01-01"
        text = f'"Service","EC2($)","S3($)","Total costs($)"\n"Service total","1","2","3"\n"{day}","1.5","0.25","1.75"\n"{old}","9","",9\n'
        status, _, first = self.load(text)
        self.assertEqual((status, first["rows"], first["first_on"], first["last_on"], first["newest"]), (201, 3, old, day, True))
        want = [(day, "EC2", 1500000), (day, "S3", 250000)]
        self.assertEqual(self.rows(), want)
        status, _, second = self.load(text)
        self.assertEqual((status, self.rows()), (201, want))
        page = self.server.get("/api/admin/costs?range=400d&limit=1")[2]
        self.assertEqual(self.server.get("/api/admin/costs?range=400d&after=" + page["next"].replace(" ", "%20"))[2]["costs"][0]["service"], "S3")
        self.assertEqual(self.load(f"date,service,amount,currency\n{day},S3,7,USD\n")[0], 201)
        self.assertEqual(self.rows(), [want[0], (day, "S3", 7000000)])
        imports = self.server.get("/api/admin/cost-imports")[2]["imports"]
        self.assertEqual([i["newest"] for i in imports], [True, False, False])
        self.problem(self.server.request("DELETE", f"/api/admin/cost-imports/{first['id']}"), 409)
        self.assertEqual(self.server.request("DELETE", f"/api/admin/cost-imports/{imports[0]['id']}")[0], 204)
        self.assertEqual(self.rows(), want)
        self.problem(self.server.request("DELETE", f"/api/admin/cost-imports/{imports[0]['id']}"), 404)

    def test_what_is_no_cost(self):
        before = self.server.get("/api/admin/cost-imports")[2]
        for text in ("", "a\n", "date,service,amount\n2026-01-01,S,1\n2026-01-02,S,x\n", "date,service,amount\n\"", "\0\0\0"):
            self.assertIn("line ", self.problem(self.load(text), 400)["detail"])
        for name in ("a%0Ab.csv", "a%1B[31m.csv", "%7F", "%01"):
            self.assertIn("`name`", self.problem(self.load("date,service,amount\n2026-01-01,S,1\n", name), 400)["detail"])
        self.problem(self.server.post("/api/admin/costs", {"a": 1}), 415)
        self.problem(self.load("a\n", kind="text/csvx"), 415)
        self.problem(self.load("a\n", kind="Text/CSV; charset=utf-8"), 400)
        self.problem(self.load("x" * (5 * 1024 * 1024 + 1)), 413)
        self.assertEqual(self.server.get("/api/admin/cost-imports")[2], before)


if __name__ == "__main__":
    unittest.main()
