"""L3: providers of the OpenAI API: a second real `sky`, and one that breaks on command."""
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.parse
import urllib.request

import support
from support import ANSWER_S, DATA, ROOT, SKY, Server, run, sql, within_a_day

UPSTREAM = pathlib.Path(os.environ.get("SKY_UPSTREAM", SKY.parent / "upstream"))
KEY = "sk-secret-that-nobody-sees"


def setUpModule():
    """The program where it finds no models: what L2 would answer is for L3, and servers start at once."""
    folder = tempfile.TemporaryDirectory(prefix="sky-lonely-")
    unittest.addModuleCleanup(folder.cleanup)
    # It looks for OpenSSL from where it lies: in build/, or beside that.
    lonely = pathlib.Path(folder.name) / SKY.parent.name / "sky"
    deps = pathlib.Path(folder.name) / "build" / "deps"
    for made in (lonely.parent, deps):
        made.mkdir(parents=True, exist_ok=True)
    shutil.copy(SKY, lonely)
    (deps / "openssl").symlink_to(SKY.parent / "deps" / "openssl")
    unittest.addModuleCleanup(setattr, support, "SKY", support.SKY)
    support.SKY = lonely


class Upstream:
    """The program upstream: a provider that counts, and that breaks when it is told to."""

    def __init__(self, *options):
        self.process = subprocess.Popen([str(UPSTREAM), *map(str, options)], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return answer.read().decode()

    def stats(self):
        return json.loads(self.get("/stats"))

    def fault(self, name):
        self.get(f"/set?fault={name}")

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def provider(url, name="mock", **fields):
    model = {"name": "small", "price_in": 1_000_000, "price_out": 2_000_000, "output_max": 100}
    return {"name": name, "base_url": url + "/v1", "models": [model], **fields}


class RemoteTest(unittest.TestCase):
    """A server without documents and without a local model: what it answers, a provider has answered."""
    options = ()
    env = {"TEST_PROVIDER_KEY": KEY}

    def setUp(self):
        self.server = Server(*self.options, env=self.env)
        self.addCleanup(self.server.close)

    def upstream(self, *options):
        up = Upstream(*options)
        self.addCleanup(up.close)
        return up

    def add(self, url, **fields):
        status, _, answer = self.server.post("/api/admin/providers", provider(url, **fields))
        self.assertEqual(status, 201, answer)
        return answer

    def chat(self, text="Who are you?", model="skyai-advanced", **fields):
        return self.server.post("/v1/chat/completions",
                                {"model": model, "messages": [{"role": "user", "content": text}], **fields})

    def said(self, **fields):
        status, _, answer = self.chat(**fields)
        self.assertEqual(status, 200, answer)
        return answer["choices"][0]["message"]["content"]

    def stream(self, text="Who are you?", **fields):
        """The text of a stream, and its last event."""
        words, last = [], None
        for _, data in self.server.events("/v1/chat/completions", {
                "model": "skyai-advanced", "stream": True, "messages": [{"role": "user", "content": text}], **fields}):
            last = data
            if data != "[DONE]" and data.get("choices"):
                words.append(data["choices"][0]["delta"].get("content") or "")
        return "".join(words), last

    def telemetry(self, count, timeout=ANSWER_S):
        """The newest rows, once there are so many."""
        names = ("owner", "level", "provider", "why_stopped", "tokens_in", "tokens_out", "cost_microusd", "estimated")
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            rows = sql(self.server.data, f"SELECT {', '.join(names)} FROM telemetry ORDER BY at_ms")
            if len(rows) >= count:
                return [dict(zip(names, row)) for row in rows]
            time.sleep(0.05)
        raise TimeoutError("the telemetry did not come")

    def state(self, name="mock"):
        providers = self.server.get("/api/admin/providers")[2]["providers"]
        return next(p["state"] for p in providers if p["name"] == name)


class Answers(RemoteTest):
    def test_whole_and_streamed(self):
        up = self.upstream("--tokens", 4)
        self.add(up.url, key="env:TEST_PROVIDER_KEY")
        self.assertEqual(self.said(), "word1 word2 word3 word4")
        text, last = self.stream()
        self.assertEqual((text, last), ("word1 word2 word3 word4", "[DONE]"))
        status, _, answer = self.chat()
        self.assertEqual(answer["model"], "skyai-advanced")
        row = self.telemetry(3)[-1]
        self.assertEqual((row["level"], row["provider"], row["estimated"]), ("L3", "mock:small", 0))
        self.assertEqual(row["tokens_out"], 4)
        self.assertEqual(row["cost_microusd"], row["tokens_in"] + 2 * 4)
        self.assertEqual(answer["usage"]["prompt_tokens"], row["tokens_in"])
        self.assertEqual(up.stats()["calls"], 3)
        self.assertIn(f"Authorization: Bearer {KEY}", up.get("/last"))
        self.assertIn("L3", self.server.get("/api/status")[2]["levels"])
        metrics = self.server.get("/metrics")[2].decode()
        self.assertIn('sky_ai_provider_calls_total{provider="mock",outcome="ok"} 3', metrics)

    def test_the_provider_is_another_sky(self):
        up = self.upstream("--tokens", 3)
        other = Server()
        self.addCleanup(other.close)
        status, _, _ = other.post("/api/admin/providers", provider(up.url))
        self.assertEqual(status, 201)
        key = self.server.data / "provider.key"
        key.write_text(other.token)
        key.chmod(0o600)
        added = self.add(other.http, key=f"file:{key}",
                         models=[{"name": "skyai", "price_in": 5, "price_out": 5}])
        self.assertIsNone(added["key_problem"])
        self.assertEqual(self.said(), "word1 word2 word3")
        self.assertEqual(self.stream()[0], "word1 word2 word3")
        rows = self.telemetry(2)
        self.assertEqual({row["provider"] for row in rows}, {"mock:skyai"})
        self.assertEqual(rows[0]["estimated"], 0)
        key.chmod(0o644)  # others may read it: not used any more
        self.assertNotEqual(self.chat()[0], 200)

    def test_killed_in_the_middle_of_a_stream(self):
        up = self.upstream("--tokens", 1000, "--token-ms", 10)
        other = Server()
        self.addCleanup(lambda: other.own_data and other.log.close())
        other.post("/api/admin/providers", provider(up.url))
        key = self.server.data / "provider.key"
        key.write_text(other.token)
        key.chmod(0o600)
        self.add(other.http, key=f"file:{key}", models=[{"name": "skyai", "price_in": 1, "price_out": 1_000_000}])
        events = self.server.events("/v1/chat/completions", {
            "model": "skyai", "stream": True, "messages": [{"role": "user", "content": "Count."}]})
        seen = [next(events) for _ in range(10)]
        other.process.send_signal(signal.SIGKILL)
        other.process.wait()
        other.process.stdout.close()
        rest = list(events)
        self.assertIn("error", rest[-1][1])
        self.assertIn("delta", json.dumps(seen[-1][1]))
        row = self.telemetry(1)[-1]
        self.assertEqual((row["why_stopped"], row["estimated"]), ("error", 1))
        self.assertGreaterEqual(row["cost_microusd"], 8)  # what came is paid for
        self.assertEqual(self.server.get("/health")[0], 200)

    def test_without_usage_tokens_are_estimated(self):
        up = self.upstream("--tokens", 6)
        self.add(up.url + "/nousage")
        self.said()
        row = self.telemetry(1)[-1]
        self.assertEqual(row["estimated"], 1)
        self.assertGreaterEqual(row["tokens_out"], 6)
        self.assertGreater(row["cost_microusd"], 0)

    def test_leaving_ends_the_call(self):
        up = self.upstream("--tokens", 100000, "--token-ms", 5)
        self.add(up.url)
        list(self.server.events("/v1/chat/completions", {
            "model": "skyai", "stream": True, "messages": [{"role": "user", "content": "Count."}]}, stop_after=4))
        row = self.telemetry(1)[-1]
        self.assertEqual(row["why_stopped"], "cancelled")
        billed = up.stats()["tokens_out"]
        time.sleep(0.3)
        self.assertEqual(up.stats()["tokens_out"], billed)
        self.assertLess(billed, 500)

    def test_a_removed_provider_ends_what_it_began(self):
        up = self.upstream("--tokens", 50, "--token-ms", 10)
        added = self.add(up.url)
        events = self.server.events("/v1/chat/completions", {
            "model": "skyai", "stream": True, "messages": [{"role": "user", "content": "Count."}]})
        next(events)
        self.assertEqual(self.server.request("DELETE", f"/api/admin/providers/{added['id']}")[0], 204)
        self.assertEqual([data for _, data in events][-1], "[DONE]")
        self.assertEqual(self.chat()[0], 503)
        self.assertEqual(up.stats()["answered"], 1)

    def test_who_is_removed_in_the_middle_of_an_answer(self):
        """What it cost is booked, and names nobody."""
        up = self.upstream("--tokens", 40, "--token-ms", 20)
        self.add(up.url)
        self.assertEqual(self.server.request("PUT", "/api/admin/tiers/free", {"level_max": "L3"})[0], 204)
        owner, member = ({"email": f"{name}@example.org", "password": "correct horse battery"} for name in ("owner", "member"))
        self.assertEqual(self.server.post("/api/auth/register", owner)[0], 201)
        made = self.server.post("/api/auth/register", member)[2]
        connection = self.server.connection()
        self.addCleanup(connection.close)
        connection.request("POST", "/v1/chat/completions", json.dumps({
            "model": "skyai", "stream": True, "messages": [{"role": "user", "content": "Count."}]}),
            {"Authorization": f"Bearer {made['access_token']}", "Content-Type": "application/json"})
        answer = connection.getresponse()
        self.assertTrue(answer.readline())
        self.assertEqual(self.server.request("DELETE", f"/api/admin/people/{made['user']['id']}")[0], 204)
        self.assertIn(b"[DONE]", answer.read())
        row = self.telemetry(1)[-1]
        self.assertEqual((row["owner"], row["cost_microusd"] > 0), ("", True))

    def test_not_configured_nobody_is_called(self):
        up = self.upstream()
        added = self.add(up.url, enabled=False)
        self.assertEqual(self.chat()[0], 503)
        status, _, _ = self.server.request("PATCH", f"/api/admin/providers/{added['id']}", {"enabled": True})
        self.assertEqual(status, 200)
        self.assertEqual(self.chat(model="skyai-standard")[0], 503)
        self.assertEqual(up.stats()["calls"], 0)
        self.said()  # at once, without a restart
        self.assertEqual(self.server.request("DELETE", f"/api/admin/providers/{added['id']}")[0], 204)
        self.assertEqual(self.chat()[0], 503)
        self.assertEqual(up.stats()["calls"], 1)


class LevelOff(RemoteTest):
    options = ("--level-max", "L2")

    def test_the_level_may_be_off(self):
        up = self.upstream()
        self.add(up.url)
        self.assertEqual(self.chat()[0], 503)
        self.assertNotIn("L3", self.server.get("/api/status")[2]["levels"])
        self.assertEqual(up.stats()["calls"], 0)


class Faults(RemoteTest):
    def test_a_second_provider_answers(self):
        bad, good = self.upstream(), self.upstream("--tokens", 2)
        self.add(good.url, name="second", rank=2)
        self.add(bad.url, name="first", rank=1)
        for fault in ("500", "401", "hang-up", "garbage", "type", "429-long"):
            bad.fault(fault)
            self.assertEqual(self.said(), "word1 word2", fault)
            # What failed is left alone for a while: begin anew.
            found = self.server.get("/api/admin/providers")[2]["providers"][0]
            self.server.request("PATCH", f"/api/admin/providers/{found['id']}", {"rank": found["rank"] - 1})
        self.assertEqual(self.telemetry(1)[-1]["provider"], "second:small")
        self.assertEqual(good.stats()["answered"], 6)

    def test_another_try_goes_well(self):
        up = self.upstream("--tokens", 2)
        self.add(up.url + "/flaky")
        self.assertEqual(self.said(), "word1 word2")
        self.assertEqual(up.stats()["calls"], 2)
        self.assertEqual(self.stream()[0], "word1 word2")
        begun = time.monotonic()
        up.fault("429")  # Retry-After: 1
        self.assertEqual(self.chat()[0], 503)
        self.assertGreater(time.monotonic() - begun, 2)

    def test_what_was_seen_is_not_said_twice(self):
        up, other = self.upstream("--tokens", 6), self.upstream("--tokens", 2)
        self.add(up.url, name="first", rank=1)
        self.add(other.url, name="second", rank=2)
        up.fault("cut")
        text, last = self.stream()
        self.assertEqual(text, "word1 word2 word3")
        self.assertIn("error", last)
        self.assertEqual(self.said(), "word1 word2")  # nobody saw the half: the other one answers
        self.assertEqual(other.stats()["calls"], 1)

    def test_one_that_fails_leaves_its_money_to_the_next(self):
        within_a_day()
        cheap, dear = self.upstream("--tokens", 2), self.upstream("--tokens", 2)
        models = provider("")["models"]
        self.add(cheap.url + "/401", name="cheap", rank=1)
        self.add(dear.url, name="dear", rank=2, models=[{**models[0], "price_out": 3_000_000}])
        status, _, _ = self.server.post("/api/admin/budgets", {"name": "pocket", "unit": "money", "period": "day", "limit": 500})
        self.assertEqual(status, 201)
        self.assertEqual(self.said(), "word1 word2")  # 200 and 300 at the most, beside the message
        row, budget = self.telemetry(1)[-1], self.server.get("/api/admin/budgets")[2]["budgets"][0]
        self.assertEqual((budget["spent"], budget["reserved"], row["provider"]), (row["cost_microusd"], 0, "dear:small"))

    def test_the_breaker_opens_and_closes(self):
        up = self.upstream("--tokens", 2)
        self.add(up.url)
        up.fault("500")
        for _ in range(3):
            self.assertEqual(self.chat()[0], 503)
        self.assertEqual(self.state(), "open")
        calls = up.stats()["calls"]
        self.assertEqual(calls, 5)
        self.assertEqual(self.chat()[0], 503)
        self.assertEqual(up.stats()["calls"], calls)  # left alone
        up.fault("")
        end = time.monotonic() + 30
        while self.chat()[0] != 200 and time.monotonic() < end:
            time.sleep(0.2)
        self.assertEqual(self.state(), "closed")
        self.assertEqual(self.said(), "word1 word2")

    def test_more_questions_than_calls_wait(self):
        up = self.upstream("--tokens", 2, "--delay-ms", 100)
        self.add(up.url, calls_max=2)
        connections = [self.server.connection() for _ in range(8)]
        body = json.dumps({"model": "skyai", "messages": [{"role": "user", "content": "Hi?"}]})
        begun = time.monotonic()
        for c in connections:
            c.request("POST", "/v1/chat/completions", body, {
                "Authorization": f"Bearer {self.server.token}", "Content-Type": "application/json"})
        for c in connections:
            self.assertEqual(c.getresponse().status, 200)
            c.close()
        self.assertGreater(time.monotonic() - begun, 0.35)
        self.assertEqual(up.stats()["answered"], 8)

    def test_the_key_is_never_seen(self):
        up = self.upstream()
        added = self.add(up.url, key="env:TEST_PROVIDER_KEY")
        for fault in ("", "500", "401", "garbage", "cut"):
            up.fault(fault)
            self.stream()
            self.server.request("POST", f"/api/admin/providers/{added['id']}/test")
        answers = json.dumps([self.server.get("/api/admin/providers")[2], added])
        answers += self.server.get("/metrics")[2].decode()
        self.server.stop()
        found = [str(path) for path in self.server.data.rglob("*")
                 if path.is_file() and KEY.encode() in path.read_bytes()]
        self.assertEqual(found, [])
        self.assertNotIn(KEY, self.server.log_text())
        self.assertNotIn(KEY, answers)
        self.assertIn("env:TEST_PROVIDER_KEY", answers)


class Administration(RemoteTest):
    def test_what_is_wrong_is_named(self):
        for field, value in (("name", "Two words"), ("base_url", "ftp://x"), ("base_url", "http://u:p@x/v1"),
                             ("key", KEY), ("key", "file:relative"), ("models", []), ("models", [{"name": "x"}]),
                             ("models", "x"), ("timeout_ms", 0), ("calls_max", 1000), ("rank", "first"),
                             ("models", [{"name": "x", "price_in": -1, "price_out": 0}])):
            status, _, answer = self.server.post("/api/admin/providers", {**provider("http://x"), field: value})
            self.assertEqual(status, 400, (field, value, answer))
            self.assertNotIn(KEY, json.dumps(answer))
        self.add("http://127.0.0.1:9")
        self.assertEqual(self.server.post("/api/admin/providers", provider("http://x"))[0], 409)
        self.assertEqual(self.server.request("PATCH", "/api/admin/providers/nobody", {"rank": 1})[0], 404)
        self.assertEqual(self.server.request("DELETE", "/api/admin/providers/nobody")[0], 404)
        self.assertEqual(self.server.request("POST", "/api/admin/providers/nobody/test")[0], 404)
        self.assertEqual(self.server.get("/api/admin/providers", token=False)[0], 401)

    def test_it_survives_a_restart(self):
        up = self.upstream("--tokens", 1)
        added = self.add(up.url + "/v1/../", rank=7, calls_max=3, timeout_first_ms=1234)
        self.server.stop(signal.SIGKILL)
        again = Server(data=self.server.data, env=self.env)
        self.addCleanup(again.close)
        self.assertEqual(again.get("/api/admin/providers")[2]["providers"], [added])

    def test_the_doctor_looks_for_the_key(self):
        self.add("http://127.0.0.1:9", key="env:TEST_NO_SUCH_KEY")
        told = []
        for ends in (self.server.stop, lambda: None):  # the server is asked, and then there is none
            checks = json.loads(run("doctor", "--json", data=self.server.data).stdout)["checks"]
            found = next(c for c in checks if c["check"] == "provider mock")
            self.assertFalse(found["ok"])
            self.assertIn("TEST_NO_SUCH_KEY", found["detail"])
            told.append({c["check"] for c in checks})
            ends()
        self.assertEqual(told[0] - {"server", "knowledge"}, told[1])

    def test_a_key_that_is_not_there_is_named_by_the_test(self):
        added = self.add("http://127.0.0.1:9", key="env:TEST_NO_SUCH_KEY")
        why = "env:TEST_NO_SUCH_KEY: the server was started without this variable"
        _, _, answer = self.server.post(f"/api/admin/providers/{added['id']}/test", {})
        self.assertEqual((answer["ok"], answer["http_status"]), (False, 0))
        self.assertIn(why, answer["error"])
        tested = run("admin", "provider", "test", "mock", data=self.server.data)
        self.assertEqual((tested.returncode, tested.stderr), (1, f"sky admin: mock: {why}\n"))
        self.assertEqual(run("admin", "provider", "list", data=self.server.data).stdout.splitlines()[0],
                         f"mock, http://127.0.0.1:9/v1, asked, {why}")

    def test_by_the_command_line(self):
        up = self.upstream("--tokens", 2)
        data = self.server.data
        self.assertEqual(run("admin", "provider", "add", "mock", up.url + "/v1", "none", "m=0.15/0.60/50/8000",
                             data=data).returncode, 0)
        listed = json.loads(run("admin", "provider", "list", "--json", data=data).stdout)["providers"][0]
        self.assertEqual(listed["models"], [{"name": "m", "level": "L3", "price_in": 150000, "price_out": 600000,
                                             "context": 8000, "output_max": 50}])
        tested = run("admin", "provider", "test", "mock", data=data)
        self.assertEqual(tested.returncode, 0, tested.stderr)
        self.assertIn("answers", tested.stdout)
        up.fault("401")
        tested = run("admin", "provider", "test", "mock", data=data)
        self.assertEqual(tested.returncode, 1)
        self.assertIn("401", tested.stderr)
        up.fault("hang-up")
        tested = run("admin", "provider", "test", "mock", data=data)
        self.assertEqual(tested.returncode, 1)
        self.assertIn("before any HTTP answer came", tested.stderr)
        self.assertNotIn("HTTP status", tested.stderr)
        for _ in range(4):  # the breaker opens
            run("admin", "provider", "test", "mock", data=data)
        self.assertIn(", left alone after failures\n", run("admin", "provider", "list", data=data).stdout)
        self.server.request("PATCH", f"/api/admin/providers/{listed['id']}", {"enabled": False})
        self.assertIn(", off\n", run("admin", "provider", "list", data=data).stdout)
        self.assertEqual(run("admin", "provider", "remove", "mock", data=data).returncode, 0)
        self.assertEqual(run("admin", "provider", "remove", "mock", data=data).returncode, 1)
        self.assertEqual(run("admin", "provider", "add", "x", "http://x", "none", "m=cheap", data=data).returncode, 2)
        self.assertEqual(run("admin", "nothing", data=data).returncode, 2)
        self.assertIn("No provider", run("admin", "provider", "list", data=data).stdout)


class Documents(RemoteTest):
    """Questions that the passages answer, but not surely enough to be quoted."""
    QUESTION = "Where are the settings of lantern kept?"
    FACT = "A backup holds the schedule and the event log, never the keys."

    def setUp(self):
        super().setUp()
        self.assertEqual(self.server.learn(DATA / "docs")["state"], "done")

    def test_what_the_passages_bear_is_shown(self):
        up = self.upstream("--text", self.FACT + " It was written in 1987 by pirates.")
        self.add(up.url)
        answer = self.server.ask(self.QUESTION)
        self.assertEqual((answer["answer"], answer["answered"]), (self.FACT, True))
        receipt = answer["receipt"]
        self.assertEqual((receipt["level"], receipt["brand"], receipt["why_stopped"]), ("L3", "Advanced", "model"))
        self.assertIn("lantern.md", receipt["sources"][0]["document"])
        self.assertGreater(receipt["cost_microusd"], 0)
        self.assertIn("From lantern", up.get("/last"))
        again = self.server.ask(self.QUESTION)
        self.assertTrue(again["receipt"]["cached"])
        self.assertEqual(again["receipt"]["cost_microusd"], 0)
        self.assertEqual(up.stats()["calls"], 1)

    def test_what_they_do_not_bear_is_not(self):
        up = self.upstream("--text", "It was written in 1987 by pirates.")
        self.add(up.url)
        events = list(self.server.events("/api/chat/message", {"message": self.QUESTION, "stream": True}))
        self.assertNotIn("pirates", json.dumps(events))
        self.assertEqual(events[-1][0], "done")
        self.assertEqual(events[-1][1]["receipt"]["level"], "L1")
        self.assertEqual(up.stats()["calls"], 1)

    def test_the_level_may_be_capped_by_who_asks(self):
        up = self.upstream("--text", self.FACT)
        self.add(up.url)
        self.assertIn(self.server.ask(self.QUESTION, level_max="L2")["receipt"]["level"], ("L0", "L1"))
        self.assertEqual(up.stats()["calls"], 0)
        self.assertEqual(self.server.ask(self.QUESTION, level_max="L3")["receipt"]["level"], "L3")

    def test_without_an_answer_nothing_is_paid(self):
        up = self.upstream()
        self.add(up.url + "/500")
        answer = self.server.ask(self.QUESTION)
        self.assertEqual(answer["receipt"]["level"], "L1")
        self.assertEqual(answer["receipt"]["cost_microusd"], 0)

    def test_without_money(self):
        """A passage that answers is given and says what was not asked; without one it is not said that nothing answers."""
        within_a_day()
        question = "Who keeps the keys of lantern?"
        up = self.upstream("--text", self.FACT)
        self.add(up.url)
        status, _, made = self.server.post("/api/admin/budgets", {"name": "pocket", "unit": "money", "period": "day", "limit": 1})
        self.assertEqual(status, 201)
        told = self.server.ask(question)
        self.assertEqual((told["answered"], told["receipt"]["level"], told["receipt"]["why_stopped"]), (True, "L1", "budget"))
        skipped = told["receipt"]["skipped"]
        self.assertEqual([skipped[key] for key in ("level", "budget", "unit", "period", "limit")], ["L3", "pocket", "money", "day", 1])
        self.assertIn("ask an administrator", skipped["detail"])
        self.assertGreater(skipped["resets_at"], "2026")
        kept = self.server.get(f"/api/chat/history?conversation_id={told['conversation_id']}")[2]["messages"][-1]
        self.assertEqual(kept["receipt"]["skipped"], skipped)
        # Streamed, and on the command line.
        event, data = list(self.server.events("/api/chat/message", {"message": question, "stream": True}))[-1]
        self.assertEqual((event, data["receipt"]["skipped"]), ("done", skipped))
        asked = run("ask", question, data=self.server.data)
        self.assertEqual(asked.returncode, 0, asked.stderr)
        self.assertIn("L3 was not asked: a budget is used up: `pocket` grants $0.00 a day: ask an administrator", " ".join(asked.stderr.split()))
        # Only L3 might know.
        for stream in (False, True):
            status, _, problem = self.server.post("/api/chat/message", {"message": "Which licence has lantern?", "stream": stream})
            self.assertEqual((status, problem["type"], problem["budget"]), (402, "/problems/budget-exceeded", "pocket"))
        self.assertEqual(up.stats()["calls"], 0)
        # It was nothing to remember: with the money L3 is asked.
        self.assertEqual(self.server.request("PATCH", f"/api/admin/budgets/{made['id']}", {"limit": 1000000})[0], 204)
        self.assertNotIn("skipped", self.server.ask(question)["receipt"])
        self.assertEqual(self.server.ask(self.QUESTION)["receipt"]["level"], "L3")

    def test_a_trial_of_a_prompt_pays_like_a_question(self):
        within_a_day()
        up = self.upstream("--text", self.FACT)
        self.add(up.url)

        def trial(question=self.QUESTION):
            return self.server.post("/api/admin/prompt/preview", {"text": "Answer from the passages.", "question": question})

        def budget(unit, **fields):
            status, _, made = self.server.post("/api/admin/budgets", {"name": unit, "unit": unit, "period": "day", "limit": 0, **fields})
            self.assertEqual(status, 201, made)
            self.addCleanup(self.server.request, "DELETE", f"/api/admin/budgets/{made['id']}")
            return f"/api/admin/budgets/{made['id']}"

        status, _, tried = trial()
        self.assertEqual((status, tried["receipt"]["level"], up.stats()["calls"]), (200, "L3", 1))
        money = budget("money")
        status, _, problem = trial("Which licence has lantern?")
        self.assertEqual((status, problem["type"], problem["budget"]), (402, "/problems/budget-exceeded", "money"))
        self.assertEqual(up.stats()["calls"], 1)
        self.assertEqual(self.server.request("PATCH", money, {"limit": 1000000})[0], 204)
        self.assertEqual(trial()[0], 200)
        spent = self.server.get("/api/admin/budgets")[2]["budgets"][0]
        self.assertEqual((spent["reserved"], spent["spent"] > 0), (0, True))
        requests = budget("requests")
        status, _, problem = trial()
        self.assertEqual((status, problem.get("budget")), (402, "requests"))
        self.assertEqual(self.server.request("DELETE", requests)[0], 204)
        self.assertEqual(self.server.request("PUT", "/api/admin/tiers/owner", {"level_max": "L1"})[0], 204)
        self.assertIn(trial()[2]["receipt"]["level"], ("L0", "L1"))
        self.assertEqual(up.stats()["calls"], 2)


if __name__ == "__main__":
    unittest.main()
