"""test_clock.py: the clock of the machine jumps, forward over midnight and back, below the real program; see clock_shim.c."""
import datetime
import http.client
import math
import mmap
import pathlib
import shutil
import signal
import struct
import tempfile
import time
import unittest

from faultlib import Server, shim, wait_for
import test_remote  # of tests/e2e, as faultlib sees to
from test_auth import PASSWORD, totp
from test_people import Browser

QUESTION = {"message": "What is 2 + 2?", "level_max": "L0"}
MINUTE, HOUR, DAY = 60, 3600, 86400


def setUpModule():
    test_remote.setUpModule()


class Clock:
    """The wall clock of a server: goes on by itself, and is set at will."""

    FORMAT = "<qQ"  # struct control

    def __init__(self, folder):
        control = folder / "clock"
        control.write_bytes(bytes(struct.calcsize(self.FORMAT)))
        with open(control, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 0)
        self.env = {"LD_PRELOAD": str(shim(folder, "clock_shim")), "SKY_SHIM_CLOCK": str(control)}

    def ahead(self):
        return struct.unpack_from("<q", self.map)[0]

    def asked(self):
        return struct.unpack_from("<Q", self.map, 8)[0]

    def jump(self, seconds):
        struct.pack_into("<q", self.map, 0, self.ahead() + seconds)

    def set(self, text):
        """"2030-01-30 23:59:00", UTC"""
        self.jump(math.ceil(datetime.datetime.fromisoformat(text + "+00:00").timestamp() - time.time()) - self.ahead())


class Clocks(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-fault-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.data = folder / "data"
        self.data.mkdir(mode=0o700)
        self.clock = Clock(folder)
        self.sources = 0

    def serve(self):
        self.server = Server(data=self.data, env=self.clock.env)
        self.addCleanup(self.server.close)

    def call(self, method, path, body=None, token=None):
        """Each from an address of its own: what is counted here are budgets and tokens, not tries."""
        self.sources += 1
        connection = http.client.HTTPConnection(self.server.host, int(self.server.port), timeout=60, source_address=(f"127.0.3.{self.sources % 250 + 1}", 0))
        try:
            return self.server.request(method, path, body, {"Authorization": f"Bearer {token or self.server.token}"}, token=False, connection=connection)
        finally:
            connection.close()

    def ok(self, method, path, body=None, token=None, status=200):
        answer = self.call(method, path, body, token)
        self.assertEqual(answer[0], status, answer[2])
        return answer[2]

    def ask(self, token):
        """How it went: 200, or the name of the budget that is used up and when there is one again."""
        status, _, answer = self.call("POST", "/api/chat/message", QUESTION, token)
        return 200 if status == 200 else (status, answer.get("budget"), answer.get("resets_at", "")[:10])

    def spent(self):
        return {one["name"]: (one["spent"], one["reserved"], one["resets_at"][:10]) for one in self.ok("GET", "/api/admin/budgets")["budgets"]}

    def test_midnight_frees_a_budget_once(self):
        self.clock.set("2030-01-30 23:50:00")
        self.serve()
        ann = self.ok("POST", "/api/auth/register", {"email": "ann@example.org", "password": PASSWORD}, status=201)["access_token"]
        for name, limit in (("day", 2), ("month", 3)):
            self.ok("POST", "/api/admin/budgets", {"name": name, "unit": "requests", "period": name, "limit": limit}, status=201)
        of_key = self.ok("POST", "/api/keys", {"name": "a program", "scopes": ["chat"]}, ann, 201)["key"]
        asked = self.clock.asked()
        day_full = (402, "day", "2030-01-31")
        self.assertEqual([self.ask(of_key) for _ in range(3)], [200, 200, day_full])
        self.assertGreater(self.clock.asked(), asked)
        self.assertEqual(self.spent(), {"day": (2, 0, "2030-01-31"), "month": (2, 0, "2030-02-01")})

        self.clock.set("2030-01-31 00:00:05")  # the day is another, the month is not
        month_full = (402, "month", "2030-02-01")
        self.assertEqual(self.spent(), {"day": (0, 0, "2030-02-01"), "month": (2, 0, "2030-02-01")})
        self.assertEqual([self.ask(of_key) for _ in range(2)], [200, month_full])

        self.clock.set("2030-01-30 23:59:00")  # back: what was spent is spent
        self.assertEqual(self.spent()["day"], (2, 0, "2030-01-31"))
        self.assertEqual(self.ask(of_key)[0], 402)
        self.clock.set("2030-01-31 12:00:00")
        self.assertEqual(self.spent()["day"], (1, 0, "2030-02-01"))
        self.assertEqual(self.ask(of_key), month_full)

        self.clock.set("2030-02-01 00:00:01")  # both
        self.assertEqual([self.ask(of_key) for _ in range(3)], [200, 200, (402, "day", "2030-02-02")])
        self.clock.set("2030-01-31 23:59:00")
        self.assertEqual(self.spent()["month"][0], 3)

        # Nor does a server give anything back that dies between two jumps.
        self.clock.set("2030-02-01 09:00:00")
        self.server.stop(signal.SIGKILL)
        self.clock.set("2030-01-31 09:00:00")
        self.serve()
        self.assertEqual(self.ask(of_key), month_full)
        self.clock.set("2030-02-01 10:00:00")
        self.assertEqual(self.ask(of_key), (402, "day", "2030-02-02"))
        self.clock.set("2030-02-02 00:00:00")
        self.assertEqual([self.ask(of_key) for _ in range(2)], [200, (402, "month", "2030-03-01")])
        self.assertTrue(self.ok("GET", "/api/admin/audit/verify")["ok"])

    def test_an_answer_that_takes_past_midnight_is_paid_on_the_day_it_began(self):
        up = test_remote.Upstream("--tokens", 40, "--token-ms", 50)
        self.addCleanup(up.close)
        self.clock.set("2030-01-31 23:59:00")
        self.serve()
        self.ok("POST", "/api/admin/providers", test_remote.provider(up.url), status=201)
        for period in ("day", "month"):
            self.ok("POST", "/api/admin/budgets", {"name": period, "unit": "money", "period": period, "limit": 1_000_000}, status=201)
        body = {"model": "skyai-advanced", "stream": True, "messages": [{"role": "user", "content": "Count."}]}
        events = self.server.events("/v1/chat/completions", body)
        for _ in range(3):
            next(events)
        before = self.spent()
        self.assertGreater(before["day"][1], 0)
        self.clock.set("2030-02-01 00:00:30")
        self.assertEqual([self.spent()[name][:2] for name in ("day", "month")], [(0, 0), (0, 0)])
        self.assertEqual([data for _, data in events][-1], "[DONE]")
        self.assertEqual([self.spent()[name][:2] for name in ("day", "month")], [(0, 0), (0, 0)])
        self.clock.set("2030-01-31 23:59:30")
        for name in ("day", "month"):
            spent = wait_for(lambda n=name: (s := self.spent()[n])[1] == 0 and s, 60, "it was settled")
            self.assertGreater(spent[0], 0)

    def test_what_a_tier_grants_is_granted_once_a_day(self):
        self.clock.set("2030-01-30 23:50:00")
        self.serve()
        up = test_remote.Upstream("--tokens", 5)
        self.addCleanup(up.close)
        self.ok("POST", "/api/admin/providers", test_remote.provider(up.url), status=201)
        self.ok("POST", "/api/auth/register", {"email": "owner@example.org", "password": PASSWORD}, status=201)
        ann = self.ok("POST", "/api/auth/register", {"email": "ann@example.org", "password": PASSWORD}, status=201)
        key = self.ok("POST", "/api/keys", {"name": "a program", "scopes": ["chat"]}, ann["access_token"], 201)["key"]
        self.ok("PUT", "/api/admin/tiers/daily", {"level_max": "L3", "tokens_per_day": 300}, status=204)
        self.ok("PATCH", f"/api/admin/people/{ann['user']['id']}", {"tier": "daily"})

        def fill():
            body = {"model": "skyai-advanced", "max_tokens": 100, "messages": [{"role": "user", "content": "Count."}]}
            found = [self.call("POST", "/v1/chat/completions", body, key)[0] for _ in range(30)]
            return found.count(200), found.count(402), self.ok("GET", "/api/budgets", token=key)["tier"]["tokens_used"]
        first = fill()
        self.assertGreater(first[0], 0)
        self.assertEqual(first[0] + first[1], 30)
        self.assertGreater(first[2], 0)
        self.clock.set("2030-01-31 00:00:10")
        self.assertEqual(self.ok("GET", "/api/budgets", token=key)["tier"]["tokens_used"], 0)
        self.assertEqual(fill(), first)
        self.clock.set("2030-01-30 23:55:00")
        self.assertEqual(fill(), (0, 30, first[2]))

    def test_tokens_end_by_the_clock_and_a_jump_locks_nobody_out(self):
        self.serve()
        person = {"email": "ann@example.org", "password": PASSWORD}
        self.ok("POST", "/api/auth/register", person, status=201)
        tokens = self.ok("POST", "/api/auth/login", person)
        key = self.ok("POST", "/api/keys", {"name": "a program", "scopes": ["chat"], "expires_in": 2 * DAY}, tokens["access_token"], 201)["key"]
        seat = Browser(self.server)
        self.assertEqual(seat.login(person["email"])[0], 200)

        def me(token):
            return self.call("GET", "/api/auth/me", token=token)[0]

        def browser():
            return seat.call("GET", "/api/auth/me")[0]

        def refresh(token):
            status, _, answer = self.call("POST", "/api/auth/refresh", {"refresh_token": token})
            return answer if status == 200 else status
        self.assertEqual((me(tokens["access_token"]), me(key), browser()), (200, 200, 200))
        self.clock.jump(14 * MINUTE)
        self.assertEqual(me(tokens["access_token"]), 200)
        self.clock.jump(2 * MINUTE)
        self.assertEqual((me(tokens["access_token"]), me(key), browser()), (401, 200, 200))
        late = refresh(tokens["refresh_token"])
        self.assertEqual(me(late["access_token"]), 200)

        # Back: a token of the time that is to come is not taken, the next one is had as ever.
        self.clock.jump(-HOUR)
        self.assertEqual((me(late["access_token"]), me(key), browser()), (401, 200, 200))
        now = refresh(late["refresh_token"])
        self.assertEqual(me(now["access_token"]), 200)
        self.assertEqual(self.call("POST", "/api/auth/logout", {}, now["access_token"])[0], 204)
        self.clock.jump(HOUR)
        self.assertEqual(me(now["access_token"]), 401)
        self.assertEqual(me(late["access_token"]), 401)  # of the login that ended, whatever the time is

        self.clock.jump(2 * DAY)
        self.assertEqual((me(key), browser()), (401, 200))
        self.clock.jump(31 * DAY)  # nobody came for so long
        self.assertEqual(browser(), 401)
        last = self.ok("POST", "/api/auth/login", person)
        self.assertEqual(me(last["access_token"]), 200)
        self.clock.jump(-40 * DAY)
        self.server.stop()
        self.serve()
        self.assertEqual(me(self.ok("POST", "/api/auth/login", person)["access_token"]), 200)
        self.assertIsInstance(refresh(last["refresh_token"]), dict)

    def test_a_code_is_not_taken_twice_by_turning_the_clock_back(self):
        self.serve()
        person = {"email": "ann@example.org", "password": PASSWORD}
        token = self.ok("POST", "/api/auth/register", person, status=201)["access_token"]
        secret = self.ok("POST", "/api/auth/totp", {}, token, 201)["secret"]
        codes = self.ok("POST", "/api/auth/totp/confirm", {"totp": totp(secret)}, token)["recovery_codes"]

        def enter(code):
            return self.call("POST", "/api/auth/login", {**person, "totp": code})[0]
        self.clock.jump(5 * MINUTE)
        code = totp(secret, self.clock.ahead())
        self.assertEqual((enter(code), enter(code)), (200, 401))
        self.clock.jump(-2 * MINUTE)
        self.clock.jump(2 * MINUTE)
        self.assertEqual(enter(code), 401)
        # Nor one of a time that is behind the last one; recovery codes do not know of time.
        self.clock.jump(-3 * MINUTE)
        self.assertEqual(enter(totp(secret, self.clock.ahead())), 401)
        self.assertEqual(enter(codes[0]), 200)
        self.clock.jump(5 * MINUTE)
        self.assertEqual(enter(totp(secret, self.clock.ahead())), 200)


if __name__ == "__main__":
    unittest.main()
