"""test_people.py: accounts in browsers and under administrators: sessions, roles, and what ends them."""
import concurrent.futures
import http.client
import itertools
import json
import os
import pathlib
import re
import time
import unittest

from support import Server, sql, tables
from test_auth import PASSWORD, Asking, later, totp


class Browser:
    """Keeps cookies as a browser does, and says where its requests come from."""

    def __init__(self, server, source=None):
        self.server, self.source, self.cookie = server, source, None
        self.origin = server.http

    def call(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.server.host, int(self.server.port), timeout=60,
                                                source_address=(self.source, 0) if self.source else None)
        head = {"Origin": self.origin, **({"Cookie": f"a=b; sky_session={self.cookie}"} if self.cookie else {}), **(headers or {})}
        try:
            answer = self.server.request(method, path, body, head, token=False, connection=connection)
        finally:
            connection.close()
        if set_cookie := answer[1]["Set-Cookie"]:
            self.cookie = re.match("sky_session=([^;]*);", set_cookie)[1] or None
        return answer

    def register(self, email, headers=None, **fields):
        return self.call("POST", "/api/auth/register", {"email": email, "password": PASSWORD, "session": True, **fields}, headers)

    def login(self, email, password=PASSWORD, **fields):
        return self.call("POST", "/api/auth/login", {"email": email, "password": password, "session": True, **fields})


class Sessions(Asking):
    def browser(self, number):
        return Browser(self.server, later(number))

    def owner_token(self):
        return {"Authorization": f"Bearer {self.server.token}"}

    def test_a_browser_of_the_owner_before_and_after_registering(self):
        server = Server()
        self.addCleanup(server.close)
        browser = Browser(server)
        self.assertEqual(browser.call("GET", server.login.removeprefix(server.http))[0], 303)
        who = browser.call("GET", "/api/session")[2]
        self.assertEqual(who, {"id": "owner", "email": "", "name": "owner", "role": "owner", "tier": "owner", "totp": False,
                               "totp_required": False, "account": False})
        other = Browser(server)
        status, headers, answer = other.register("ann@example.org", {"Authorization": f"Bearer {server.token}"}, name="Ann")
        self.assertEqual((status, set(answer), headers["Cache-Control"]), (201, {"user", "expires_in"}, "no-store"))
        self.assertRegex(headers["Set-Cookie"], "^sky_session=sks_[^;]{43}; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000$")
        for one in (browser, other):  # the same account now
            who = one.call("GET", "/api/session")[2]
            self.assertEqual((who["email"], who["name"], who["account"], who["totp_required"]), ("ann@example.org", "Ann", True, True))
        self.assertEqual(len(other.call("GET", "/api/auth/sessions")[2]["sessions"]), 2)
        self.assertEqual(browser.call("POST", "/api/session", {"token": server.token})[0], 204)
        self.assertEqual(len(other.call("GET", "/api/auth/sessions")[2]["sessions"]), 2)

    def test_logging_in_and_out(self):
        browser, token = self.browser(2), self.owner_token()
        self.assertEqual(browser.register("one@example.org", token)[0], 201)
        first = browser.cookie
        status, headers, answer = browser.login("one@example.org")
        self.assertEqual((status, set(answer), answer["user"]["email"]), (200, {"user", "expires_in"}, "one@example.org"))
        self.assertNotEqual(first, browser.cookie)  # another id each time
        second = browser.cookie
        browser.cookie = first  # and the one it took the place of is over
        self.assertEqual(browser.call("GET", "/api/session")[0], 401)
        browser.cookie = second
        status, headers, who = browser.call("GET", "/api/session")
        self.assertEqual((status, who["email"], who["account"]), (200, "one@example.org", True))
        self.assertIn("Max-Age=2592000", headers["Set-Cookie"])
        self.assertEqual([one["current"] for one in browser.call("GET", "/api/auth/sessions")[2]["sessions"]], [True])
        status, headers, _ = browser.call("DELETE", "/api/session")
        self.assertEqual((status, headers["Set-Cookie"]), (204, "sky_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"))
        browser.cookie = second
        self.assertEqual(browser.call("GET", "/api/session")[0], 401)
        # What a page may set beforehand is not taken.
        browser.cookie = "sks_" + 43 * "A"
        self.assertEqual(browser.login("one@example.org")[0], 200)
        self.assertNotEqual(browser.cookie, "sks_" + 43 * "A")

    def test_secure_over_tls(self):
        browser = self.browser(3)
        browser.origin = browser.origin.replace("http:", "https:")
        forwarded = {"X-Forwarded-Proto": "https", **self.owner_token()}
        status, headers, _ = browser.register("tls@example.org", forwarded)
        self.assertEqual(status, 201)
        self.assertTrue(headers["Set-Cookie"].endswith("; Secure"))

    def test_other_sites(self):
        """Neither do they act in a browser's name, nor log it in to an account of theirs."""
        browser, token = self.browser(4), self.owner_token()
        self.assertEqual(browser.register("victim@example.org", token)[0], 201)
        cookie = browser.cookie
        for number, headers in enumerate(({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"})):
            browser.source = later(60 + number)
            for path, body in (("/api/auth/login", {"email": "victim@example.org", "password": PASSWORD, "session": True}),
                               ("/api/auth/register", {"email": "evil@example.org", "password": PASSWORD, "session": True}),
                               ("/api/session", {"token": self.server.token}),
                               ("/api/auth/password", {"password": PASSWORD, "new_password": "battery staple"}),
                               ("/api/auth/logout", {}), ("/api/auth/totp", {})):
                with self.subTest(headers=headers, path=path):
                    answer = browser.call("POST", path, body, headers)
                    self.problem(answer, 403, "cross-origin")
                    self.assertIsNone(answer[1]["Set-Cookie"])
            self.problem(browser.call("DELETE", "/api/session", headers=headers), 403, "cross-origin")
            self.assertEqual(browser.call("GET", "/api/session", headers=headers)[0], 200)
            self.assertEqual(browser.cookie, cookie)

    def test_sessions_among_the_logins(self):
        one, two, token = self.browser(5), self.browser(6), self.owner_token()
        self.assertEqual(one.register("many@example.org", token)[0], 201)
        self.assertEqual(two.login("many@example.org")[0], 200)
        program = self.login("many@example.org", source=later(7))[2]["access_token"]
        listed = one.call("GET", "/api/auth/sessions")[2]["sessions"]
        self.assertEqual((len(listed), [s["address"] for s in listed if s["current"]]), (3, [later(5)]))
        ended = next(s["id"] for s in listed if s["address"] == later(6))
        self.assertEqual(one.call("DELETE", f"/api/auth/sessions/{ended}")[0], 204)
        self.assertEqual(two.call("GET", "/api/session")[0], 401)
        two.cookie = None
        self.assertEqual(two.login("many@example.org")[0], 200)
        self.assertEqual(one.call("POST", "/api/auth/password", {"password": PASSWORD, "new_password": "battery staple"})[0], 204)
        self.assertEqual([one.call("GET", "/api/session")[0], two.call("GET", "/api/session")[0],
                          self.call("GET", "/api/auth/me", token=program)[0]], [200, 401, 401])

    def test_a_restart(self):
        server = Server()
        try:
            browser = Browser(server)
            self.assertEqual(browser.register("ann@example.org", {"Authorization": f"Bearer {server.token}"})[0], 201)
            over = Browser(server)
            over.login("ann@example.org")
            lost, over_cookie = over.cookie, over.call("DELETE", "/api/session")[0]
            self.assertEqual(over_cookie, 204)
            server.stop(9)
            again = Server(data=server.data)
            try:
                browser.server = over.server = again
                over.cookie = lost
                self.assertEqual(browser.call("GET", "/api/session")[2]["email"], "ann@example.org")
                self.assertEqual(over.call("GET", "/api/session")[0], 401)
            finally:
                again.close()
        finally:
            server.close()


class Steering(Asking):
    """The owner by token, an account of each role, and what they may do to each other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tokens, cls.ids, cls.codes, cls.logins = {}, {}, {}, {}
        one = cls("enrol")
        cls.add(one, "owner", later(100))
        for number, role in enumerate(("admin", "member", "guest", "agent")):
            cls.add(one, role, later(101 + number))

    @staticmethod
    def add(one, role, source, email=None):
        invite = {} if role == "owner" else {"invite": one.call("POST", "/api/auth/invites", {"role": role}, one.server.token)[2]["invite"]}
        answer = one.register(email or f"{role}@example.org", one.server.token if role == "owner" else None, source, **invite)
        assert answer[0] == 201, answer
        user, token = answer[2]["user"], answer[2]["access_token"]
        assert user["role"] == role and user.get("agent", False) == (role == "agent"), user
        if not email:
            one.tokens[role], one.ids[role] = token, user["id"]
            if role in ("owner", "admin"):
                one.codes[role] = one.enrol(token)[1]
        return user["id"], token, answer[2]["refresh_token"]

    def change(self, who, by, **fields):
        return self.call("PATCH", f"/api/admin/people/{who}", fields, by)

    def test_each_role_and_each_route(self):
        """403 `forbidden` exactly where the table of roles says so."""
        paths = self.server.get("/openapi.json")[2]["paths"]
        for_owner = {("GET", "/api/status/checks"), ("POST", "/api/session/code"), ("POST", "/api/crawler/learn"),
                     ("POST", "/api/admin/providers"), ("PATCH", "/api/admin/providers/{id}"), ("DELETE", "/api/admin/providers/{id}"),
                     ("POST", "/api/crawler/sources/{id}/learn"), ("POST", "/api/admin/audit")}
        for_admin = {("GET", "/metrics"), ("DELETE", "/api/crawler/documents/{id}"), ("DELETE", "/api/crawler/jobs/{id}"),
                     ("GET", "/api/crawler/jobs"), ("GET", "/api/crawler/sources"), ("DELETE", "/api/crawler/sources/{id}"),
                     ("POST", "/api/auth/invites"), ("GET", "/api/auth/invites"), ("DELETE", "/api/auth/invites/{id}")}
        not_guest = {("GET", "/api/nodes"), ("GET", "/api/crawler/jobs/{id}"), ("POST", "/v1/embeddings")}
        not_agent = {("POST", "/api/auth/totp"), ("POST", "/api/auth/totp/confirm"), ("POST", "/api/auth/totp/remove")}
        seen = set()
        for path, methods in paths.items():
            for method, route in methods.items():
                one = method.upper(), path
                seen.add(one)
                if route.get("security") == [] or path == "/api/auth/logout":
                    continue
                for role in ("owner", "admin", "member", "guest", "agent"):
                    refused = (role != "owner" and one in for_owner) or (
                        role not in ("owner", "admin") and (one in for_admin or path.startswith("/api/admin/"))) or (
                        role == "guest" and one in not_guest) or (role == "agent" and one in not_agent)
                    if not refused and one == ("GET", "/api/status/checks"):
                        continue  # reads the whole store
                    with self.subTest(route=one, role=role):
                        body = "{" if method in ("post", "patch") else None  # refused as no JSON once the role may
                        connection = self.server.connection()
                        headers = {"Authorization": f"Bearer {self.tokens[role]}", "Content-Type": "application/json"}
                        status, _, answer = self.server.request(method.upper(), path.replace("{", "").replace("}", ""), body, headers, False, connection)
                        connection.close()
                        kind = answer.get("type", "") if isinstance(answer, dict) else ""
                        self.assertEqual(status == 403 and kind.endswith("/forbidden") or (status == 403 and path.startswith("/v1")), refused, (status, answer))
        self.assertLessEqual(for_owner | for_admin | not_guest | not_agent, seen)

    def test_agents_have_no_browser(self):
        body = {"email": "agent@example.org", "password": PASSWORD, "session": True}
        self.problem(self.call("POST", "/api/auth/login", body, source=later(110)), 403, "no-login")
        self.assertTrue(self.call("GET", "/api/auth/me", token=self.tokens["agent"])[2]["agent"])

    def test_the_list(self):
        admin = self.tokens["admin"]
        status, _, page = self.call("GET", "/api/admin/people?limit=2", token=admin)
        self.assertEqual((status, len(page["people"])), (200, 2))
        found = list(page["people"])
        while page["next"]:
            page = self.call("GET", f"/api/admin/people?limit=2&after={page['next']}", token=admin)[2]
            found += page["people"]
        self.assertLessEqual({f"{role}@example.org" for role in self.tokens}, {one["email"] for one in found})
        owner = next(one for one in found if one["id"] == "owner")
        self.assertEqual((owner["role"], owner["totp"], owner["disabled"]), ("owner", True, False))
        self.assertRegex(owner["last_used_at"], "^20..-")
        for q, emails in (("MEMBER@", ["member@example.org"]), ("nobody", []), ("%", []), ("_", [])):
            people = self.call("GET", f"/api/admin/people?q={q.replace('%', '%25')}", token=admin)[2]["people"]
            self.assertEqual([one["email"] for one in people], emails)

    def test_who_may_change_whom(self):
        admin, owner, ids = self.tokens["admin"], self.tokens["owner"], self.ids
        other = self.add(self, "admin", later(111), "admin2@example.org")[0]
        for answer in (self.change(other, admin, role="member"), self.change(other, admin, name="X"), self.change("owner", admin, disabled=True),
                       self.change("owner", owner, disabled=True), self.change("owner", owner, role="member"), self.change(ids["admin"], admin, role="member"),
                       self.change(ids["admin"], admin, tier="team"), self.call("DELETE", f"/api/admin/people/{other}", token=admin),
                       self.call("DELETE", "/api/admin/people/owner", token=owner), self.call("DELETE", "/api/admin/people/owner", token=self.server.token),
                       self.call("POST", f"/api/admin/people/{other}/reset", {}, admin), self.call("POST", "/api/admin/people/owner/reset", {}, admin),
                       self.call("POST", "/api/admin/people/owner/totp/remove", {}, admin)):
            self.problem(answer, 403, "forbidden")
        for field, value in (("role", "owner"), ("role", "root"), ("tier", "A B"), ("tier", ""), ("name", "a\nb"), ("disabled", "yes")):
            self.problem(self.change(ids["guest"], admin, **{field: value}), 400, "invalid-field")
        self.problem(self.change("nobody", admin, role="guest"), 404, "not-found")
        self.assertEqual(self.change(ids["admin"], admin, name="Ada")[2]["name"], "Ada")
        self.assertEqual(self.change(other, owner, role="member")[0], 200)
        self.assertEqual(self.change(other, admin, role="admin", tier="pro")[2]["tier"], "pro")

    def test_changes_hold_at_once(self):
        owner = self.tokens["owner"]
        who, token, refresh = self.add(self, "member", later(112), "turns@example.org")
        browser = Browser(self.server, later(112))
        self.assertEqual(browser.login("turns@example.org")[0], 200)
        for role, status in (("guest", 403), ("member", 200), ("guest", 403), ("admin", 200)):
            self.assertEqual(self.change(who, owner, role=role)[2]["role"], role)
            self.assertEqual([self.call("GET", "/api/nodes", token=token)[0], browser.call("GET", "/api/nodes")[0]], [status, status])
        self.problem(self.call("GET", "/metrics", token=token), 403, "totp-enrolment-required")
        self.assertEqual(self.change(who, owner, disabled=True)[2]["disabled"], True)
        self.assertEqual([self.call("GET", "/api/auth/me", token=token)[0], browser.call("GET", "/api/session")[0]], [401, 401])
        self.problem(self.call("POST", "/api/auth/refresh", {"refresh_token": refresh}), 401, "wrong-credentials")
        self.problem(self.login("turns@example.org", source=later(113)), 401, "wrong-credentials")
        self.assertEqual(self.change(who, owner, disabled=False)[0], 200)
        self.assertEqual(self.call("GET", "/api/auth/me", token=token)[0], 401)
        token = self.login("turns@example.org", source=later(113))[2]["access_token"]
        self.assertEqual(self.change(who, owner, role="agent")[0], 200)  # what a person began an agent does not go on with
        self.assertEqual(self.call("GET", "/api/auth/me", token=token)[0], 401)
        self.assertEqual(self.call("DELETE", f"/api/admin/people/{who}", token=owner)[0], 204)
        self.problem(self.call("DELETE", f"/api/admin/people/{who}", token=owner), 404, "not-found")

    def test_two_changes_at_once(self):
        """One decides on what it saw; the other is told to look again."""
        who, _, _ = self.add(self, "member", later(114), "twice@example.org")
        seen = set()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for _ in range(20):
                for answer in pool.map(lambda n: self.change(who, self.tokens["owner"], name=f"Name {n}"), range(8)):
                    seen.add(answer[0])
                    if answer[0] != 200:
                        self.problem(answer, 409, "changed")
        self.assertEqual(seen, {200, 409})

    def test_a_change_outlives_a_restart(self):
        server = Server()
        self.addCleanup(server.close)

        def ask(method, path, body=None, token=None):
            return again.request(method, path, body, {"Authorization": f"Bearer {token or again.token}"}, token=False)
        again = server
        ask("POST", "/api/auth/register", {"email": "owner@example.org", "password": PASSWORD})
        user = ask("POST", "/api/auth/register", {"email": "bob@example.org", "password": PASSWORD})[2]
        self.assertEqual(ask("PATCH", f"/api/admin/people/{user['user']['id']}", {"role": "guest"})[0], 200)
        server.stop(9)
        again = Server(data=server.data)
        try:
            self.problem(ask("GET", "/api/nodes", token=user["access_token"]), 403, "forbidden")
        finally:
            again.close()

    def test_logins_of_others(self):
        admin = self.tokens["admin"]
        who, token, _ = self.add(self, "member", later(114), "logged@example.org")
        sessions = self.call("GET", f"/api/admin/people/{who}/sessions", token=admin)[2]["sessions"]
        self.assertEqual([(one["address"], one["current"]) for one in sessions], [(later(114), False)])
        self.problem(self.call("DELETE", f"/api/admin/people/owner/sessions/{sessions[0]['id']}", token=admin), 403, "forbidden")
        self.problem(self.call("DELETE", f"/api/admin/people/{self.ids['guest']}/sessions/{sessions[0]['id']}", token=admin), 404, "not-found")
        self.assertEqual(self.call("DELETE", f"/api/admin/people/{who}/sessions/{sessions[0]['id']}", token=admin)[0], 204)
        self.assertEqual(self.call("GET", "/api/auth/me", token=token)[0], 401)
        self.problem(self.call("GET", "/api/admin/people/nobody/sessions", token=admin), 404, "not-found")

    def test_a_reset(self):
        admin, source = self.tokens["admin"], later(115)
        who, token, _ = self.add(self, "member", later(116), "forgets@example.org")
        secret, _ = self.enrol(token)

        def new():
            status, headers, answer = self.call("POST", f"/api/admin/people/{who}/reset", {}, admin)
            self.assertEqual((status, answer["expires_in"], headers["Cache-Control"]), (201, 3600, "no-store"))
            self.assertTrue(answer["path"].startswith("/#reset=skp_"))
            return answer["path"].removeprefix("/#reset=")

        def use(token, password="battery staple"):
            return self.call("POST", "/api/auth/reset", {"token": token, "password": password}, source=source)
        first, second = new(), new()
        self.problem(use(first), 403, "wrong-reset")  # the last one counts
        self.problem(use(second, "short"), 400, "invalid-field")
        self.assertEqual(use(second)[0], 204)
        self.problem(use(second), 403, "wrong-reset")
        self.assertEqual(self.call("GET", "/api/auth/me", token=token)[0], 401)
        self.problem(self.login("forgets@example.org", "battery staple", later(117)), 401, "totp-required")
        self.assertEqual(self.call("POST", f"/api/admin/people/{who}/totp/remove", {}, admin)[0], 204)
        self.problem(self.call("POST", f"/api/admin/people/{who}/totp/remove", {}, admin), 404, "not-found")
        self.assertEqual(self.login("forgets@example.org", "battery staple", later(117))[0], 200)

    def test_stepping_up(self):
        """Ten minutes after a proof one proves again; a restart forgets proofs too."""
        server = Server()
        self.addCleanup(server.close)

        def ask(method, path, body=None, token=None, on=server):
            return on.request(method, path, body, {"Authorization": f"Bearer {token or on.token}"}, token=False)
        owner = ask("POST", "/api/auth/register", {"email": "owner@example.org", "password": PASSWORD})[2]["access_token"]
        bob = ask("POST", "/api/auth/register", {"email": "bob@example.org", "password": PASSWORD})[2]
        secret = ask("POST", "/api/auth/totp", {}, owner)[2]["secret"]
        codes = ask("POST", "/api/auth/totp/confirm", {"totp": totp(secret)}, owner)[2]["recovery_codes"]
        path = f"/api/admin/people/{bob['user']['id']}"
        self.assertEqual(ask("PATCH", path, {"tier": "pro"}, owner)[0], 200)
        server.stop()
        again = Server(data=server.data)
        try:
            self.problem(ask("PATCH", path, {"tier": "team"}, owner, again), 403, "step-up-required")
            self.assertEqual(ask("PATCH", path, {"tier": "team"}, on=again)[0], 200)  # by the token's file
            self.assertEqual(ask("GET", "/api/admin/people", token=owner, on=again)[0], 200)

            def step_up(token, **body):
                return ask("POST", "/api/auth/step-up", body, token, again)
            self.problem(step_up(owner, password=PASSWORD), 400, "invalid-field")  # there is a factor
            self.problem(step_up(owner), 400, "invalid-field")
            self.problem(step_up(owner, totp="000000x"), 403, "wrong-code")
            self.problem(ask("PATCH", path, {"tier": "team"}, owner, again), 403, "step-up-required")
            self.assertEqual(step_up(owner, totp=codes[0])[0], 204)
            self.assertEqual(ask("PATCH", path, {"tier": "team"}, owner, again)[0], 200)
            self.problem(step_up(owner, totp=codes[0]), 403, "wrong-code")  # a code works once
            self.problem(step_up(bob["access_token"], password="wrong password"), 403, "wrong-password")
            self.assertEqual(step_up(bob["access_token"], password=PASSWORD)[0], 204)
            self.problem(step_up(None, password=PASSWORD), 403, "no-login")
        finally:
            again.close()

    def test_ones_own_name_and_address(self):
        server = Server()
        self.addCleanup(server.close)

        addresses = (f"127.0.20.{n}" for n in itertools.count(1))

        def ask(method, path, body=None, token=None):
            connection = http.client.HTTPConnection(server.host, int(server.port), timeout=20, source_address=(next(addresses), 0))
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            answer = server.request(method, path, body, headers, token is None, connection)
            connection.close()
            return answer

        def log_in(email):
            return ask("POST", "/api/auth/login", {"email": email, "password": PASSWORD}, "none")
        self.problem(ask("PATCH", "/api/auth/me", {"name": "Nobody"}), 404, "no-account")
        people = [ask("POST", "/api/auth/register", {"email": f"{name}@example.org", "password": PASSWORD})[2] for name in ("owner", "bob", "eve")]
        bob = people[1]["access_token"]
        for body in ({}, {"name": None}, {"email": "no address"}, {"name": "a\u202eb"}, {"email": 7}):
            self.problem(ask("PATCH", "/api/auth/me", body, bob), 400, "invalid-field")
        # What is not one's own to change, is not changed by naming it.
        status, _, told = ask("PATCH", "/api/auth/me", {"name": "Bobby", "role": "owner", "tier": "owner", "id": "owner"}, bob)
        self.assertEqual((status, told), (200, {**people[1]["user"], "name": "Bobby"}))
        self.assertEqual(ask("GET", "/api/auth/me", None, bob)[2], told)
        # An address that is taken is told as registering tells it, and nothing of it is kept.
        self.problem(ask("PATCH", "/api/auth/me", {"email": "EVE@example.org", "name": "Eve"}, bob), 409, "email-taken")
        self.assertEqual(ask("GET", "/api/auth/me", None, bob)[2], told)
        status, _, told = ask("PATCH", "/api/auth/me", {"email": "Robert@Example.org"}, bob)
        self.assertEqual((status, told["email"], told["name"]), (200, "robert@example.org", "Bobby"))
        self.problem(log_in("bob@example.org"), 401, "wrong-credentials")
        self.assertEqual(log_in("robert@example.org")[0], 200)
        # Others' addresses nobody changes.
        other = f"/api/admin/people/{people[2]['user']['id']}"
        self.assertEqual(ask("PATCH", other, {"email": "mine@example.org", "name": "Eva"})[2]["email"], "eve@example.org")
        rows = [row for row in ask("GET", "/api/admin/audit?act=account.changed")[2]["audit"] if row["object"] == people[1]["user"]["id"]]
        self.assertEqual([row["detail"].get("email") for row in rows], ["changed", None])
        self.assertEqual({row["actor"]["id"] for row in rows}, {people[1]["user"]["id"]})
        self.assertNotIn("robert@", json.dumps(rows))
        # A login whose proof is long ago, as after a restart.
        server.stop()
        server = Server(data=server.data)
        self.addCleanup(server.close)
        self.assertEqual(ask("PATCH", "/api/auth/me", {"name": "Rob"}, bob)[0], 200)
        self.problem(ask("PATCH", "/api/auth/me", {"email": "rob@example.org"}, bob), 403, "step-up-required")
        self.problem(ask("PATCH", "/api/auth/me", {"email": "eve@example.org"}, bob), 403, "step-up-required")
        self.assertEqual(ask("POST", "/api/auth/step-up", {"password": PASSWORD}, bob)[0], 204)
        self.assertEqual(ask("PATCH", "/api/auth/me", {"email": "rob@example.org"}, bob)[2]["email"], "rob@example.org")

    def test_invitations(self):
        admin = self.tokens["admin"]
        invite = self.call("POST", "/api/auth/invites", {"role": "guest"}, admin)[2]["invite"]
        status, _, answer = self.call("GET", "/api/auth/invites", token=admin)
        self.assertEqual((status, answer["invites"][0]["role"], answer["invites"][0]["created_by"]), (200, "guest", self.ids["admin"]))
        self.assertNotIn(invite, str(answer))
        one = answer["invites"][0]["id"]
        self.assertEqual(self.call("DELETE", f"/api/auth/invites/{one}", token=admin)[0], 204)
        self.problem(self.call("DELETE", f"/api/auth/invites/{one}", token=admin), 404, "not-found")
        self.problem(self.register("late@example.org", invite=invite, source=later(118)), 403, "registration-closed")


class Leaving(unittest.TestCase):
    """What is one's own: taken out whole, and gone without a trace."""

    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)

    def ask(self, method, path, body=None, token=None):
        return self.server.request(method, path, body, {"Authorization": f"Bearer {token or self.server.token}"}, token=False)

    def register(self, email):
        status, _, answer = self.ask("POST", "/api/auth/register", {"email": email, "password": PASSWORD})
        self.assertEqual(status, 201)
        return answer["user"]["id"], answer["access_token"]

    def again(self, change):
        """Stops, changes the store by hand, starts."""
        data = self.server.data
        self.server.stop()
        change(data)
        # What is freed is to be free, also where a sanitizer would keep it for a while.
        self.server = Server(data=data, env={"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1:thread_local_quarantine_size_kb=64"})
        self.addCleanup(self.server.close)

    def memory(self):
        """KiB that are resident, but for what a sanitizer keeps of its own: TSan has its shadow in this range and nothing else."""
        kib, counts = 0, True
        for line in pathlib.Path(f"/proc/{self.server.process.pid}/smaps").read_text().splitlines():
            if start := re.match(r"([0-9a-f]+)-[0-9a-f]+ ", line):
                counts = not 0x010000000000 <= int(start[1], 16) < 0x340000000000
            elif counts and line.startswith("Rss:"):
                kib += int(line.split()[1])
        return kib

    def test_export(self):
        _, owner = self.register("owner@example.org")
        who, token = self.register("bob@example.org")
        for number in range(3):
            answer = self.ask("POST", "/api/chat/message", {"message": f"Where is lantern {number}?"}, token)[2]
        self.assertEqual(self.ask("POST", "/api/chat/vote", {"message_id": answer["message_id"], "vote": -1}, token)[0], 204)
        self.ask("POST", "/api/chat/message", {"message": "The owner's secret?"}, owner)
        key = self.ask("POST", "/api/keys", {"name": "a lamp", "scopes": ["chat"]}, token)[2]["key"]
        status, headers, all_of_it = self.ask("GET", "/api/auth/export", token=token)
        self.assertEqual((status, headers["Content-Disposition"], headers["Cache-Control"]), (200, 'attachment; filename="sky-export.json"', "no-store"))
        self.assertEqual((all_of_it["account"]["id"], all_of_it["account"]["email"]), (who, "bob@example.org"))
        self.assertEqual([len(all_of_it[part]) for part in ("logins", "conversations", "telemetry")], [1, 3, 3])
        self.assertEqual([len(one["messages"]) for one in all_of_it["conversations"]], [2, 2, 2])
        self.assertEqual([one["vote"] for talk in all_of_it["conversations"] for one in talk["messages"] if one["id"] == answer["message_id"]], [-1])
        self.assertNotIn("secret", str(all_of_it))
        self.assertEqual([one["name"] for one in all_of_it["keys"]], ["a lamp"])
        self.assertNotIn(key, str(all_of_it))
        self.assertEqual(self.ask("GET", "/api/auth/export")[2]["account"]["id"], "owner")

        # Long: page by page, also to a client that does not read for a while.
        def fill(data):
            sql(data, "INSERT INTO message (id, conversation_id, role, text, created_ms)"
                      " WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1999)"
                      f" SELECT 'm' || (1000000 + i), one.id, 'user', '\"' || i || '\" {5000 * 'é'}', 1"
                      f" FROM n, (SELECT max(id) AS id FROM conversation WHERE owner = '{who}') AS one")  # noqa: S608
        self.again(fill)
        self.assertEqual(self.ask("GET", "/api/auth/me", token=token)[0], 200)
        # What a first export of anybody costs once is not what a long one holds.
        self.assertEqual(self.ask("GET", "/api/auth/export", token=owner)[0], 200)
        time.sleep(1)
        before = self.memory()
        connection = self.server.connection()
        connection.request("GET", "/api/auth/export", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        time.sleep(1)
        grown = self.memory() - before
        all_of_it = json.loads(answer.read())
        connection.close()
        self.assertEqual(len({one["id"] for talk in all_of_it["conversations"] for one in talk["messages"]}), 2006)
        self.assertLess(grown, 16 << 10)  # of 20 MB
        # One that leaves in the middle is let go.
        connection = self.server.connection()
        connection.request("GET", "/api/auth/export", headers={"Authorization": f"Bearer {token}"})
        connection.getresponse().read(1000)
        connection.close()
        self.assertEqual(self.ask("GET", "/health")[0], 200)

    def test_leaving(self):
        self.register("owner@example.org")
        who, token = self.register("bob@example.org")
        self.ask("POST", "/api/chat/message", {"message": "Where is Bob's lantern?"}, token)
        self.ask("POST", "/api/auth/totp", {}, token)
        keyed = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k-1"}
        self.assertEqual(self.server.request("POST", "/api/chat/message", {"message": "Where is Bob's key?"}, keyed, token=False)[0], 200)

        def leave(token, **body):
            return self.ask("DELETE", "/api/auth/me", body, token)
        self.assertEqual([leave(token, password="wrong password")[0], leave(token)[0]], [403, 400])
        self.assertEqual(self.ask("GET", "/api/auth/me", token=token)[0], 200)
        browser = Browser(self.server)
        self.assertEqual(browser.login("bob@example.org")[0], 200)
        self.assertEqual(leave(token, password=PASSWORD)[0], 204)
        self.assertEqual([self.ask("GET", "/api/auth/me", token=token)[0], browser.call("GET", "/api/session")[0], browser.login("bob@example.org")[0]], [401, 401, 401])

        def look(data):
            for table in tables(data):
                for row in sql(data, f"SELECT * FROM {table}"):  # noqa: S608
                    if table == "login" and who in row:
                        self.assertNotIn("127.0.0.1", row)
                        continue
                    if table == "audit":  # what was done stays, until it is old
                        continue
                    self.assertNotIn(who, row, table)
                    self.assertNotIn("bob", str(row).lower(), table)
            self.assertEqual(sql(data, "SELECT count(*) FROM telemetry WHERE owner = ''"), [(2,)])
        self.again(look)

    def test_the_owner_goes_last(self):
        _, owner = self.register("owner@example.org")
        who, token = self.register("bob@example.org")
        secret = self.ask("POST", "/api/auth/totp", {}, owner)[2]["secret"]
        codes = self.ask("POST", "/api/auth/totp/confirm", {"totp": totp(secret)}, owner)[2]["recovery_codes"]
        body = {"password": PASSWORD, "totp": codes[0]}
        for _ in range(2):  # nothing was guessed
            self.assertEqual(self.ask("DELETE", "/api/auth/me", body, owner)[2]["type"], "/problems/owner-last")
        self.assertEqual(self.ask("GET", "/api/admin/audit?act=totp.refused", token=owner)[2]["audit"], [])
        self.assertEqual(self.ask("DELETE", f"/api/admin/people/{who}", token=owner)[0], 204)
        self.assertEqual(self.ask("GET", "/api/auth/me", token=token)[0], 401)
        self.assertEqual(self.ask("DELETE", "/api/auth/me", {"password": PASSWORD}, owner)[0], 400)
        self.assertEqual(self.ask("DELETE", "/api/auth/me", body, owner)[0], 204)
        self.assertEqual(self.ask("GET", "/api/session")[2]["account"], False)


class OtherOrigins(Asking):
    """The pages that the option names call with bearer tokens; nobody's cookies are theirs."""
    options = ("--cors", "https://app.example.org http://127.0.0.1:3000")

    def test_listed_and_others(self):
        preflight = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization"}
        for origin, may in (("https://app.example.org", True), ("http://127.0.0.1:3000", True), ("https://evil.example", False), ("null", False),
                            ("https://app.example.org.evil.example", False), ("https://app.example.or", False), ("http://app.example.org", False)):
            with self.subTest(origin=origin):
                for path in ("/api/chat/history/x", "/api/nothing", "/api/session"):  # strangers do not learn what there is
                    status, headers, _ = self.server.request("OPTIONS", path, None, {"Origin": origin, **preflight}, token=False)
                    self.assertEqual((status, headers["Access-Control-Allow-Origin"]), (204 if may or path == "/api/session" else 401, origin if may else None))
                    self.assertEqual("PATCH" in (headers["Access-Control-Allow-Methods"] or ""), may)
                    fields = (headers["Access-Control-Allow-Headers"] or "").split(", ")
                    self.assertEqual(("authorization" in fields, "*" in fields), (may, may))  # * alone is not authorization
                status, headers, _ = self.server.get("/api/status", headers={"Origin": origin})
                self.assertEqual((status, headers["Access-Control-Allow-Origin"], headers["Vary"]), (200, origin if may else None, "origin"))
                self.assertEqual((headers["Access-Control-Allow-Credentials"], headers["Access-Control-Expose-Headers"]), (None, "*" if may else None))
                self.assertEqual(self.server.get("/api/status", headers={"Origin": origin}, token=False)[1]["Access-Control-Allow-Origin"], origin if may else None)
                for method, path, want in (("GET", "/api/nothing", 404), ("DELETE", "/api/status", 405)):
                    status, headers, _ = self.server.request(method, path, None, {"Origin": origin})
                    self.assertEqual((status, headers.get_all("Access-Control-Allow-Origin"), headers["Vary"]), (want, [origin] if may else None, "origin"))

    def test_no_cookies(self):
        browser = Browser(self.server)
        self.assertEqual(browser.register("ann@example.org", {"Authorization": f"Bearer {self.server.token}"})[0], 201)
        other = {"Origin": "https://app.example.org", "Sec-Fetch-Site": "cross-site"}
        self.problem(browser.call("DELETE", "/api/session", headers=other), 403, "cross-origin")
        self.problem(browser.call("POST", "/api/auth/login", {"email": "ann@example.org", "password": PASSWORD, "session": True}, other), 403, "cross-origin")
        self.assertEqual(self.login("ann@example.org", source=later(120))[0], 200)

    def test_what_is_no_list(self):
        for wrong in ("*", "app.example.org", "https://app.example.org/", "https://App.example.org", "https://", "https://a,https://b"):
            with self.assertRaises(RuntimeError) as raised:
                Server("--cors", wrong)
            self.assertIn("is no origin", str(raised.exception))

    def test_none_by_default(self):
        server = Server()
        self.addCleanup(server.close)
        headers = server.get("/api/status", headers={"Origin": "https://app.example.org"})[1]
        self.assertEqual((headers["Access-Control-Allow-Origin"], headers["Vary"]), (None, None))


if __name__ == "__main__":
    unittest.main()
