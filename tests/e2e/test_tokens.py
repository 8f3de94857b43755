"""test_tokens.py: every access token that was not made here and now for whoever brings it is refused, by one answer, on every kind of route."""
import base64
import contextlib
import hashlib
import hmac
import json
import pathlib
import socket
import subprocess
import tempfile
import time

from support import START_S, Server
from test_auth import PASSWORD, Asking, later
from test_http import program

HEADER = {"alg": "EdDSA", "typ": "JWT"}


def b64(value):
    raw = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Signer:
    """An Ed25519 key in the hands of OpenSSL's own program."""

    def __init__(self, folder, seed):
        self.folder, self.key = pathlib.Path(folder), pathlib.Path(folder) / f"{seed.hex()[:8]}.der"
        self.key.write_bytes(bytes.fromhex("302e020100300506032b657004220420") + seed)  # RFC 8410
        self.public = self.openssl("pkey", "-inform", "DER", "-in", self.key, "-pubout", "-outform", "DER")[-32:]
        self.pem = self.openssl("pkey", "-inform", "DER", "-in", self.key, "-pubout")

    def openssl(self, *arguments):
        return subprocess.run([program("openssl"), *map(str, arguments)], check=True, capture_output=True).stdout

    def token(self, claims, header=HEADER):
        """claims and header: what JSON they are, or bytes."""
        text = f"{b64(header)}.{b64(claims)}"
        message = self.folder / "message"
        message.write_text(text)
        mark = self.openssl("pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", self.key, "-in", message)
        return f"{text}.{b64(mark)}"


def access_seed(data):
    """As account/keys.c derives it: HKDF-SHA256 of DATA/keys/access.key."""
    secret = bytes.fromhex((data / "keys" / "access.key").read_text().strip())
    return hmac.digest(hmac.digest(bytes(32), secret, "sha256"), b"sky access token\x01", "sha256")


class Tokens(Asking):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.ours = Signer(folder.name, access_seed(cls.server.data))
        cls.theirs = Signer(folder.name, hashlib.sha256(b"another").digest())
        one, cls.next = cls("answers"), 130
        status, _, owner = one.register("owner@example.org", cls.server.token, later(129))
        assert status == 201, owner
        cls.owner = owner["access_token"]
        cls.codes = one.enrol(cls.owner)[1]

    def person(self, name, role="member"):
        """(access token, id, refresh token)"""
        invite = self.call("POST", "/api/auth/invites", {"role": role}, self.owner)[2]["invite"]
        type(self).next += 1
        status, _, answer = self.register(f"{name}@example.org", None, later(self.next), invite=invite)
        self.assertEqual(status, 201, answer)
        if role == "admin":
            self.enrol(answer["access_token"])
        return answer["access_token"], answer["user"]["id"], answer["refresh_token"]

    def answers(self, token):
        """The statuses of routes for anyone who is known, for administrators, one that changes something, and one of the OpenAI API."""
        return [self.call("GET", "/api/auth/me", token=token)[0], self.call("GET", "/api/admin/people", token=token)[0],
                self.call("POST", "/api/auth/invites", {"role": "admin"}, token)[0], self.call("GET", "/v1/models", token=token)[0]]

    def raw(self, *fields):
        """The status of a request with these bytes as its fields."""
        with socket.create_connection((self.server.host, int(self.server.port)), timeout=START_S) as s:
            # What is too long is refused before all of it was read.
            with contextlib.suppress(ConnectionError):
                s.sendall(b"GET /api/auth/me HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + b"".join(f + b"\r\n" for f in fields) + b"\r\n")
            answer = b""
            with contextlib.suppress(ConnectionError):
                while piece := s.recv(65536):
                    answer += piece
        return int(answer.split(b" ", 2)[1]) if answer else None

    def forgeries(self, token):
        """(what it tries, a token that must be nobody's) from a good one of a member."""
        head, body, mark = token.split(".")
        claims = json.loads(unb64(body))
        owner = {**claims, "sub": "owner", "role": "owner", "totp": True}
        raised = b64(owner)

        # No algorithm, another one, or one that the token chooses.
        for alg in ("none", "None", "NONE", "nOnE", "", None, "EdDSA,none", ["EdDSA"], "ES256", "RS256", "Ed448", "eddsa", "EdDSA\u0000"):
            for end in ("", mark):
                yield f"alg {alg!r}", f"{b64({**HEADER, 'alg': alg})}.{raised}.{end}"
        for name, secret in (("the public key", self.ours.public), ("it as hex", self.ours.public.hex().encode()), ("it as base64", base64.b64encode(self.ours.public)),
                             ("it as PEM", self.ours.pem), ("nothing", b""), ("the word secret", b"secret")):
            for alg in ("HS256", "HS384", "HS512", "EdDSA"):
                text = f"{b64({**HEADER, 'alg': alg})}.{raised}"
                yield f"{alg} keyed by {name}", f"{text}.{b64(hmac.digest(secret, text.encode(), {'S384': 'sha384', 'S512': 'sha512'}.get(alg[-4:], 'sha256')))}"
        yield "another Ed25519 key", self.theirs.token(owner)
        for field, value in (("jwk", {"kty": "OKP", "crv": "Ed25519", "x": b64(self.theirs.public)}), ("jku", "https://127.0.0.1:9/keys"), ("x5u", "http://127.0.0.1:9/x"),
                             ("x5c", [base64.b64encode(self.theirs.public).decode()]), ("kid", "../../../../dev/null"), ("kid", "/proc/self/environ"),
                             ("kid", "x' UNION SELECT 'secret' -- "), ("kid", "key.pem;id|id"), ("crit", ["exp"]), ("crit", []), ("b64", False), ("zip", "DEF"),
                             ("cty", "JWT"), ("typ", "at+jwt"), ("enc", "A256GCM")):
            header = {**HEADER, field: value}
            yield f"{field} {value!r} and another key", self.theirs.token(owner, header)
            yield f"{field} {value!r} and a mark of another header", f"{b64(header)}.{raised}.{mark}"
            # Even signed by our own key there is but one header.
            yield f"{field} {value!r} and our key", self.ours.token(owner, header)
        for header in (b'{"typ":"JWT","alg":"EdDSA"}', b'{"alg":"EdDSA","typ":"JWT"} ', b'{"alg":"none","alg":"EdDSA","typ":"JWT"}', b'{"alg":"EdDSA"}', b"{}", b"", b"null"):
            yield f"the header {header!r} and our key", self.ours.token(owner, header)

        # The claims were changed behind the signature.
        for name, other in (("owner", owner), ("role", {**claims, "role": "admin"}), ("later end", {**claims, "exp": claims["exp"] + 1}), ("another login", {**claims, "sid": "0" * 26}),
                            ("no end", {k: v for k, v in claims.items() if k != "exp"}), ("more", {**claims, "admin": True})):
            yield f"claims changed: {name}", f"{head}.{b64(other)}.{mark}"
        yield "a role twice", f"{head}.{b64(unb64(body)[:-1] + b',' + json.dumps('role').encode() + b':' + json.dumps('owner').encode() + b'}')}.{mark}"
        yield "a blank behind the claims", f"{head}.{b64(unb64(body) + b' ')}.{mark}"

        # The text was.
        yield from (("no mark", f"{head}.{body}."), ("two parts", f"{head}.{body}"), ("one part", head), ("four parts", f"{token}."), ("an empty part", f".{token}"),
                    ("five parts", f"{token}.{body}.{mark}"), ("dots", ".."), ("a dot", "."), ("the mark twice", f"{token}{mark}"), ("parts turned", f"{mark}.{body}.{head}"),
                    ("padding of the mark", f"{token}=="), ("padding of the body", f"{head}.{body}=.{mark}"), ("padding of the head", f"{head}=.{body}.{mark}"),
                    ("percent", token.replace(".", "%2E")), ("no dots", token.replace(".", "")), ("other dots", token.replace(".", ",")), ("quotes", f'"{token}"'),
                    ("a blank in it", f"{head}. {body}.{mark}"), ("a tab in it", f"{head}.{body}\t.{mark}"), ("two tokens", f"{token} {token}"), ("a list", f"{token},{token}"),
                    ("lower case", token.lower()), ("cut", token[:-1]), ("one more", token + "A"), ("words", "Bearer " + token), ("JSON", json.dumps({"access_token": token})),
                    ("of JSON's own form", b64({"payload": body, "signature": mark, "protected": head})), ("SQL", "' OR '1'='1"), ("a path", "../../owner.token"),
                    ("long", token + "A" * 4000), ("a long body", f"{head}.{body}{'A' * 4000}.{mark}"), ("many dots", "." * 4000))
        other = next(text for n in range(100) if set("-_") & set((text := self.ours.token({**claims, "exp": claims["exp"] - n})).rpartition(".")[2]))
        yield "the other alphabet", other.rpartition(".")[0] + "." + other.rpartition(".")[2].translate(str.maketrans("-_", "+/"))
        last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".index(mark[-1])
        for bit in (1, 2, 4, 8):
            yield f"a spare bit {bit} of the mark", token[:-1] + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[last ^ bit]
        order = 2**252 + 27742317777372353535851937790883648493
        raw = unb64(mark)
        yield "a mark plus the order of the curve", f"{head}.{body}.{b64(raw[:32] + (int.from_bytes(raw[32:], 'little') + order).to_bytes(32, 'little'))}"
        yield "a mark of zeros", f"{head}.{raised}.{b64(bytes(64))}"
        yield "a mark of the neutral point", f"{head}.{raised}.{b64(bytes([1]) + bytes(63))}"

    def claims_of_ours(self, claims):
        """(what is wrong, claims) that our own key signs: what a slip in the program that makes them would let out."""
        now = int(time.time())
        for name, changed in (("expired", {"iat": now - 1000, "exp": now - 100}), ("expired just now", {"iat": now - 900, "exp": now}), ("of 1970", {"iat": 0, "exp": 1}),
                              ("below 1970", {"exp": -1}), ("not valid yet", {"iat": now + 3600, "exp": now + 4500}), ("the end as text", {"exp": str(now + 900)}),
                              ("the end as a fraction", {"exp": now + 900.5}), ("the end beyond all numbers", {"exp": 2**70}), ("no subject", {"sub": None}), ("a list as subject", {"sub": ["owner"]}),
                              ("a subject that is too long", {"sub": "x" * 64}), ("a role that is a number", {"role": 5}), ("a login as an object", {"sid": {}}), ("totp as text", {"totp": "true"})):
            yield name, {**claims, **changed}
        for missing in ("sub", "sid", "name", "role", "totp", "iat", "exp"):
            yield f"no {missing}", {k: v for k, v in claims.items() if k != missing}
        yield from (("a list", [claims]), ("a text", "owner"), ("nothing", b""), ("half", json.dumps(claims).encode()[:-1]), ("two", json.dumps(claims).encode() * 2), ("deep", b"[" * 300),
                    ("no UTF-8", json.dumps(claims).encode().replace(b'"role"', b'"ro\xffle"')), ("a NUL", json.dumps(claims).encode() + b"\x00"))

    def test_forged_and_broken(self):
        token, _, _ = self.person("mallory")
        claims = json.loads(unb64(token.split(".")[1]))
        self.assertEqual(claims["exp"] - claims["iat"], 900)
        # The key here is the server's: what it makes of the same claims is the same token.
        self.assertEqual(self.ours.token(unb64(token.split(".")[1])), token)
        self.assertEqual(self.answers(token), [200, 403, 403, 200])
        tried = list(self.forgeries(token)) + [(f"our key: {name}", self.ours.token(wrong)) for name, wrong in self.claims_of_ours(claims)]
        self.assertGreater(len(tried), 150)
        connection = self.server.connection()
        self.addCleanup(connection.close)
        for what, forged in tried:
            with self.subTest(what):
                for method, path in (("GET", "/api/auth/me"), ("GET", "/api/admin/people"), ("DELETE", "/api/admin/people/x"), ("GET", "/v1/models")):
                    status, headers, answer = self.server.request(method, path, None, {"Authorization": f"Bearer {forged}"}, token=False, connection=connection)
                    self.assertEqual(status, 401, answer)
                    self.assertIn("WWW-Authenticate", headers)
                # Nor is it a session or a refresh token.
                self.assertEqual(self.server.get("/api/auth/me", headers={"Cookie": f"sky_session={forged}"}, token=False, connection=connection)[0], 401)
        self.assertEqual(self.answers(token), [200, 403, 403, 200])
        for what, forged in tried[::40]:
            self.assertIn(self.call("POST", "/api/auth/refresh", {"refresh_token": forged})[0], (400, 401), what)
        self.assertNotIn(token, self.server.log_text())

    def test_how_it_is_brought(self):
        """In one field of one scheme, and nowhere else."""
        token = self.person("bearer")[0].encode()
        bearer = b"Authorization: Bearer " + token
        for status, *fields in (
                (200, bearer), (200, b"authorization: bearer " + token), (200, b"AUTHORIZATION:BEARER " + token + b"  "), (200, b"Authorization: Bearer   " + token),
                (401, b"Authorization: " + token), (401, b"Authorization: Basic " + token), (401, b"Authorization: Token " + token), (401, b"Authorization: Bearer"),
                (401, b"Authorization: Bearer\t" + token), (401, b"Authorization: Bearer" + token), (401, b"Authorization:"), (401, b"Proxy-Authorization: Bearer " + token),
                (401, b"X-Authorization: Bearer " + token), (401, b"Cookie: access_token=" + token), (401, b"Cookie: sky_session=" + token),
                (401, b"Authorization: Bearer x", bearer), (401, bearer, b"Authorization: Bearer x"), (401, bearer, bearer), (401, bearer, b"Authorization:"),
                (400, b"Authorization: Bearer " + token[:40] + b"\r\n " + token[40:]), (400, b"Authorization : Bearer " + token), (400, b"Authorization: Bearer " + token + b"\x00"),
                (431, b"Authorization: Bearer " + token + b"A" * 200_000)):
            with self.subTest(str(fields)[:120]):
                self.assertEqual(self.raw(*fields), status)
        for path in ("/api/auth/me?access_token=", "/api/auth/me?token=", "/api/auth/me?Authorization=Bearer%20"):
            self.assertEqual(self.call("GET", path + token.decode())[0], 401)

    def test_of_another_installation(self):
        other = Server()
        self.addCleanup(other.close)
        status, _, answer = other.post("/api/auth/register", {"email": "owner@example.org", "password": PASSWORD})
        self.assertEqual((status, answer["user"]["id"]), (201, "owner"))  # the same id as here

        def there(method, path, body=None, token=None):
            return other.request(method, path, body, {"Authorization": f"Bearer {token}"} if token else {}, token=False)
        self.assertEqual(there("GET", "/api/auth/me", token=answer["access_token"])[0], 200)
        self.assertEqual(self.answers(answer["access_token"]), [401] * 4)
        self.assertEqual(there("GET", "/api/auth/me", token=self.owner)[0], 401)
        self.problem(self.call("POST", "/api/auth/refresh", {"refresh_token": answer["refresh_token"]}), 401, "wrong-credentials")
        self.assertEqual(self.answers(other.token), [401] * 4)
        status, _, made = there("POST", "/api/keys", {"name": "a program", "scopes": ["chat"]}, answer["access_token"])
        self.assertEqual(status, 201, made)
        self.assertEqual(self.answers(made["key"]), [401] * 4)

    def test_whoever_it_was_made_for_is_no_longer(self):
        def steer(method, path, body=None):
            answer = self.call(method, path, body, self.owner)
            self.assertIn(answer[0], (200, 204), answer[2])
        gone, good = [401] * 4, [200, 403, 403, 200]
        for what, after, act in (
                ("logged out", gone, lambda token, who, _: self.call("POST", "/api/auth/logout", {}, token)),
                ("its login revoked", gone, lambda token, who, _: [steer("DELETE", f"/api/admin/people/{who}/sessions/{one['id']}")
                                                               for one in self.call("GET", f"/api/admin/people/{who}/sessions", token=self.owner)[2]["sessions"]]),
                ("disabled", gone, lambda token, who, _: steer("PATCH", f"/api/admin/people/{who}", {"disabled": True})),
                ("removed", gone, lambda token, who, _: steer("DELETE", f"/api/admin/people/{who}")),
                ("gone by itself", gone, lambda token, who, _: self.call("DELETE", "/api/auth/me", {"password": PASSWORD}, token, later(200))),
                ("another password elsewhere", gone, lambda token, who, email: self.call("POST", "/api/auth/password", {"password": PASSWORD, "new_password": PASSWORD + "1"},
                                                                                  self.login(email, source=later(201))[2]["access_token"], later(202))),
                ("another name", good, lambda token, who, _: steer("PATCH", f"/api/admin/people/{who}", {"name": "Else"}))):
            with self.subTest(what):
                type(self).next += 1
                name = f"x{self.next}"
                token, who, refresh = self.person(name)
                self.assertEqual(self.answers(token), good)
                act(token, who, f"{name}@example.org")
                self.assertEqual(self.answers(token), after)
                self.assertEqual(self.call("POST", "/api/auth/refresh", {"refresh_token": refresh})[0], 200 if after == good else 401)

    def test_a_role_that_was(self):
        token, who, _ = self.person("former", "admin")
        self.assertEqual(self.answers(token), [200, 200, 201, 200])
        for role, after in (("member", [200, 403, 403, 200]), ("guest", [200, 403, 403, 200])):
            self.assertEqual(self.call("PATCH", f"/api/admin/people/{who}", {"role": role}, self.owner)[0], 200)
            self.assertEqual(self.answers(token), after)
            self.assertEqual(self.call("GET", "/api/auth/me", token=token)[2]["role"], role)
        # What the token itself says is older than what the account is.
        self.assertEqual(json.loads(unb64(token.split(".")[1]))["role"], "admin")
