"""What a stolen session, a program's key and an administrator who is one no longer get nothing from."""
import concurrent.futures
import http.client
import time

from support import Server
from test_auth import PASSWORD, Asking, later, totp
from test_people import Browser


class Attacks(Asking):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        one = cls("enrol")
        cls.owner = one.register("owner@example.org", one.server.token, later(120))[2]["access_token"]
        one.enrol(cls.owner)
        cls.next = 121

    def person(self, name, role="member"):
        """Returns the access token, the id, and the recovery codes if there is a second factor."""
        invite = self.call("POST", "/api/auth/invites", {"role": role}, self.server.token)[2]["invite"]
        type(self).next += 1
        status, _, answer = self.register(f"{name}@example.org", None, later(self.next), invite=invite)
        self.assertEqual(status, 201, answer)
        codes = self.enrol(answer["access_token"])[1] if role == "admin" else []
        return answer["access_token"], answer["user"]["id"], codes

    def test_codes_guessed_at_once(self):
        """From many addresses, on all routes that take a code, and forgiven by a password in between."""
        token, _, _ = self.person("guessed", "admin")

        def guess(number):
            path = ("/api/auth/step-up", "/api/auth/totp/remove")[number % 2]
            return self.call("POST", path, {"totp": f"{number:06}"}, token, f"127.0.3.{number % 16 + 1}")
        with concurrent.futures.ThreadPoolExecutor(64) as pool:
            answers = list(pool.map(guess, range(64)))
        counts = {status: sum(a[0] == status for a in answers) for status in (403, 429)}
        self.assertEqual(counts[403] + counts[429], 64, answers)
        self.assertLessEqual(counts[403], 5)
        body = {"password": PASSWORD, "new_password": PASSWORD + "1"}
        self.assertIn(self.call("POST", "/api/auth/password", body, token, "127.0.3.30")[0], (204, 429))
        self.problem(self.call("POST", "/api/auth/step-up", {"totp": "000000"}, token, "127.0.3.31"), 429, "too-many-tries")

    def test_a_key_from_before_its_account_steered(self):
        token, account, _ = self.person("climber")
        key = self.call("POST", "/api/keys", {"name": "early", "scopes": ["admin"]}, token)[2]["key"]
        self.problem(self.call("GET", "/api/admin/budgets", token=key), 403, "forbidden")
        self.assertEqual(self.call("PATCH", f"/api/admin/people/{account}", {"role": "admin"}, self.owner)[0], 200)
        self.problem(self.call("GET", "/api/admin/budgets", token=key), 403, "totp-enrolment-required")
        self.enrol(token)
        self.assertEqual(self.call("GET", "/api/admin/budgets", token=key)[0], 200)
        self.assertEqual(self.call("POST", f"/api/admin/people/{account}/totp/remove", {}, self.owner)[0], 204)
        self.problem(self.call("GET", "/api/admin/budgets", token=key), 403, "totp-enrolment-required")

    def test_what_a_former_administrator_handed_out(self):
        token, account, _ = self.person("former", "admin")
        _, member, _ = self.person("reset")
        invite = self.call("POST", "/api/auth/invites", {"role": "admin"}, token)[2]["invite"]
        reset = self.call("POST", f"/api/admin/people/{member}/reset", {}, token)[2]["path"].partition("=")[2]
        self.assertEqual(self.call("PATCH", f"/api/admin/people/{account}", {"role": "member"}, self.owner)[0], 200)
        body = {"token": reset, "password": "another horse battery"}
        self.problem(self.call("POST", "/api/auth/reset", body, source="127.0.4.1"), 403, "wrong-reset")
        self.problem(self.register("puppet@example.org", None, "127.0.4.2", invite=invite), 403, "registration-closed")

    def test_a_stream_ends_with_the_role(self):
        for path in ("/api/admin/events", "/api/admin/logs"):
            with self.subTest(path=path):
                token, account, _ = self.person("watcher" + path[-4:], "admin")
                connection = http.client.HTTPConnection(self.server.host, int(self.server.port), timeout=20)
                self.addCleanup(connection.close)
                connection.request("GET", path, headers={"Authorization": f"Bearer {token}", "Accept": "text/event-stream"})
                answer = connection.getresponse()
                self.assertEqual(answer.status, 200)
                self.assertTrue(answer.readline())
                self.assertEqual(self.call("PATCH", f"/api/admin/people/{account}", {"role": "member"}, self.owner)[0], 200)
                began = time.monotonic()
                while answer.readline():
                    self.assertLess(time.monotonic() - began, 15)

    def test_what_wants_a_fresh_proof(self):
        server = Server()
        self.addCleanup(server.close)

        def ask(method, path, body=None, token=None, on=server):
            return on.request(method, path, body, {"Authorization": f"Bearer {token or on.token}"}, token=False)
        owner = ask("POST", "/api/auth/register", {"email": "owner@example.org", "password": PASSWORD})[2]["access_token"]
        bob = ask("POST", "/api/auth/register", {"email": "bob@example.org", "password": PASSWORD})[2]["access_token"]
        secret = ask("POST", "/api/auth/totp", {}, owner)[2]["secret"]
        ask("POST", "/api/auth/totp/confirm", {"totp": totp(secret)}, owner)
        key = ask("POST", "/api/keys", {"name": "a key", "scopes": ["chat"]}, bob)[2]["id"]
        server.stop()
        again = Server(data=server.data)
        try:
            for method, path, body, token in (("POST", "/api/auth/invites", {"role": "admin"}, owner),
                                              ("POST", "/api/auth/totp", {}, bob),
                                              ("POST", "/api/keys", {"name": "b", "scopes": ["chat"]}, bob),
                                              ("PATCH", f"/api/keys/{key}", {"scopes": ["admin"]}, bob)):
                with self.subTest(path=path):
                    self.problem(ask(method, path, body, token, again), 403, "step-up-required")
        finally:
            again.close()

    def test_a_session_that_was_put_there(self):
        """Whoever gives a browser a cookie before it logs in has nothing of the session that begins."""
        self.person("fixed")
        mallory = Browser(self.server, "127.0.5.1")
        self.person("mallory")
        self.assertEqual(mallory.login("mallory@example.org")[0], 200)
        for planted in ("sks_" + "A" * 43, mallory.cookie, "x", ""):
            with self.subTest(planted[:8]):
                victim = Browser(self.server, "127.0.5.2")
                victim.cookie = planted
                self.assertEqual(victim.login("fixed@example.org")[0], 200)
                self.assertRegex(victim.cookie, "^sks_[A-Za-z0-9_-]{43}$")
                self.assertNotEqual(victim.cookie, planted)
                self.assertEqual(victim.call("GET", "/api/session")[2]["email"], "fixed@example.org")
                thief = Browser(self.server, "127.0.5.1")
                thief.cookie = planted
                if planted:
                    status, _, answer = thief.call("GET", "/api/session")
                    self.assertNotEqual(answer.get("email"), "fixed@example.org", (status, answer))

    def test_names_that_look_alike(self):
        """The address is who one is: ASCII in one case. Names may look alike, and stand beside it wherever one chooses among people."""
        _, ann, _ = self.person("anna")
        made = {}
        for number, name in enumerate(("Anna", "\u0410nn\u0430", "Ann\u0430")):  # the others with Cyrillic letters
            _, made[name], _ = self.person(f"like{number}")
            self.assertEqual(self.call("PATCH", f"/api/admin/people/{made[name]}", {"name": name}, self.owner)[0], 200)
        listed = {one["id"]: one for one in self.call("GET", "/api/admin/people?limit=500", token=self.owner)[2]["people"]}
        self.assertEqual([listed[who]["name"] for who in made.values()], list(made))
        self.assertEqual(len({listed[who]["email"] for who in (ann, *made.values())}), 4)
        found = self.call("GET", "/api/admin/people?q=like1", token=self.owner)[2]["people"]
        self.assertEqual([one["id"] for one in found], [made["\u0410nn\u0430"]])
        # What would make one address or name look like another's is refused.
        for email in ("\u0430nna@example.org", "anna\u200b@example.org", "anna@ex\u0430mple.org", "ann\u0061\u0301@example.org", "ANNA@example.org", "Anna@Example.ORG"):
            status, _, answer = self.register(email, self.server.token, "127.0.5.3")
            self.assertEqual(status, 400 if not email.isascii() else 409, (email, answer))
        for name in ("Ann\u200ba", "Anna\u202e", "\u2066Anna", "Anna\u3164", "\ufeffAnna"):
            self.problem(self.call("PATCH", f"/api/admin/people/{ann}", {"name": name}, self.owner), 400, "invalid-field")
