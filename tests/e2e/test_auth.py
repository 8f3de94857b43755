"""test_auth.py: accounts over HTTP: who gets in, who does not, and what each may do."""
import base64
import concurrent.futures
import hmac
import http.client
import struct
import time
import unittest

from support import Server, ServerTest

PASSWORD = "correct horse battery"


def totp(secret, shift_s=0):
    """What an app shows (RFC 6238)."""
    step = int(time.time() + shift_s) // 30
    mac = hmac.digest(base64.b32decode(secret), struct.pack(">q", step), "sha1")
    return f"{(struct.unpack_from('>I', mac, mac[-1] & 15)[0] & 0x7fffffff) % 1000000:06}"


def later(number):
    """Another address of this machine, for whoever should have a bucket of logins of their own."""
    return f"127.0.0.{number}"


class Asking(ServerTest):
    learn = False

    def call(self, method, path, body=None, token=None, source=None):
        """token: of an account; None: nobody."""
        connection = http.client.HTTPConnection(self.server.host, int(self.server.port), timeout=60,
                                                source_address=(source, 0) if source else None)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            return self.server.request(method, path, body, headers, token=False, connection=connection)
        finally:
            connection.close()

    def register(self, email, token=None, source=None, **fields):
        return self.call("POST", "/api/auth/register", {"email": email, "password": PASSWORD, **fields}, token, source)

    def login(self, email, password=PASSWORD, source=None):
        return self.call("POST", "/api/auth/login", {"email": email, "password": password}, source=source)

    def enrol(self, token):
        """Takes a second factor; returns its secret and the recovery codes."""
        secret = self.call("POST", "/api/auth/totp", {}, token)[2]["secret"]
        status, _, answer = self.call("POST", "/api/auth/totp/confirm", {"totp": totp(secret)}, token)
        self.assertEqual(status, 200, answer)
        return secret, answer["recovery_codes"]

    def problem(self, answer, status, kind):
        self.assertEqual((answer[0], answer[2]["type"].rsplit("/", 1)[-1]), (status, kind), answer[2])
        return answer[2]


class People(Asking):
    def test_from_the_owner_to_a_guest(self):
        """The owner registers, invites; each sees what is theirs."""
        source = later(2)
        self.problem(self.register("ann@example.org", source=source), 403, "registration-closed")
        status, headers, owner = self.register("Ann@Example.org", self.server.token, source, name="Ann Řezníčková")
        self.assertEqual((status, headers["Cache-Control"]), (201, "no-store"))
        self.assertEqual(set(owner), {"user", "access_token", "refresh_token", "expires_in"})
        self.assertEqual(owner["user"], {"id": "owner", "email": "ann@example.org", "name": "Ann Řezníčková", "role": "owner", "tier": "owner"})
        self.problem(self.register("ann@example.org", self.server.token, source), 409, "email-taken")
        self.assertEqual(self.call("GET", "/api/auth/me", token=owner["access_token"])[2], owner["user"])

        self.problem(self.call("POST", "/api/auth/invites", {}, owner["access_token"]), 403, "totp-enrolment-required")
        self.enrol(owner["access_token"])
        guests = []
        for role in ("admin", "member", "guest"):
            status, _, invite = self.call("POST", "/api/auth/invites", {"role": role}, owner["access_token"])
            self.assertEqual((status, invite["role"]), (201, role))
            status, _, guest = self.register(f"{role}@example.org", invite=invite["invite"], source=source)
            self.assertEqual((status, guest["user"]["role"]), (201, role))
            self.problem(self.register("again@example.org", invite=invite["invite"], source=later(3)), 403, "registration-closed")
            guests.append(guest["access_token"])
        admin, member, guest = guests
        self.problem(self.call("POST", "/api/auth/invites", {}, admin), 403, "totp-enrolment-required")
        self.enrol(admin)
        self.assertEqual(self.call("POST", "/api/auth/invites", {}, admin)[0], 201)
        for method, path, body in (("POST", "/api/auth/invites", {}), ("GET", "/metrics", None), ("POST", "/api/session/code", {}),
                                   ("POST", "/api/crawler/learn", {"paths": ["/tmp"]}), ("GET", "/api/status/checks", None),
                                   ("DELETE", "/api/crawler/documents/01m8d4aypwc46gbz8000000001", None)):
            for token in (member, guest):
                answer = self.call(method, path, body, token)
                self.problem(answer, 403, "forbidden")
                self.assertRegex(answer[2]["detail"], "it wants the role `(admin|owner)`: ask ")
        self.assertEqual(self.call("GET", "/metrics", token=admin)[0], 200)
        answer = self.call("POST", "/api/session/code", {}, admin)
        self.problem(answer, 403, "forbidden")
        self.assertIn("the role `owner`", answer[2]["detail"])

        # What one asks no other reads.
        answer = self.call("POST", "/api/chat/message", {"message": "How long are the lantern backups kept?"}, member)
        self.assertEqual(answer[0], 200)
        mine = self.call("GET", "/api/chat/history", token=member)[2]
        self.assertEqual([one["id"] for one in mine["conversations"]], [answer[2]["conversation_id"]])
        for other in (admin, guest, owner["access_token"]):
            self.assertEqual(self.call("GET", "/api/chat/history", token=other)[2]["conversations"], [])
            self.assertEqual(self.call("GET", f"/api/chat/history?conversation_id={answer[2]['conversation_id']}", token=other)[0], 404)
            self.assertEqual(self.call("DELETE", f"/api/chat/history/{answer[2]['conversation_id']}", token=other)[0], 404)


class Logins(Asking):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.post("/api/auth/register", {"email": "owner@example.org", "password": PASSWORD})

    def test_tokens_turn_and_end(self):
        source = later(4)
        self.register("first@example.org", self.server.token, source)
        status, _, first = self.login("first@example.org", source=source)
        self.assertEqual((status, first["expires_in"]), (200, 900))

        def refresh(token):
            return self.call("POST", "/api/auth/refresh", {"refresh_token": token})
        status, _, second = refresh(first["refresh_token"])
        self.assertEqual(status, 200)
        self.assertEqual(self.call("GET", "/api/auth/me", token=second["access_token"])[2]["email"], "first@example.org")
        self.problem(refresh(first["refresh_token"]), 401, "wrong-credentials")  # spent: whoever holds the chain is out
        for token in (first["access_token"], second["access_token"]):
            self.assertEqual(self.call("GET", "/api/auth/me", token=token)[0], 401)
        self.problem(refresh(second["refresh_token"]), 401, "wrong-credentials")

        third = self.login("first@example.org", source=source)[2]
        fourth = self.login("first@example.org", source=source)[2]
        self.assertEqual(self.call("POST", "/api/auth/logout", {}, third["access_token"])[0], 204)
        self.assertEqual(self.call("GET", "/api/auth/me", token=third["access_token"])[0], 401)
        self.problem(refresh(third["refresh_token"]), 401, "wrong-credentials")
        self.assertEqual(self.call("GET", "/api/auth/me", token=fourth["access_token"])[0], 200)
        self.problem(refresh("skr_nothing"), 401, "wrong-credentials")

    def test_sessions_and_another_password(self):
        source = later(8)
        self.register("moves@example.org", self.server.token, source)
        here, there = (self.login("moves@example.org", source=source)[2]["access_token"] for _ in range(2))
        sessions = self.call("GET", "/api/auth/sessions", token=here)[2]["sessions"]
        self.assertEqual((len(sessions), [one["current"] for one in sessions].count(True), sessions[0]["address"]), (3, 1, source))
        # A browser may be called anything.
        body = {"email": "moves@example.org", "password": PASSWORD}
        self.assertEqual(self.server.request("POST", "/api/auth/login", body, {"User-Agent": "caf\xe9 " + 300 * "x"}, token=False)[0], 200)
        other = next(one["id"] for one in sessions if not one["current"])
        stranger = self.register("stranger@example.org", self.server.token, later(9))[2]["access_token"]
        self.problem(self.call("DELETE", f"/api/auth/sessions/{other}", token=stranger), 404, "not-found")
        self.assertEqual(self.call("DELETE", f"/api/auth/sessions/{other}", token=here)[0], 204)

        def change(old, new, token=here):
            return self.call("POST", "/api/auth/password", {"password": old, "new_password": new}, token, later(10))
        self.problem(change("wrong password", "battery staple"), 403, "wrong-password")
        self.assertIn("`new_password`", self.problem(change(PASSWORD, "short"), 400, "invalid-field")["detail"])
        self.assertEqual(change(PASSWORD, "battery staple")[0], 204)
        self.assertEqual([self.call("GET", "/api/auth/me", token=token)[0] for token in (here, there, stranger)], [200, 401, 200])
        self.problem(self.login("moves@example.org", source=later(11)), 401, "wrong-credentials")
        self.assertEqual(self.login("moves@example.org", "battery staple", later(11))[0], 200)

    def test_a_second_factor(self):
        source = later(12)
        token = self.register("two@example.org", self.server.token, source)[2]["access_token"]
        self.problem(self.call("POST", "/api/auth/totp/confirm", {"totp": "123456"}, token), 404, "no-totp")
        status, headers, begun = self.call("POST", "/api/auth/totp", {}, token)
        self.assertEqual((status, headers["Cache-Control"]), (201, "no-store"))
        self.assertEqual(begun["uri"], f"otpauth://totp/sky:two@example.org?secret={begun['secret']}&issuer=sky")
        self.assertEqual(self.login("two@example.org", source=source)[0], 200)
        self.problem(self.call("POST", "/api/auth/totp/confirm", {"totp": "abcdef"}, token), 403, "wrong-code")
        status, _, answer = self.call("POST", "/api/auth/totp/confirm", {"totp": totp(begun["secret"])}, token)
        self.assertEqual((status, len(set(answer["recovery_codes"]))), (200, 10))
        self.problem(self.call("POST", "/api/auth/totp", {}, token), 409, "totp-on")

        def enter(code, password=PASSWORD):
            body = {"email": "two@example.org", "password": password, **({"totp": code} if code else {})}
            return self.call("POST", "/api/auth/login", body, source=source)
        self.problem(enter(None), 401, "totp-required")
        self.problem(enter(None, "wrong password"), 401, "wrong-credentials")
        code = totp(begun["secret"], 30)  # one ahead: this step's was used to confirm
        self.assertEqual(enter(code)[0], 200)
        self.problem(enter(code), 401, "wrong-credentials")
        recovery = answer["recovery_codes"][0]
        self.assertRegex(recovery, r"^([0-9a-z]{4}-){5}[0-9a-z]{4}$")
        # However it is typed.
        self.assertEqual(enter(recovery.upper().replace("-", " ").replace("0", "O"))[0], 200)
        self.problem(enter(recovery), 401, "wrong-credentials")
        self.assertEqual(self.call("POST", "/api/auth/totp/remove", {"totp": answer["recovery_codes"][1]}, token)[0], 204)
        self.assertEqual(self.login("two@example.org", source=later(13))[0], 200)

    def test_two_refresh_at_once(self):
        """One of them gets the next tokens, or none keeps a login."""
        source = later(5)
        self.register("twice@example.org", self.server.token, source)
        for _ in range(3):
            tokens = self.login("twice@example.org", source=source)[2]
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                found = list(pool.map(lambda _, t=tokens: self.call("POST", "/api/auth/refresh", {"refresh_token": t["refresh_token"]})[0], range(8)))
            self.assertEqual(sorted(found), [200] + [401] * 7)

    def test_guessing(self):
        """The fifth wrong password makes the account wait, from wherever one tries."""
        self.register("guessed@example.org", self.server.token, later(7))
        for number in range(5):
            self.problem(self.login("guessed@example.org", "wrong password", later(20 + number)), 401, "wrong-credentials")
        status, headers, body = self.login("guessed@example.org", source=later(30))
        self.problem((status, headers, body), 429, "too-many-tries")
        self.assertGreaterEqual(int(headers["Retry-After"]), 1)
        # One that does not exist says the same.
        for number in range(5):
            self.problem(self.login("nobody@example.org", "wrong password", later(40 + number)), 401, "wrong-credentials")
        self.problem(self.login("nobody@example.org", "wrong password", later(50)), 429, "too-many-tries")

    def test_a_household_behind_one_address(self):
        """What is right hardly counts against it; what is wrong does as before."""
        source = later(150)
        token = self.register("home@example.org", self.server.token, later(151))[2]["access_token"]
        secret, codes = self.enrol(token)
        for number in range(10):  # a login with a second factor is two calls
            self.problem(self.login("home@example.org", source=source), 401, "totp-required")
            answer = self.call("POST", "/api/auth/login", {"email": "home@example.org", "password": PASSWORD, "totp": codes[number]}, source=source)
            self.assertEqual(answer[0], 200, answer)
        for number in range(60):
            answer = self.login(f"somebody{number}@example.org", "wrong password", source)
            if answer[2]["type"] == "/problems/rate-limited":
                break
        self.problem(answer, 429, "rate-limited")

    def test_what_is_typed(self):
        for number, (fields, name) in enumerate((({"email": "no address"}, "email"), ({"email": "é@example.org"}, "email"), ({"password": "short"}, "password"),
                                                 ({"email": 7}, "email"), ({"name": "a\nb"}, "name"), ({"password": None}, "password"))):
            body = {"email": "typed@example.org", "password": PASSWORD, **fields}
            found = self.call("POST", "/api/auth/register", body, self.server.token, later(60 + number))
            self.assertIn(f"`{name}`", self.problem(found, 400, "invalid-field")["detail"])
        self.problem(self.call("POST", "/api/auth/invites", {"role": "owner"}, self.server.token), 400, "invalid-field")


class Registration(unittest.TestCase):
    def test_open_to_all(self):
        server = Server("--registration", "open")
        try:
            status, _, answer = server.post("/api/auth/register", {"email": "zoe@example.org", "password": PASSWORD}, token=False)
            self.assertEqual((status, answer["user"]["role"], answer["user"]["name"]), (201, "member", "zoe"))
        finally:
            server.close()

    def test_accounts_outlive_a_restart(self):
        server = Server()
        try:
            answer = server.post("/api/auth/register", {"email": "ann@example.org", "password": PASSWORD})[2]
            ended = server.post("/api/auth/login", {"email": "ann@example.org", "password": PASSWORD}, token=False)[2]
            headers = {"Authorization": f"Bearer {ended['access_token']}"}
            self.assertEqual(server.post("/api/auth/logout", {}, headers=headers, token=False)[0], 204)
            server.stop()
            again = Server(data=server.data)
            try:
                headers = {"Authorization": f"Bearer {answer['access_token']}"}
                self.assertEqual(again.get("/api/auth/me", headers=headers, token=False)[2], answer["user"])
                headers = {"Authorization": f"Bearer {ended['access_token']}"}
                self.assertEqual(again.get("/api/auth/me", headers=headers, token=False)[0], 401)
                self.assertEqual(again.post("/api/auth/refresh", {"refresh_token": answer["refresh_token"]}, token=False)[0], 200)
            finally:
                again.stop()
        finally:
            server.close()


if __name__ == "__main__":
    unittest.main()
