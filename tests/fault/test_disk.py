"""test_disk.py: a disk that fills up, fails, tears writes and does not sync, below the real program; see disk_shim.c.

Every fault is counted by the shim, and a case fails whose fault was not met.
"""
import errno
import http.client
import json
import mmap
import os
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile
import unittest

from acked import Load, wrong
from faultlib import FULL, SEED, Server, amount, dice, record, shim, support, wait_for

ROUNDS = amount(1, 25)
CLIENTS = 3
ANSWERS = 25
WRITE, SYNC, CUT = 1, 2, 4
CASES = {  # name: errno, kinds of calls, writes torn, statuses that say so
    "full": (errno.ENOSPC, WRITE | CUT, False, {507, 503}),
    "full in the middle of a write": (errno.ENOSPC, WRITE | CUT, True, {507, 503}),
    "writes fail": (errno.EIO, WRITE, False, {503}),
    "syncs fail": (errno.EIO, SYNC, False, {503}),
    "everything fails": (errno.EIO, WRITE | SYNC | CUT, False, {503}),
}


class Shim:
    """The disk's other end: arms and disarms it, and reads its counts."""

    FORMAT = "<4i4I"  # struct control

    def __init__(self, folder, data):
        library, control = shim(folder, "disk_shim"), folder / "control"
        control.write_bytes(bytes(struct.calcsize(self.FORMAT)))
        with open(control, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 0)
        self.env = {"LD_PRELOAD": str(library), "SKY_SHIM_FOLDER": str(data), "SKY_SHIM_CONTROL": str(control)}

    def arm(self, error, kinds, after, tear):
        struct.pack_into("<3i", self.map, 4, kinds, after, int(tear))
        struct.pack_into("<i", self.map, 0, error)  # last: it begins now

    def disarm(self):
        struct.pack_into("<i", self.map, 0, 0)

    def counts(self):
        write, sync, cut, torn = struct.unpack_from("<4I", self.map, 16)
        return {"write": write, "sync": sync, "cut": cut, "torn": torn}


class Disk(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-fault-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.data = folder / "data"
        self.data.mkdir(mode=0o700)
        self.shim = Shim(folder, self.data)

    def serve(self):
        server = Server(data=self.data, env=self.shim.env)
        self.addCleanup(server.close)
        return server

    def health(self, server):
        return server.get("/health", token=False)[2]

    def test_accounts_and_budgets_on_a_full_disk(self):
        """Nothing is half done: nobody is registered, no password is another, nothing stays set aside, no token is used up."""
        support.within_a_day()
        server = self.serve()

        def ask(method, path, body=None, token=None, source=[0]):
            source[0] += 1
            connection = http.client.HTTPConnection(server.host, int(server.port), timeout=60, source_address=(f"127.0.2.{source[0] % 250 + 1}", 0))
            try:
                return server.request(method, path, body, {"Authorization": f"Bearer {token or server.token}"}, token=False, connection=connection)
            finally:
                connection.close()
        owner = {"email": "owner@example.org", "password": "correct horse battery"}
        tokens = ask("POST", "/api/auth/register", owner)[2]
        access = tokens["access_token"]
        budget = {"name": "all", "unit": "requests", "period": "day", "limit": 100}
        self.assertEqual(ask("POST", "/api/admin/budgets", budget)[0], 201)
        self.assertEqual(ask("POST", "/api/chat/message", {"message": "What is 2 + 2?"})[0], 200)
        ann = {"email": "ann@example.org", "password": "correct horse battery"}
        changes = (("POST", "/api/auth/register", ann, None), ("POST", "/api/auth/login", owner, None),
                   ("POST", "/api/auth/refresh", {"refresh_token": tokens["refresh_token"]}, None),
                   ("POST", "/api/auth/password", {"password": owner["password"], "new_password": "another horse battery"}, access),
                   ("POST", "/api/auth/totp", {}, access), ("POST", "/api/auth/invites", {}, None),
                   ("POST", "/api/keys", {"name": "a key", "scopes": ["chat"]}, access),
                   ("POST", "/api/admin/budgets", budget, None), ("POST", "/api/admin/teams", {"name": "crew"}, None),
                   ("PUT", "/api/admin/tiers/gold", {"level_max": "L2"}, None),
                   ("POST", "/api/chat/message", {"message": "What is 3 + 3?"}, None))
        self.shim.arm(errno.ENOSPC, WRITE | CUT, 0, False)
        for method, path, body, token in changes:
            with self.subTest(path=path):
                status, _, answer = ask(method, path, body, token)
                self.assertIn(status, (507, 503), answer)
                self.assertIn("disk", json.dumps(answer), answer)
        self.assertEqual(ask("GET", "/api/auth/me", token=access)[0], 200)
        self.assertGreater(self.shim.counts()["write"], 0)
        self.shim.disarm()
        wait_for(lambda: ask("POST", "/api/admin/teams", {"name": "crew"})[0] == 201, 30, "nothing can be written")
        self.assertEqual(ask("POST", "/api/auth/refresh", {"refresh_token": tokens["refresh_token"]})[0], 200)
        self.assertEqual(ask("POST", "/api/auth/login", owner)[0], 200)
        self.assertEqual(ask("POST", "/api/auth/register", ann)[0], 201)
        self.assertEqual(ask("GET", "/api/keys", token=access)[2]["keys"], [])
        self.assertEqual(ask("GET", "/api/auth/invites")[2]["invites"], [])
        found = ask("GET", "/api/admin/budgets")[2]["budgets"]
        self.assertEqual([(one["spent"], one["reserved"]) for one in found], [(1, 0)])
        self.assertNotIn("gold", [tier["name"] for tier in ask("GET", "/api/admin/tiers")[2]["tiers"]])
        self.assertEqual(ask("POST", "/api/chat/message", {"message": "What is 3 + 3?"})[0], 200)

    def told(self, server, kept, clear):
        """Who wants to change something is told that it cannot be; reading goes on."""
        chat = f"/api/chat/history/{kept['conversation_id']}"
        for answer in (server.post("/api/chat/vote", {"message_id": kept["message_id"], "vote": 1}),
                       server.request("PATCH", chat, {"title": "never"}), server.request("DELETE", chat)):
            status, head, problem = answer
            self.assertIn(status, clear, problem)
            self.assertEqual(head.get_content_type(), "application/problem+json")
            self.assertTrue(problem["title"])
        status, _, started = server.post("/api/crawler/learn?name=never.txt", b"The never valve.",
                                         headers={"Content-Type": "application/octet-stream"})
        self.assertEqual(status, 202)
        job = server.job(started["job_id"])
        self.assertEqual((job["state"], job["added"]), ("failed", 0), job)
        self.assertTrue(job["errors"], job)
        self.assertEqual(server.get("/api/chat/history")[0], 200)
        self.assertEqual(server.get("/api/crawler/search?q=valve")[0], 200)

    def one(self, server, throw, number, case):
        """One fault under load, and its end. What was refused, by status."""
        error, kinds, tear, clear = CASES[case]
        before, kept = self.shim.counts(), server.ask("Is this kept?", level_max="L0")
        load = Load(server, throw, CLIENTS, number, confirm=True)
        wait_for(lambda: sum(load.statuses().values()) >= ANSWERS, 120, "the load does not begin")
        self.shim.arm(error, kinds, throw.randrange(12), tear)
        wait_for(lambda: "store" in self.health(server), 60, "the server does not notice that its disk fails")
        seen = sum(load.statuses().values())
        wait_for(lambda: sum(load.statuses().values()) >= seen + ANSWERS, 120, "with a broken disk nothing is answered")
        self.told(server, kept, clear)
        self.shim.disarm()
        wait_for(lambda: self.health(server)["status"] == "ok", 30, "the server does not notice that its disk works again")
        seen = sum(load.statuses().values())
        wait_for(lambda: sum(load.statuses().values()) >= seen + ANSWERS, 120, "the service does not resume")
        acked = load.stop()
        for client in load.clients:
            self.assertIsNone(client.left, "the server ended a connection")
        self.assertEqual(load.problems(), [])
        counts = self.shim.counts()
        met = {kind: counts[kind] - before[kind] for kind in counts}
        self.assertGreater(met["sync"] if kinds == SYNC else met["write"], 0, "the fault was not met")
        self.assertEqual(met["torn"] > 0, tear)
        statuses = load.statuses()
        bad = {status: n for status, n in statuses.items() if status >= 400}
        self.assertLessEqual(set(bad), clear | {404}, statuses)
        bad["answered, not kept"] = sum(client.unkept for client in load.clients)
        return acked, met, bad

    def test_a_disk_that_fails_under_load(self):
        throw, met, told, number, done = dice("disk"), {}, {}, 1, 0
        for _ in range(ROUNDS):
            for case in CASES:
                with self.subTest(case, seed=SEED):
                    server = self.serve()
                    try:
                        acked, counts, bad = self.one(server, throw, number, case)
                        # The service resumed: what is new is kept, and what was acknowledged is there.
                        self.assertEqual(wrong(server, acked), [])
                    finally:
                        self.shim.disarm()
                        number += CLIENTS
                        server.kill()
                    again = self.serve()
                    self.assertEqual(wrong(again, acked, search=False), [])
                    again.kill()
                    for kind, n in counts.items():
                        met[kind] = met.get(kind, 0) + n
                    for status, n in bad.items():
                        told[status] = told.get(status, 0) + n
                    done += 1
        found = json.loads(support.run("doctor", "--json", data=self.data).stdout)
        checks = {check["check"]: check for check in found["checks"]}
        for name in ("store", "search index"):
            self.assertTrue(checks[name]["ok"], checks[name])
        record("disk", ("acknowledged things lost while the disk fails", [0], "", "== 0"), faults=done,
               refused_calls=met, refused_requests=told, lost=0)


if FULL:  # its short form runs with the unit tests
    class Power(unittest.TestCase):
        def test_power_cuts_below_the_store(self):
            program = support.SKY.parent / "tests" / "unit" / "test-core-store-power"
            done = subprocess.run([program], env={**os.environ, "SKY_SEED": str(SEED)}, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            found = re.search(r"# (\d+) cuts: (\d+) writes lost, (\d+) torn, (\d+) kept", done.stdout + done.stderr)
            cuts, lost, torn, kept = map(int, found.groups())
            record("power", (f"durable batches lost by {cuts} power cuts", [0], "", "== 0"), cuts=cuts, writes_lost=lost, writes_torn=torn, writes_kept=kept, durable_batches_lost=0)


if __name__ == "__main__":
    unittest.main()
