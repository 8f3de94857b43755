"""test_people.py: accounts in browsers and under administrators: sessions, roles, and what ends them."""
import http.client
import re
import unittest

from support import Server
from test_auth import PASSWORD, Asking, later


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
        self.assertEqual(who, {"id": "owner", "email": "", "name": "owner", "role": "owner", "tier": "free", "totp": False,
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


if __name__ == "__main__":
    unittest.main()
