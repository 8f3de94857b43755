"""test_idempotency.py: a POST with an Idempotency-Key is done once, however often it is sent."""
import concurrent.futures
import json
import pathlib
import shutil
import socket
import tempfile
import time
import unittest

import support
from support import ANSWER_S, Server
from test_auth import PASSWORD


class Repeating(unittest.TestCase):
    def setUp(self):
        self.data = pathlib.Path(tempfile.mkdtemp(prefix="sky-keyed-"))
        self.addCleanup(shutil.rmtree, self.data, True)
        self.addCleanup(self.data.with_suffix(".log").unlink, True)
        self.server = self.start()

    def start(self):
        server = Server("--level-max", "L1", data=self.data)
        self.addCleanup(server.close)
        return server

    def post(self, path, body, key, token=None, **headers):
        headers = {"Idempotency-Key": key, **headers}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.server.request("POST", path, body, headers)

    def count(self, sql):
        return support.sql(self.data, sql)[0][0]

    def problem(self, answer, status, kind):
        self.assertEqual((answer[0], answer[2]["type"]), (status, f"/problems/{kind}"), answer[2])

    def test_the_first_answer_comes_again(self):
        ask = {"message": "Which port does the printer use?"}
        first = self.post("/api/chat/message", ask, '"k-1"')
        self.assertEqual((first[0], first[1].get("Idempotency-Replayed")), (200, None))
        again = self.post("/api/chat/message", ask, "k-1")
        self.assertEqual((again[0], again[1]["Idempotency-Replayed"], again[2]), (200, "true", first[2]))
        self.assertEqual(again[1].get_content_type(), "application/json")
        self.problem(self.post("/api/chat/message", {"message": "And the scanner?"}, "k-1"), 422, "idempotency-key-reused")
        self.assertNotEqual(self.post("/api/chat/message", ask, "k-2")[2]["message_id"], first[2]["message_id"])
        self.assertEqual(self.count("SELECT count(*) FROM message WHERE role = 'user'"), 2)
        self.server.close()
        self.server = self.start()
        self.assertEqual(self.post("/api/chat/message", ask, "k-1")[2], first[2])
        # What was wrong stays wrong.
        wrong = self.post("/api/chat/message", {"message": " "}, "k-3")
        again = self.post("/api/chat/message", {"message": " "}, "k-3")
        self.assertEqual((wrong[0], again[0], again[2]), (400, 400, wrong[2]))
        self.assertEqual(again[1].get_content_type(), "application/problem+json")

    def test_a_document_is_learned_once(self):
        def learn(name, body=b"The printer listens on port 9100.", key="a"):
            return self.post(f"/api/crawler/learn?name={name}", body, key, **{"Content-Type": "application/octet-stream"})
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: learn("a.txt"), range(32)))
        for answer in answers:
            if answer[0] == 409:
                self.problem(answer, 409, "idempotency-key-in-progress")
        self.assertEqual(len({answer[2]["job_id"] for answer in answers if answer[0] == 202}), 1)
        told = "SELECT count(*) FROM audit WHERE act = 'learn.started'"
        end = time.monotonic() + ANSWER_S
        while self.count(told) == 0 and time.monotonic() < end:
            time.sleep(0.02)
        self.assertEqual(self.count(told), 1)
        # The same bytes under another name are another request.
        self.problem(learn("b.txt"), 422, "idempotency-key-reused")
        self.assertEqual(learn("b.txt", key="b")[0], 202)

    def test_a_secret_is_not_kept(self):
        status, _, made = self.post("/api/auth/invites", {"role": "guest"}, "i")
        self.assertEqual(status, 201)
        self.problem(self.post("/api/auth/invites", {"role": "guest"}, "i"), 409, "idempotency-key-not-kept")
        self.assertEqual(self.count("SELECT count(*) FROM invite"), 1)
        self.server.close()
        for file in self.data.glob("sky.db*"):
            self.assertNotIn(made["invite"].encode(), file.read_bytes())
        for table in support.tables(self.data):
            self.assertNotIn(made["invite"], str(support.sql(self.data, f"SELECT * FROM {table}")))  # noqa: S608

    def test_whatever_is_made_is_made_once(self):
        model = {"name": "m", "price_in": 0, "price_out": 0}
        for path, body in (("/api/admin/budgets", {"name": "b", "unit": "tokens", "period": "day", "limit": 9000000}), ("/api/admin/teams", {"name": "t"}),
                           ("/api/admin/providers", {"name": "p", "base_url": "http://127.0.0.1:9/v1", "models": [model]})):
            with self.subTest(path):
                first = self.post(path, body, path)
                again = self.post(path, body, path)
                self.assertEqual((first[0], again[0], again[1]["Idempotency-Replayed"], again[2]), (201, 201, "true", first[2]), first[2])
        _, _, bob = self.server.post("/api/auth/register", {"email": "bob@example.org", "password": PASSWORD})
        for path, body in (("/api/keys", {"name": "k", "scopes": ["chat"]}), (f"/api/admin/people/{bob['user']['id']}/reset", {})):
            with self.subTest(path):
                status, _, answer = self.post(path, body, path)
                self.assertEqual(status, 201, answer)
                self.problem(self.post(path, body, path), 409, "idempotency-key-not-kept")
        for table in ("budget", "team", "provider", "api_key", "reset"):
            self.assertEqual(self.count(f"SELECT count(*) FROM {table}"), 1, table)

    def test_each_account_has_its_own(self):
        _, _, ann = self.server.post("/api/auth/register", {"email": "ann@example.org", "password": PASSWORD})
        _, _, invited = self.server.post("/api/auth/invites", {})
        _, _, bob = self.server.post("/api/auth/register", {"email": "bob@example.org", "password": PASSWORD, "invite": invited["invite"]},
                                     token=False)
        ask = {"message": "Which port does the printer use?"}
        answers = [self.post("/api/chat/message", ask, "same", user["access_token"]) for user in (ann, bob)]
        self.assertEqual([answer[0] for answer in answers], [200, 200])
        self.assertNotEqual(answers[0][2]["message_id"], answers[1][2]["message_id"])

    def test_a_stream_is_done_once_and_not_kept(self):
        ask = {"message": "Which port does the printer use?", "stream": True}
        status, headers, _ = self.post("/api/chat/message", ask, "s")
        self.assertEqual((status, headers.get_content_type()), (200, "text/event-stream"))
        self.problem(self.post("/api/chat/message", ask, "s"), 409, "idempotency-key-not-kept")

    def test_who_left_is_answered_the_next_time(self):
        body = json.dumps({"message": "Which port does the printer use?"})
        for number in range(20):
            with socket.create_connection((self.server.host, int(self.server.port)), ANSWER_S) as left:
                left.sendall((f"POST /api/chat/message HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {self.server.token}\r\nIdempotency-Key: left-{number}\r\n"
                              f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode())
        done = 0
        for number in range(20):
            end = time.monotonic() + ANSWER_S
            answer = self.post("/api/chat/message", body, f"left-{number}", **{"Content-Type": "application/json"})
            while answer[0] == 409 and time.monotonic() < end:
                self.problem(answer, 409, "idempotency-key-in-progress")
                time.sleep(0.02)
                answer = self.post("/api/chat/message", body, f"left-{number}", **{"Content-Type": "application/json"})
            self.assertEqual(answer[0], 200, answer[2])
            done += answer[1].get("Idempotency-Replayed") is None
        self.assertGreater(done, 0)  # else none was cancelled

    def test_keys_that_are_none(self):
        for key in ("", "a b", "x" * 256, '"' + "x" * 256 + '"', "a\tb", "\xe4"):
            with self.subTest(key):
                self.problem(self.post("/api/chat/message", {"message": "x"}, key), 400, "invalid-field")
        # Where nothing is made the field means nothing.
        self.assertEqual(self.post("/v1/encode", {"text": "hello"}, "a b")[0], 200)

    def test_killed_while_answering_is_never_done_twice(self):
        sent = 0
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            def invite(number):
                try:
                    return self.post("/api/auth/invites", {"role": "guest"}, f"key-{number}")[0]
                except OSError:
                    return None
            futures = [pool.submit(invite, number) for number in range(200)]
            for future in futures[:50]:
                future.result()
            self.server.process.kill()
            sent = sum(future.result() == 201 for future in futures)
        self.assertGreaterEqual(sent, 42)
        self.server.process.wait()
        self.server = self.start()
        made = self.count("SELECT count(*) FROM invite")
        again = [self.post("/api/auth/invites", {"role": "guest"}, f"key-{number}") for number in range(200)]
        for answer in again:
            if answer[0] != 201:
                self.problem(answer, 409, "idempotency-key-not-kept")
        self.assertEqual(self.count("SELECT count(*) FROM invite"), made + sum(answer[0] == 201 for answer in again))
        # Nobody whose first request was answered made a second one.
        self.assertLessEqual(self.count("SELECT count(*) FROM invite"), 200)

    def test_an_account_has_so_many(self):
        connection = self.server.connection()
        self.addCleanup(connection.close)
        for number in range(520):
            status = self.server.request("POST", "/api/auth/invites", {"role": "nobody"}, {"Idempotency-Key": f"n{number}"},
                                         connection=connection)[0]
            self.assertEqual(status, 400)
        self.assertLessEqual(self.count("SELECT count(*) FROM idempotency"), 500)


if __name__ == "__main__":
    unittest.main()
