"""test_audit.py: the audit log through the real program: what is written down, by whom; verified with and without a server; a
store that somebody changed is noticed."""
import csv
import io
import json
import pathlib
import shutil
import signal
import tempfile
import time
import unittest

from support import ANSWER_S, Server, run, spoil, sql
from test_auth import PASSWORD, totp


def sky(data, *arguments):
    return run(*arguments, data=data)


class Audit(unittest.TestCase):
    def setUp(self):
        self.data = pathlib.Path(tempfile.mkdtemp(prefix="sky-audit-"))
        self.addCleanup(shutil.rmtree, self.data, True)
        self.addCleanup(self.data.with_suffix(".log").unlink, True)
        self.server = self.start()

    def start(self):
        server = Server(data=self.data)
        self.addCleanup(server.close)
        return server

    def post(self, path, body, token=None, method="POST"):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.server.request(method, path, body, headers, token=token is None)

    def anon(self, path, body):
        return self.server.request("POST", path, body, token=False)

    def wait_rows(self, count, **query):
        """Acts that are no batch of the store write their row behind the answer."""
        end = time.monotonic() + ANSWER_S
        while len(self.rows(**query)) < count:
            self.assertLess(time.monotonic(), end, self.rows(**query))
            time.sleep(0.02)
        return self.rows(**query)

    def rows(self, **query):
        text = "&".join(f"{k}={v}" for k, v in {"limit": 500, **query}.items())
        status, _, page = self.server.get(f"/api/admin/audit?{text}")
        self.assertEqual(status, 200, page)
        return page["audit"]

    def test_each_act_is_written_down(self):
        _, _, ann = self.post("/api/auth/register", {"email": "ann@example.org", "password": PASSWORD, "name": "Ann"})
        access = ann["access_token"]
        _, _, invited = self.post("/api/auth/invites", {"role": "member"})
        _, _, bob = self.anon("/api/auth/register", {"email": "bob@example.org", "password": PASSWORD, "invite": invited["invite"]})
        self.assertEqual(self.anon("/api/auth/login", {"email": "bob@example.org", "password": "wrong password"})[0], 401)
        self.assertEqual(self.anon("/api/auth/login", {"email": "nobody@example.org", "password": "wrong password"})[0], 401)
        self.assertEqual(self.post("/api/auth/invites", {"role": "member"}, bob["access_token"])[0], 403)
        _, _, begun = self.post("/api/auth/totp", {}, access)
        self.assertEqual(self.post("/api/auth/totp/confirm", {"totp": totp(begun["secret"])}, access)[0], 200)
        self.assertEqual(self.post("/api/auth/logout", None, bob["access_token"])[0], 204)
        self.assertEqual(self.post("/api/session", {"token": self.server.token})[0], 204)
        self.assertEqual(self.anon("/api/session", {"token": "sky_guess"})[0], 401)
        self.assertEqual(self.post("/api/session/code", {})[0], 200)
        printed = sky(self.data, "user", "token")
        self.assertEqual((printed.stdout.strip(), printed.stderr), (self.server.token, ""))
        self.server.process.send_signal(signal.SIGHUP)
        self.server.wait_log("event=serve.reload certificate")

        def learn():
            status, _, job = self.server.request("POST", "/api/crawler/learn?name=note.txt", b"The printer listens on port 9100.",
                                                 {"Content-Type": "application/octet-stream"})
            self.assertEqual(status, 202)
            self.server.job(job["job_id"])

        learn()
        document = self.server.get("/api/crawler/documents")[2]["documents"][0]["id"]
        self.assertEqual(self.post(f"/api/crawler/documents/{document}", None, method="DELETE")[0], 204)
        learn()
        source = self.server.get("/api/crawler/sources")[2]["sources"][0]["id"]
        status, _, job = self.server.request("DELETE", f"/api/crawler/sources/{source}")
        self.assertEqual(status, 202)
        self.server.job(job["job_id"])
        self.assertEqual(self.server.request("DELETE", f"/api/crawler/sources/{source}")[0], 404)

        self.wait_rows(1, act="document.removed")
        rows = self.wait_rows(20)
        self.assertEqual([row["seq"] for row in rows], list(range(len(rows), 0, -1)))
        told = {}
        for row in rows:
            told.setdefault(row["act"], []).append(row)
        self.assertEqual({act: len(found) for act, found in told.items()}, {
            "account.registered": 2, "login.ok": 3, "invite.made": 1, "invite.used": 1, "login.refused": 3, "role.refused": 1,
            "totp.confirmed": 1, "login.ended": 1, "code.made": 1, "token.printed": 1, "config.reloaded": 1, "learn.started": 2,
            "source.forgotten": 1, "document.removed": 1})
        self.assertEqual([row["detail"] for row in told["login.ok"]],
                         [{"with": "token", "browser": True}, {"with": "password", "browser": False}, {"with": "password", "browser": False}])
        self.assertEqual(told["invite.used"][0]["object"], told["invite.made"][0]["object"])
        ids = {"ann": "owner", "bob": bob["user"]["id"]}
        self.assertEqual({row["object"] for row in told["login.refused"]}, {ids["bob"], ""})
        refused = told["role.refused"][0]
        self.assertEqual((refused["actor"]["id"], refused["actor"]["name"], refused["object"]), (ids["bob"], "bob", "authInvite"))
        self.assertEqual(refused["actor"]["address"], "127.0.0.1")
        self.assertEqual(len(refused["actor"]["request"]), 26)
        self.assertEqual(told["document.removed"][0]["object"], document)
        self.assertEqual(told["source.forgotten"][0]["object"], source)
        self.assertEqual(told["token.printed"][0]["detail"].keys(), {"uid"})
        text = json.dumps(rows)
        for secret in (PASSWORD, "wrong password", "nobody@example.org", access, invited["invite"], self.server.token, begun["secret"],
                       "sky_guess"):
            self.assertNotIn(secret, text)

        self.assertEqual([row["act"] for row in self.rows(act="code.made")], ["code.made"])
        self.assertTrue(all(row["actor"]["id"] == ids["bob"] for row in self.rows(actor=ids["bob"])))
        self.assertEqual(self.server.get("/api/admin/audit/verify")[2]["rows"], len(rows))

    def test_what_those_who_steer_do(self):
        """Each row names who did it, from where, and to what."""
        post, owner = self.post, self.server.token
        _, _, invited = post("/api/auth/invites", {"role": "member"})
        _, _, bob = self.anon("/api/auth/register", {"email": "bob@example.org", "password": PASSWORD, "invite": invited["invite"]})
        who, access = bob["user"]["id"], bob["access_token"]
        post("/api/auth/invites", {"role": "guest"})
        for one in self.server.get("/api/auth/invites")[2]["invites"]:
            post(f"/api/auth/invites/{one['id']}", None, method="DELETE")
        person = f"/api/admin/people/{who}"
        self.assertEqual(post("/api/auth/step-up", {"password": PASSWORD}, access)[0], 204)
        self.assertEqual(post("/api/auth/step-up", {"password": "wrong password"}, access)[0], 403)
        self.assertEqual(self.server.request("GET", "/api/auth/export", None, {"Authorization": f"Bearer {access}"}, token=False)[0], 200)
        _, _, key = post("/api/keys", {"name": "k", "scopes": ["chat"]}, access)
        self.assertEqual(post(f"/api/keys/{key['id']}", {"per_minute": 5}, access, "PATCH")[0], 204)
        self.assertEqual(self.server.request("GET", "/api/keys", None, {"Authorization": f"Bearer {key['key']}"}, token=False)[0], 403)
        self.assertEqual(post(f"/api/keys/{key['id']}", None, access, "DELETE")[0], 204)
        self.assertEqual(post(person, {"tier": "pro"}, method="PATCH")[0], 200)
        self.assertEqual(post(person, {"role": "admin"}, access, "PATCH")[0], 403)
        _, _, reset = post(f"{person}/reset", {})
        self.assertEqual(self.anon("/api/auth/reset", {"token": "skp_guess", "password": PASSWORD + "2"})[0], 403)
        time.sleep(1.1)
        status, _, told = self.anon("/api/auth/reset", {"token": reset["path"].split("=")[1], "password": PASSWORD + "2"})
        self.assertEqual(status, 204, told)
        _, _, budget = post("/api/admin/budgets", {"name": "b", "unit": "tokens", "period": "day", "limit": 1000000})
        self.assertEqual(post(f"/api/admin/budgets/{budget['id']}", {"limit": 2000000}, method="PATCH")[0], 204)
        self.assertEqual(post(f"/api/admin/budgets/{budget['id']}", None, method="DELETE")[0], 204)
        self.assertEqual(post("/api/admin/tiers/tiny", {"level_max": "L0"}, method="PUT")[0], 204)
        self.assertEqual(post("/api/admin/tiers/tiny", None, method="DELETE")[0], 204)
        _, _, team = post("/api/admin/teams", {"name": "crew"})
        for method in ("PUT", "DELETE"):
            self.assertEqual(post(f"/api/admin/teams/{team['id']}/accounts/{who}", None, method=method)[0], 204)
        self.assertEqual(post(f"/api/admin/teams/{team['id']}", {"name": "crew 2"}, method="PATCH")[0], 204)
        self.assertEqual(post(f"/api/admin/teams/{team['id']}", None, method="DELETE")[0], 204)
        models = [{"name": "m", "price_in": 0, "price_out": 0}]
        status, _, provider = post("/api/admin/providers", {"name": "p", "base_url": "http://127.0.0.1:9/v1", "key": "", "models": models})
        self.assertEqual(status, 201, provider)
        self.assertEqual(post(f"/api/admin/providers/{provider['id']}", {"rank": 2}, method="PATCH")[0], 200)
        self.assertEqual(post(f"/api/admin/providers/{provider['id']}/test", {})[0], 200)
        self.assertEqual(post(f"/api/admin/providers/{provider['id']}", None, method="DELETE")[0], 204)
        for base, status in ((0, 200), (0, 409)):
            self.assertEqual(post("/api/admin/prompt", {"text": "Be brief.", "base_version": base}, method="PUT")[0], status)
        for model, status in (("local:m", 204), ("m", 400)):
            price = {"model": model, "in_microusd": 5, "out_microusd": 7}
            self.assertEqual(post("/api/admin/prices", price, method="PUT")[0], status)
        self.assertEqual(post("/api/admin/providers/nobody", {"rank": 2}, method="PATCH")[0], 404)
        self.assertEqual(post("/api/admin/providers/nobody", None, method="DELETE")[0], 404)
        self.assertEqual(post(person, {"disabled": True}, method="PATCH")[0], 200)
        self.assertEqual(post(person, None, method="DELETE")[0], 204)
        self.wait_rows(1, act="provider.removed")
        wanted = {
            "invite.made": 2, "invite.used": 1, "invite.removed": 1, "account.registered": 1, "login.ok": 1, "step-up.ok": 1,
            "step-up.refused": 1, "account.exported": 1, "key.made": 1, "key.changed": 1, "scope.refused": 1, "key.removed": 1,
            "account.changed": 2, "role.refused": 1, "reset.made": 1, "reset.refused": 1, "password.reset": 1, "budget.set": 2,
            "budget.removed": 1, "tier.set": 1, "tier.removed": 1, "team.set": 4, "team.removed": 1, "provider.set": 2,
            "provider.tested": 1, "provider.removed": 1, "prompt.changed": 1, "price.set": 1, "account.removed": 1}
        rows = self.wait_rows(sum(wanted.values()))
        told = {}
        for row in rows:
            told.setdefault(row["act"], []).append(row)
        self.assertEqual({act: len(found) for act, found in told.items()}, wanted)
        for row in rows:
            self.assertEqual((row["actor"]["address"], len(row["actor"]["request"])), ("127.0.0.1", 26), row)
        for act, object_ in (("key.made", key["id"]), ("reset.made", who), ("password.reset", who), ("budget.set", budget["id"]),
                             ("tier.set", "tiny"), ("team.removed", team["id"]), ("provider.set", provider["id"]), ("price.set", "local:m"), ("account.removed", who)):
            self.assertEqual({row["object"] for row in told[act]}, {object_}, act)
        self.assertEqual(told["account.changed"][0]["detail"], {"role": "member", "tier": "pro", "disabled": True})
        self.assertEqual((told["step-up.refused"][0]["actor"]["id"], told["scope.refused"][0]["actor"]["key"]), (who, key["id"]))
        self.assertNotEqual(told["provider.tested"][0]["outcome"], "ok")
        text = json.dumps(rows)
        for secret in (PASSWORD, "wrong password", access, key["key"], reset["path"], "skp_guess", owner):
            self.assertNotIn(secret, text)
        self.assertTrue(self.server.get("/api/admin/audit/verify")[2]["ok"])

    def test_pages_and_a_table(self):
        for _ in range(5):
            self.post("/api/session/code", {})
        self.wait_rows(5)
        seen, cursor = [], ""
        while cursor is not None:
            page = self.server.get(f"/api/admin/audit?limit=2{cursor and '&before=' + cursor}")[2]
            seen += [row["seq"] for row in page["audit"]]
            cursor = page["next"]
        self.assertEqual(seen, [5, 4, 3, 2, 1])
        status, headers, table = self.server.get("/api/admin/audit", headers={"Accept": "text/csv"})
        self.assertEqual((status, headers.get_content_type()), (200, "text/csv"))
        rows = list(csv.DictReader(io.StringIO(table.decode())))
        self.assertEqual([(row["seq"], row["act"]) for row in rows][0], ("5", "code.made"))
        self.assertEqual(self.server.get("/api/admin/audit?before=x")[0], 400)

    def test_a_formula_is_text(self):
        self.post("/api/auth/register", {"email": "ann@example.org", "password": PASSWORD, "name": '=HYPERLINK("x")'})
        table = self.server.get("/api/admin/audit", headers={"Accept": "text/csv"})[2].decode()
        self.assertIn('"\'=HYPERLINK(""x"")"', table)

    def test_a_flood_of_refused_logins_stays_small(self):
        connection = self.server.connection()
        self.addCleanup(connection.close)
        self.post("/api/auth/register", {"email": "ann@example.org", "password": PASSWORD})
        _, _, invited = self.post("/api/auth/invites", {})
        _, _, bob = self.anon("/api/auth/register", {"email": "bob@example.org", "password": PASSWORD, "invite": invited["invite"]})
        headers = {"Authorization": f"Bearer {bob['access_token']}"}
        for _ in range(300):
            self.assertEqual(self.server.request("GET", "/api/admin/audit", None, headers, False, connection)[0], 403)
        # A minute may have ended meanwhile.
        self.assertIn(len(self.wait_rows(10, act="role.refused")), range(10, 23))
        self.server.close()
        self.server = self.start()
        rows = self.rows(act="role.refused")
        counted = sum(row["detail"]["count"] for row in rows if row["outcome"] == "counted")
        self.assertEqual(counted + sum(row["outcome"] != "counted" for row in rows), 300)

    def test_the_token_is_printed_whatever_happens(self):
        self.server.close()
        printed = sky(self.data, "user", "token")
        self.assertEqual((printed.returncode, printed.stdout.strip()), (0, self.server.token))
        listed = json.loads(sky(self.data, "admin", "audit", "list", "--json").stdout)["audit"]
        self.assertEqual([row["act"] for row in listed], ["token.printed"])
        spoil(self.data)
        printed = sky(self.data, "user", "token")
        self.assertEqual((printed.returncode, printed.stdout.strip(), printed.stderr), (0, self.server.token, ""))

    def test_a_changed_store_is_noticed(self):
        for _ in range(6):
            self.post("/api/session/code", {})
        self.wait_rows(6)
        whole = sky(self.data, "admin", "audit", "verify")
        self.assertEqual(whole.returncode, 0, whole.stderr)
        self.assertIn("6 rows, 1 to 6, head ", whole.stdout)
        self.server.close()
        for change, bad in (("UPDATE audit SET at_ms = at_ms + 1 WHERE seq = 4", 4), ("DELETE FROM audit WHERE seq = 2", 2),
                            ("UPDATE audit SET object = (SELECT object || 'x' FROM audit WHERE seq = 5) WHERE seq = 3", 3),
                            ("DELETE FROM audit WHERE seq > 4", 5)):
            with self.subTest(change):
                sql(self.data, "CREATE TABLE kept AS SELECT * FROM audit")
                sql(self.data, change)
                broken = sky(self.data, "admin", "audit", "verify")
                self.assertEqual(broken.returncode, 1)
                self.assertIn(f"row {bad} of the audit log", broken.stderr)
                told = sky(self.data, "admin", "audit", "verify", "--json")
                self.assertEqual((told.returncode, json.loads(told.stdout)["bad"]), (1, bad))
                for back in ("DELETE FROM audit", "INSERT INTO audit SELECT * FROM kept", "DROP TABLE kept"):
                    sql(self.data, back)
        self.assertEqual(sky(self.data, "admin", "audit", "verify").returncode, 0)

    def test_killed_in_the_middle(self):
        connection = self.server.connection()
        self.addCleanup(connection.close)
        for _ in range(20):
            self.server.request("POST", "/api/session", {"token": self.server.token}, connection=connection)
        self.server.process.kill()
        self.server.process.wait()
        verified = json.loads(sky(self.data, "admin", "audit", "verify", "--json").stdout)
        self.assertTrue(verified["ok"], verified)
        logins = sql(self.data, "SELECT count(*) FROM login")
        began = sql(self.data, "SELECT count(*) FROM audit WHERE act = 'login.ok'")
        self.assertEqual(logins, began)

    def test_misuse(self):
        self.assertEqual(sky(self.data, "admin").returncode, 2)
        self.assertEqual(sky(self.data, "admin", "audit").returncode, 2)
        self.assertEqual(sky(self.data, "admin", "audit", "forget").returncode, 2)
        self.assertEqual(sky(self.data, "admin", "audit", "list", "-k", "0").returncode, 2)


if __name__ == "__main__":
    unittest.main()
