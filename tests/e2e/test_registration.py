"""test_registration.py: the owner's first account made on a page that was opened by the token, and what a page learns before
somebody is signed in."""
import unittest

from support import Server
from test_auth import Asking
from test_people import Browser


class Registration(Asking):
    def test_the_owner_registers_on_a_page(self):
        server = Server()
        self.addCleanup(server.close)
        page, stranger = Browser(server), Browser(server)
        self.assertEqual(page.call("POST", "/api/session", {"token": server.token})[0], 204)
        before = page.cookie
        self.assertEqual(stranger.register("eve@example.org")[0], 403)
        stranger.cookie = "sks_" + "x" * 43
        self.assertEqual(stranger.register("eve@example.org")[0], 403)
        # Another site's page has the cookie sent along, but is not listened to.
        page.origin = "http://elsewhere.example"
        self.assertEqual(page.register("eve@example.org")[0], 403)
        page.origin = server.http
        # Without a session asked for, the cookie proves nothing: such a request could come from anywhere.
        self.assertEqual(page.call("POST", "/api/auth/register", {"email": "eve@example.org", "password": "engines and looms"})[0], 403)
        status, _, answer = page.register("ann@example.org", name="Ann")
        self.assertEqual((status, answer["user"]["role"], answer["user"]["id"]), (201, "owner", "owner"))
        self.assertNotEqual(page.cookie, before)
        who = page.call("GET", "/api/session")[2]
        self.assertEqual((who["email"], who["account"], who["totp_required"]), ("ann@example.org", True, True))
        # The session now is one by password: it makes no accounts by itself.
        self.assertEqual(page.register("bob@example.org")[0], 403)

    def test_who_may_register_is_said(self):
        self.assertEqual(self.call("GET", "/.well-known/skynet")[2]["registration"], "invite")
        server = Server("--registration", "open")
        self.addCleanup(server.close)
        self.assertEqual(Browser(server).call("GET", "/.well-known/skynet")[2]["registration"], "open")


if __name__ == "__main__":
    unittest.main()
