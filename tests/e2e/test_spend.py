"""test_spend.py: API keys, tiers, budgets and rates over HTTP: what each lets through, and what it says when not."""
import concurrent.futures
import http.client
import json
import signal
import time

from support import DATA, Server, ServerTest, within_a_day
from test_auth import totp

PASSWORD = "correct horse battery"
QUESTION = {"message": "Which port does the lantern service listen on?"}


class Asking(ServerTest):
    learn = False
    next_address = 2

    def call(self, method, path, body=None, token=None, source=None):
        """token: of an account or a key; None: the owner's."""
        connection = http.client.HTTPConnection(self.server.host, int(self.server.port), timeout=60,
                                                source_address=(source, 0) if source else None)
        headers = {"Authorization": f"Bearer {token or self.server.token}"}
        try:
            return self.server.request(method, path, body, headers, token=False, connection=connection)
        finally:
            connection.close()

    def ok(self, method, path, body=None, token=None, status=200):
        answer = self.call(method, path, body, token)
        self.assertEqual(answer[0], status, answer[2])
        return answer[2]

    def problem(self, answer, status, kind):
        self.assertEqual((answer[0], answer[2]["type"].rsplit("/", 1)[-1]), (status, kind), answer[2])
        return answer[2]

    def person(self, name, role="member"):
        """A new account, an administrator's with a second factor; returns its access token and its id."""
        type(self).next_address += 1
        invite = self.ok("POST", "/api/auth/invites", {"role": role}, status=201)["invite"]
        body = {"email": f"{name}@example.org", "password": PASSWORD, "invite": invite}
        status, _, answer = self.call("POST", "/api/auth/register", body, "nobody", f"127.0.1.{self.next_address}")
        self.assertEqual(status, 201, answer)
        token = answer["access_token"]
        if role == "admin":
            secret = self.ok("POST", "/api/auth/totp", {}, token, 201)["secret"]
            self.ok("POST", "/api/auth/totp/confirm", {"totp": totp(secret)}, token)
        return token, answer["user"]["id"]

    def key(self, scopes, token=None, **fields):
        return self.ok("POST", "/api/keys", {"name": "a program", "scopes": scopes, **fields}, token, 201)


class Keys(Asking):
    def test_what_a_key_may(self):
        token, ann = self.person("ann")
        made = self.key(["chat", "genom"], token)
        key = made["key"]
        self.assertRegex(key, rf"^sky-{made['id']}-[A-Za-z0-9_-]{{43}}$")
        me = self.ok("GET", "/api/auth/me", token=key)
        self.assertEqual((me["id"], me["role"]), (ann, "member"))
        for method, path, body, scope in (
                ("GET", "/api/chat/history", None, "chat"), ("POST", "/api/chat/message", QUESTION, "chat"), ("GET", "/v1/stats", None, "genom"),
                ("POST", "/v1/intent", {"text": "hello"}, "genom"), ("GET", "/api/crawler/documents", None, "knowledge"),
                ("POST", "/v1/embeddings", {"model": "skyai-embed", "input": "x"}, "embed"), ("GET", "/api/crawler/jobs/x", None, "learn")):
            status, _, answer = self.call(method, path, body, key)
            if scope in ("chat", "genom"):
                self.assertEqual(status, 200, (path, answer))
            else:
                self.assertEqual(status, 403, (path, answer))
                text = answer["error"]["message"] if "error" in answer else answer["detail"]
                self.assertIn(f"`{scope}`", text)
        # What makes credentials wants a person.
        for method, path, body in (("GET", "/api/keys", None), ("POST", "/api/keys", {"name": "x", "scopes": ["admin"]}), ("DELETE", f"/api/keys/{made['id']}", None),
                                   ("GET", "/api/auth/sessions", None), ("POST", "/api/auth/totp", {}), ("POST", "/api/auth/password", {"password": PASSWORD, "new_password": "x" * 9}),
                                   ("POST", "/api/auth/logout", {})):
            self.problem(self.call(method, path, body, key), 403, "key-scope")
        self.problem(self.call("GET", "/api/nothing", token=key), 404, "not-found")

        # It is shown once, and never in the log or the store's list.
        listed = self.ok("GET", "/api/keys", token=token)
        self.assertEqual((len(listed["keys"]), listed["next"], listed["keys"][0]["scopes"]), (1, None, ["chat", "genom"]))
        self.assertIsNotNone(listed["keys"][0]["used_at"])
        secret = key.rsplit(made["id"], 1)[1][1:]
        self.assertNotIn(secret, str(listed) + self.server.log_text())
        for file in self.server.data.rglob("*"):
            if file.is_file():
                self.assertNotIn(secret.encode(), file.read_bytes(), file)

        # Another's it is not; revoked it ends at once.
        stranger, _ = self.person("stranger")
        self.problem(self.call("DELETE", f"/api/keys/{made['id']}", token=stranger), 404, "not-found")
        self.problem(self.call("PATCH", f"/api/keys/{made['id']}", {"name": "mine"}, stranger), 404, "not-found")
        self.ok("PATCH", f"/api/keys/{made['id']}", {"scopes": ["knowledge"]}, token, 204)
        self.problem(self.call("GET", "/api/chat/history", token=key), 403, "key-scope")
        self.ok("GET", "/api/crawler/documents", token=key)
        self.ok("DELETE", f"/api/keys/{made['id']}", token=token, status=204)
        self.problem(self.call("GET", "/api/auth/me", token=key), 401, "unauthorized")

    def test_never_more_than_the_account(self):
        token, bob = self.person("bob")
        key = self.key(["admin", "learn"], token)["key"]
        for method, path, body in (("GET", "/metrics", None), ("POST", "/api/crawler/learn", {"paths": [str(DATA)]}), ("GET", "/api/status/checks", None)):
            self.problem(self.call(method, path, body, key), 403, "forbidden")
        own = self.key(["admin"])["key"]
        self.ok("GET", "/metrics", token=own)
        self.problem(self.call("POST", "/api/crawler/learn", {"paths": [str(DATA)]}, own), 403, "key-scope")
        for path, body in (("/api/session/code", {}), ("/api/auth/invites", {})):
            self.problem(self.call("POST", path, body, own), 403, "key-scope")

        # Administrators see and revoke everybody's.
        admin, _ = self.person("admin", "admin")
        self.problem(self.call("GET", "/api/admin/keys", token=token), 403, "forbidden")
        found = self.ok("GET", f"/api/admin/keys?account={bob}", token=admin)["keys"]
        self.assertEqual([one["account"] for one in found], [bob])
        everybody = self.ok("GET", "/api/admin/keys?limit=1", token=admin)
        self.assertEqual((len(everybody["keys"]), everybody["next"]), (1, everybody["keys"][0]["id"]))
        self.assertNotEqual(self.ok("GET", f"/api/admin/keys?after={everybody['next']}", token=admin)["keys"][0]["id"], everybody["next"])
        self.ok("DELETE", f"/api/admin/keys/{found[0]['id']}", token=admin, status=204)
        self.assertEqual(self.call("GET", "/api/auth/me", token=key)[0], 401)

    def test_expiry_and_number(self):
        token, _ = self.person("zoe")
        key = self.key(["chat"], token, expires_in=1)["key"]
        self.assertEqual(self.call("GET", "/api/auth/me", token=key)[0], 200)
        self.key(["chat"], token)
        self.problem(self.call("POST", "/api/keys", {"name": "x", "scopes": ["chat"]}, token), 409, "limit-reached")
        time.sleep(1.1)
        self.assertEqual(self.call("GET", "/api/auth/me", token=key)[0], 401)

    def test_openai_clients_use_them(self):
        key = self.key(["chat"])["key"]
        status, _, body = self.call("POST", "/v1/embeddings", {"model": "skyai-embed", "input": "x"}, key)
        self.assertEqual((status, body["error"]["type"], body["error"]["code"]), (403, "permission_error", "key_scope"))
        self.assertEqual(self.call("GET", "/v1/models", token=key)[0], 200)
        status, _, body = self.call("GET", "/v1/models", token=key[:-1])
        self.assertEqual((status, body["error"]["code"]), (401, "invalid_api_key"))

    def test_what_is_typed(self):
        for fields, name in (({"name": ""}, "name"), ({"name": 7}, "name"), ({"scopes": []}, "scopes"), ({"scopes": "chat"}, "scopes"), ({"scopes": ["root"]}, "scopes"),
                             ({"scopes": [1]}, "scopes"), ({"scopes": None}, "scopes"), ({"expires_in": 0}, "expires_in"), ({"expires_in": -5}, "expires_in"),
                             ({"expires_in": 10**18}, "expires_in"), ({"per_minute": 0}, "per_minute"), ({"per_minute": "x"}, "per_minute")):
            found = self.call("POST", "/api/keys", {"name": "x", "scopes": ["chat"], **fields})
            self.assertIn(f"`{name}`", self.problem(found, 400, "invalid-field")["detail"])
        self.assertIn("`scopes`", self.problem(self.call("POST", "/api/keys", {"name": "x"}), 400, "invalid-field")["detail"])

    def test_a_key_ends_with_its_account(self):
        token, who = self.person("brief")
        key = self.key(["chat"], token)["key"]
        me = lambda: self.call("GET", "/api/auth/me", token=key)
        self.assertEqual(me()[0], 200)
        self.ok("PATCH", f"/api/admin/people/{who}", {"role": "guest"})
        self.assertEqual(me()[2]["role"], "guest")
        self.ok("PATCH", f"/api/admin/people/{who}", {"disabled": True})
        self.assertEqual(me()[0], 401)
        self.ok("PATCH", f"/api/admin/people/{who}", {"disabled": False})
        self.assertEqual(me()[0], 200)
        self.ok("POST", "/api/admin/budgets", {"name": "brief", "kind": "account", "subject": who, "unit": "requests", "period": "day", "limit": 9}, status=201)
        self.ok("DELETE", f"/api/admin/people/{who}", status=204)
        self.assertEqual(me()[0], 401)
        self.assertEqual([k for k in self.ok("GET", "/api/admin/keys")["keys"] if k["account"] == who], [])
        self.assertNotIn("brief", [b["name"] for b in self.ok("GET", "/api/admin/budgets")["budgets"]])


class Budgets(Asking):
    def ask(self, token=None):
        return self.call("POST", "/api/chat/message", QUESTION, token)

    def setUp(self):
        super().setUp()
        within_a_day()

    def budget(self, limit, **fields):
        body = {"name": "a budget", "unit": "requests", "period": "day", "limit": limit, **fields}
        return self.ok("POST", "/api/admin/budgets", body, status=201)["id"]

    def one(self, budget):
        return next(one for one in self.ok("GET", "/api/admin/budgets?limit=500")["budgets"] if one["id"] == budget)

    def test_requests_until_it_is_raised(self):
        token, ann = self.person("ann")
        key = self.key(["chat"], token)["key"]
        budget = self.budget(2, kind="account", subject=ann, name="Ann's questions")
        self.assertEqual([self.ask(token)[0], self.ask(key)[0]], [200, 200])
        body = self.problem(self.ask(token), 402, "budget-exceeded")
        self.assertEqual({name: body[name] for name in ("budget", "unit", "period", "limit", "spent")},
                         {"budget": "Ann's questions", "unit": "requests", "period": "day", "limit": 2, "spent": 2})
        self.assertRegex(body["resets_at"], r"^20\d\d-\d\d-\d\dT00:00:00\.000Z$")
        self.assertIn("ask an administrator", body["detail"])
        status, _, body = self.call("POST", "/v1/chat/completions", {"model": "skyai", "messages": [{"role": "user", "content": "hi"}]}, key)
        self.assertEqual((status, body["error"]["type"], body["error"]["code"], body["error"]["spent"]), (402, "insufficient_quota", "budget_exceeded", 2))
        self.assertEqual(self.call("GET", "/api/chat/history", token=token)[0], 200)  # reading costs nothing
        self.assertEqual(self.ask()[0], 200)  # nor do others pay

        mine = self.ok("GET", "/api/budgets", token=token)["budgets"]
        self.assertEqual([(one["id"], one["limit"], one["spent"], one["reserved"], one["level"]) for one in mine], [(budget, 2, 2, 0, None)])
        found = self.ok("GET", "/api/budgets", token=token)["tier"]
        self.assertEqual((found["name"], found["tokens_used"], found["microusd_per_month"]), ("free", 0, 0))
        owner = self.ok("GET", "/api/budgets")
        self.assertEqual((owner["budgets"], owner["tier"]["name"], owner["tier"]["tokens_per_day"]), ([], "owner", None))
        self.problem(self.call("PATCH", f"/api/admin/budgets/{budget}", {"limit": 9}, token), 403, "forbidden")
        self.ok("PATCH", f"/api/admin/budgets/{budget}", {"limit": 3}, status=204)
        self.assertEqual([self.ask(token)[0], self.ask(token)[0]], [200, 402])
        self.ok("DELETE", f"/api/admin/budgets/{budget}", status=204)
        self.problem(self.call("DELETE", f"/api/admin/budgets/{budget}"), 404, "not-found")
        self.assertEqual(self.ask(token)[0], 200)

    def test_never_more_than_the_cap(self):
        """32 at once; the answers that came are as many as were counted."""
        token, zoe = self.person("zoe")
        self.ok("PATCH", f"/api/admin/people/{zoe}", {"tier": "owner"})
        budget = self.budget(25, kind="account", subject=zoe)
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            found = list(pool.map(lambda _: self.call("GET", "/api/auth/me", token=token)[0] and self.ask(token)[0], range(60)))
        self.assertEqual((found.count(200), found.count(402)), (25, 35))
        self.assertEqual((self.one(budget)["spent"], self.one(budget)["reserved"]), (25, 0))

    def test_who_leaves_early(self):
        """Pays all the same, and holds nobody up."""
        token, eve = self.person("eve")
        self.ok("PATCH", f"/api/admin/people/{eve}", {"tier": "owner"})
        budget = self.budget(100, kind="account", subject=eve)
        for _ in range(20):
            connection = self.server.connection()
            connection.request("POST", "/api/chat/message", json.dumps({**QUESTION, "stream": True}),
                               {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
            connection.close()
        end = time.monotonic() + 10
        while self.one(budget)["spent"] < 20 and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual((self.one(budget)["spent"], self.ask(token)[0]), (20, 200))

    def test_keys_and_teams(self):
        token, bob = self.person("bob")
        made = self.key(["chat"], token)
        of_key = self.budget(1, kind="key", subject=made["id"])
        self.assertEqual([self.ask(made["key"])[0], self.ask(made["key"])[0], self.ask(token)[0]], [200, 402, 200])
        self.assertEqual([one["id"] for one in self.ok("GET", "/api/budgets", token=token)["budgets"]], [of_key])
        team = self.ok("POST", "/api/admin/teams", {"name": "crew"}, status=201)["id"]
        self.problem(self.call("POST", "/api/admin/teams", {"name": "crew"}), 409, "name-taken")
        of_team = self.budget(1, kind="team", subject=team, name="the crew's")
        self.ok("PUT", f"/api/admin/teams/{team}/accounts/{bob}", status=204)
        self.problem(self.call("PUT", f"/api/admin/teams/{team}/accounts/none"), 404, "not-found")
        members = self.ok("GET", f"/api/admin/teams/{team}/accounts")
        self.assertEqual(([one["id"] for one in members["accounts"]], members["next"]), ([bob], None))
        self.problem(self.call("GET", "/api/admin/teams/none/accounts"), 404, "not-found")
        self.assertEqual([one["accounts"] for one in self.ok("GET", "/api/admin/teams")["teams"] if one["id"] == team], [1])
        self.assertEqual(self.ask(token)[0], 200)
        self.assertEqual(self.problem(self.ask(token), 402, "budget-exceeded")["budget"], "the crew's")
        self.assertEqual({one["id"] for one in self.ok("GET", "/api/budgets", token=token)["budgets"]}, {of_key, of_team})
        self.ok("DELETE", f"/api/admin/teams/{team}/accounts/{bob}", status=204)
        self.assertEqual(self.ask(token)[0], 200)
        self.ok("PATCH", f"/api/admin/teams/{team}", {"name": "hands"}, status=204)
        self.ok("DELETE", f"/api/admin/teams/{team}", status=204)
        self.ok("DELETE", f"/api/keys/{made['id']}", token=token, status=204)
        left = {one["id"] for one in self.ok("GET", "/api/admin/budgets?limit=500")["budgets"]}
        self.assertFalse(left & {of_key, of_team})

    def test_it_outlives_kill(self):
        server = Server()
        try:
            body = {"name": "x", "unit": "requests", "period": "month", "limit": 2}
            self.assertEqual(server.post("/api/admin/budgets", body)[0], 201)
            self.assertEqual(server.post("/api/chat/message", QUESTION)[0], 200)
            server.stop(signal.SIGKILL)
            again = Server(data=server.data)
            try:
                self.assertEqual([again.post("/api/chat/message", QUESTION)[0] for _ in range(2)], [200, 402])
            finally:
                again.stop()
        finally:
            server.close()

    def test_what_is_typed(self):
        good = {"name": "x", "unit": "money", "period": "day", "limit": 5}
        for fields, name in (({"name": ""}, "name"), ({"unit": "euros"}, "unit"), ({"period": "year"}, "period"), ({"limit": -1}, "limit"), ({"limit": 1.5}, "limit"),
                             ({"limit": 2**60}, "limit"), ({"limit": None}, "limit"), ({"kind": "house"}, "kind"), ({"kind": "account"}, "subject"),
                             ({"kind": "account", "subject": "nobody"}, "subject"), ({"subject": "owner"}, "subject"), ({"level": "L9"}, "level"), ({"level": 3}, "level")):
            found = self.call("POST", "/api/admin/budgets", {**good, **fields})
            self.assertIn(f"`{name}`", self.problem(found, 400, "invalid-field")["detail"], fields)


class Tiers(Asking):
    def test_tiers_are_data(self):
        first = {one["name"]: one for one in self.ok("GET", "/api/admin/tiers")["tiers"]}
        self.assertEqual(set(first), {"free", "owner", "pro", "team"})
        self.assertEqual((first["owner"]["ask_per_minute"], first["owner"]["level_max"], first["free"]["microusd_per_month"]), (None, "L5", 0))
        token, ann = self.person("ann")
        self.ok("PUT", "/api/admin/tiers/tiny", {"level_max": "L0", "keys": 1, "body_bytes": 4096}, status=204)
        self.problem(self.call("PATCH", "/api/admin/people/nobody", {"tier": "tiny"}), 404, "not-found")
        found = self.problem(self.call("PATCH", f"/api/admin/people/{ann}", {"tier": "none"}), 400, "invalid-field")
        self.assertIn("tier", found["detail"])
        self.ok("PATCH", f"/api/admin/people/{ann}", {"tier": "tiny"})
        self.assertEqual(self.ok("GET", "/api/auth/me", token=token)["tier"], "tiny")
        # The level is capped, whatever is asked for; bodies and keys are.
        answer = self.ok("POST", "/api/chat/message", {**QUESTION, "level_max": "L5"}, token)
        self.assertIn(answer["receipt"]["level"], ("", "L0"), answer["receipt"])
        self.problem(self.call("POST", "/api/chat/message", {"message": "x" * 5000}, token), 413, "too-large")
        self.key(["chat"], token)
        self.problem(self.call("POST", "/api/keys", {"name": "x", "scopes": ["chat"]}, token), 409, "limit-reached")
        self.problem(self.call("DELETE", "/api/admin/tiers/tiny"), 409, "in-use")
        self.problem(self.call("DELETE", "/api/admin/tiers/free"), 409, "in-use")
        self.ok("PATCH", f"/api/admin/people/{ann}", {"tier": "pro"})
        self.assertEqual(self.call("POST", "/api/chat/message", {"message": "x" * 5000}, token)[0], 200)
        self.ok("DELETE", "/api/admin/tiers/tiny", status=204)
        self.problem(self.call("DELETE", "/api/admin/tiers/tiny"), 404, "not-found")

        # An administrator does not limit the owner.
        admin, _ = self.person("admin", "admin")
        self.problem(self.call("PUT", "/api/admin/tiers/owner", {"level_max": "L0"}, admin), 403, "forbidden")
        self.problem(self.call("PATCH", f"/api/admin/people/{ann}", {"tier": "owner"}, admin), 403, "forbidden")
        self.problem(self.call("GET", "/api/admin/tiers", token=token), 403, "forbidden")
        for name, fields, wrong in (("Big", {}, "name"), ("x" * 16, {}, "name"), ("x", {"level_max": "L6"}, "level_max"), ("x", {"ask_per_minute": 0}, "ask_per_minute"),
                                    ("x", {"keys": -1}, "keys"), ("x", {"body_bytes": 1}, "body_bytes"), ("x", {"tokens_per_day": "many"}, "tokens_per_day")):
            found = self.call("PUT", f"/api/admin/tiers/{name}", {"level_max": "L2", **fields})
            self.assertIn(f"`{wrong}`", self.problem(found, 400, "invalid-field")["detail"])


class Rates(Asking):
    def member(self, head):
        """A structured field of one string with parameters."""
        what, *rest = head.split(";")
        return what.strip('"'), {name: int(value) for name, value in (one.split("=") for one in rest)}

    def test_an_account_has_its_own(self):
        token, ann = self.person("ann")
        other, bob = self.person("bob")
        self.ok("PUT", "/api/admin/tiers/slow", {"level_max": "L1", "ask_per_minute": 3, "read_per_minute": 1000}, status=204)
        for one in (ann, bob):
            self.ok("PATCH", f"/api/admin/people/{one}", {"tier": "slow"})
        for left in (2, 1, 0):
            status, headers, _ = self.call("POST", "/api/chat/message", QUESTION, token)
            self.assertEqual(status, 200)
            self.assertEqual(self.member(headers["RateLimit-Policy"]), ("account", {"q": 3, "w": 60}))
            what, values = self.member(headers["RateLimit"])
            self.assertEqual((what, values["r"]), ("account", left))
            self.assertLessEqual(values["t"], 60)
        for _ in range(300):  # more than the address may at once: what is refused takes nothing of it
            status, headers, body = self.call("POST", "/api/chat/message", QUESTION, token)
            self.problem((status, headers, body), 429, "rate-limited")
        self.assertEqual((body["limit"], self.member(headers["RateLimit"])[1]["r"]), ("account", 0))
        self.assertIn("3 times in 60 seconds", body["detail"])
        self.assertTrue(1 <= int(headers["Retry-After"]) <= 21)
        self.assertEqual(self.call("POST", "/api/chat/message", QUESTION, other)[0], 200)
        self.assertEqual(self.call("GET", "/api/chat/history", token=token)[0], 200)  # another class
        key = self.key(["chat"], token)["key"]
        self.problem(self.call("POST", "/api/chat/message", QUESTION, key), 429, "rate-limited")  # the account's still
        self.ok("PATCH", f"/api/admin/people/{ann}", {"tier": "pro"})  # at once, as it fills
        time.sleep(1)
        self.assertEqual(self.call("POST", "/api/chat/message", QUESTION, token)[0], 200)

    def test_a_key_has_its_own(self):
        token, _ = self.person("zoe")
        key = self.key(["chat"], token, per_minute=2)["key"]
        first = self.call("GET", "/api/chat/history", token=key)
        self.assertEqual((first[0], self.member(first[1]["RateLimit-Policy"])), (200, ("key", {"q": 2, "w": 60})))
        self.assertEqual(self.call("POST", "/api/chat/message", QUESTION, key)[0], 200)
        body = self.problem(self.call("GET", "/api/chat/history", token=key), 429, "rate-limited")
        self.assertEqual(body["limit"], "key")
        status, headers, body = self.call("GET", "/v1/models", token=key)
        self.assertEqual((status, body["error"]["type"], body["error"]["code"], body["error"]["limit"]), (429, "rate_limit_error", "rate_limited", "key"))
        self.assertEqual(self.call("GET", "/api/chat/history", token=token)[0], 200)

    def test_an_address_has_its_own(self):
        source = "127.0.2.9"
        body = {"email": "nobody@example.org", "password": PASSWORD}
        status, headers, _ = self.call("POST", "/api/auth/login", body, "nobody", source)
        self.assertEqual((status, self.member(headers["RateLimit-Policy"])), (401, ("address", {"q": 10, "w": 60})))
        for _ in range(10):
            status, headers, answer = self.call("POST", "/api/auth/login", body, "nobody", source)
        self.assertEqual(self.problem((status, headers, answer), 429, "rate-limited")["limit"], "address")
        self.assertGreaterEqual(int(headers["Retry-After"]), 1)
        # The owner reads without a limit worth telling.
        self.assertNotIn("RateLimit", self.call("GET", "/api/status")[1])
