"""test_spend.py: API keys, tiers, budgets and rates over HTTP: what each lets through, and what it says when not."""
import http.client
import time

from support import DATA, ServerTest

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
        """A new account; returns its access token and its id."""
        type(self).next_address += 1
        invite = self.ok("POST", "/api/auth/invites", {"role": role}, status=201)["invite"]
        body = {"email": f"{name}@example.org", "password": PASSWORD, "invite": invite}
        status, _, answer = self.call("POST", "/api/auth/register", body, "nobody", f"127.0.1.{self.next_address}")
        self.assertEqual(status, 201, answer)
        return answer["access_token"], answer["user"]["id"]

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
