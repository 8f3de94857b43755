"""test_bad_input.py: what a stranger may send: refused clearly, within the caps, connection usable."""
import json
import socket
import time
import unittest

from support import ANSWER_S, SLOW, ServerTest

DEEP = '{"message":' + "[" * 5000 + "]" * 5000 + "}"
BODIES = [
    (b"", "an empty body"),
    (b"{", "cut JSON"),
    (b'{"message":"a"}x', "bytes after the JSON"),
    (b'{"message":"\xff\xfe"}', "no UTF-8"),
    (b'{"message":"\\ud800"}', "a lone surrogate"),
    (b"[]", "an array"),
    (b"null", "null"),
    (b'"text"', "a string"),
    (DEEP.encode(), "deep nesting"),
    (b'{"message":1}', "a number"),
    (b'{"message":null}', "null for a string"),
    (b'{"message":"a\\u0000b"}', "the character U+0000"),
    (b'{"message":["a"]}', "a list for a string"),
    (b'{"message":{}}', "an object for a string"),
    (b'{"message":""}', "an empty string"),
    (b'{"message":"  \\n "}', "white space"),
    (b'{"message":"a","stream":"yes"}', "a string for a bool"),
    (b'{"message":"a","stream":1}', "a number for a bool"),
    (b'{"message":"a","level_max":"L9"}', "an unknown level"),
    (b'{"message":"a","level_max":2}', "a number for a level"),
    (b'{"message":"a","conversation_id":7}', "a number for an id"),
    (b'{"nothing":"a"}', "a missing field"),
    (json.dumps({"message": "x" * 20000}).encode(), "a message over its cap"),
    (b"{,}", "a stray comma"),
    (b'{"message":NaN}', "NaN"),
    (b"{'message':'a'}", "single quotes"),
]
OPENAI = [
    {},
    {"model": "skyai-standard"},
    {"model": "skyai-standard", "messages": []},
    {"model": "skyai-standard", "messages": "hello"},
    {"model": "skyai-standard", "messages": [{}]},
    {"model": "skyai-standard", "messages": [{"role": "king", "content": "a"}]},
    {"model": "skyai-standard", "messages": [{"role": "user", "content": 1}]},
    {"model": "skyai-standard", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
    {"model": "skyai-standard", "messages": [{"role": "assistant", "content": "a"}]},
    {"model": 1, "messages": [{"role": "user", "content": "a"}]},
    {"model": "skyai-standard", "messages": [{"role": "user", "content": "a\u0000b"}]},
    {"model": "skyai-standard", "messages": [{"role": "user", "content": [{"type": "text", "text": "\u0000"}]}]},
    {"model": "skyai-standard", "messages": [{"role": "system", "content": "\u0000"}, {"role": "user", "content": "a"}]},
]
OPENAI_FIELDS = [{"max_tokens": 0}, {"max_tokens": "5"}, {"max_tokens": 1.5}, {"temperature": 3},
                 {"temperature": "hot"}, {"top_p": -1}, {"stop": 1}, {"stop": ["a"] * 5},
                 {"stop": [1]}, {"n": 2}, {"seed": "x"}, {"stream": "true"},
                 {"tools": [{"type": "function"}]}, {"response_format": {"type": "json_object"}},
                 {"response_format": "json_object"}, {"stream_options": "include_usage"}]


class BadInput(ServerTest):
    learn = False

    def test_bodies_are_refused_and_the_connection_goes_on(self):
        connection = self.server.connection()
        for body, name in BODIES:
            with self.subTest(name):
                answer = self.server.request(
                    "POST", "/api/chat/message", body, {"Content-Type": "application/json"},
                    connection=connection)
                self.assertIn(answer[0], (400, 413, 422))
                self.problem(answer, answer[0])
                self.assertEqual(self.server.get("/health", connection=connection)[0], 200)
        connection.close()

    def test_an_empty_body_is_called_so(self):
        status, _, answer = self.server.request("POST", "/api/chat/message", headers={"Content-Type": "application/json"})
        self.assertEqual((status, answer["detail"]), (400, "the body is empty"))

    def test_other_content_types_are_refused(self):
        for kind in ("text/plain", "application/xml", "multipart/form-data; boundary=x", ""):
            answer = self.server.request("POST", "/api/chat/message", b'{"message":"a"}',
                                         {"Content-Type": kind})
            self.problem(answer, 415)

    def test_ten_megabytes_are_refused_without_reading_them_all(self):
        began = time.monotonic()
        body = b'{"message":"' + b"x" * (10 << 20) + b'"}'
        try:
            answer = self.server.request("POST", "/api/chat/message", body,
                                         {"Content-Type": "application/json"})
            self.problem(answer, 413)
        except (BrokenPipeError, ConnectionResetError):
            pass  # allowed: the server may close a connection that goes on sending
        self.assertLess(time.monotonic() - began, 10 * SLOW)
        self.assertEqual(self.server.get("/health")[0], 200)

    def test_openai_bodies_are_refused_in_its_own_shape(self):
        good = {"model": "skyai-standard", "messages": [{"role": "user", "content": "a"}]}
        for body in OPENAI + [{**good, **fields} for fields in OPENAI_FIELDS]:
            with self.subTest(str(body)):
                status, _, answer = self.server.post("/v1/chat/completions", body)
                self.assertEqual(status, 400, answer)
                self.assertIsInstance(answer["error"]["message"], str)
                self.assertIsInstance(answer["error"]["type"], str)
        status, _, answer = self.server.post("/v1/chat/completions", {**good, "model": "gpt-5"})
        self.assertEqual((status, answer["error"]["code"]), (404, "model_not_found"))

    def test_embedding_inputs_are_checked(self):
        for fields in ({"input": ""}, {"input": []}, {"input": [1, 2]}, {"input": [[1, 2]]},
                       {"input": None}, {"input": {}}, {"input": ["a"] * 1000},
                       {"input": "a\u0000b"}, {"input": ["a", "\u0000"]},
                       {"input": "a", "dimensions": 5}, {"input": "a", "encoding_format": "hex"}):
            with self.subTest(str(fields)[:60]):
                status, _, answer = self.server.post("/v1/embeddings",
                                                     {"model": "skyai-embed", **fields})
                self.assertEqual(status, 400, answer)
                self.assertIn("error", answer)

    def test_unknown_routes_and_methods(self):
        self.problem(self.server.get("/api/nothing"), 404)
        answer = self.server.request("DELETE", "/api/status")
        self.problem(answer, 405)
        self.assertIn("GET", answer[1]["allow"])

    def test_queries_are_checked(self):
        for path in ("/api/crawler/knowledge", "/api/crawler/knowledge?q=",
                     "/api/crawler/knowledge?q=a&k=0", "/api/crawler/knowledge?q=a&k=x",
                     "/api/crawler/knowledge?q=a&k=1000", "/api/chat/history?limit=0",
                     "/api/chat/history?limit=-1", "/api/chat/history?limit=99999999999999999999"):
            with self.subTest(path):
                self.problem(self.server.get(path), 400)

    def test_bad_cursors_and_ids_do_no_harm(self):
        for path in ("/api/chat/history?before=..%2F..", "/api/chat/history?before=%27%3B--",
                     "/api/chat/history?conversation_id=%27%20OR%201%3D1",
                     "/api/crawler/documents/nothing", "/api/crawler/jobs/nothing",
                     "/api/crawler/documents?after=%F0%9F%92%A1"):
            with self.subTest(path):
                self.assertLess(self.server.get(path)[0], 500)

    def test_cursors_that_no_page_gave(self):
        named = {"/api/crawler/documents", "/api/crawler/sources", "/api/admin/tiers"}  # they go by names: any is a place
        lists = [(path, one["name"]) for path, methods in self.server.get("/openapi.json")[2]["paths"].items()
                 for one in methods.get("get", {}).get("parameters", []) if one["name"] in ("after", "before")]
        self.assertGreater(len(lists), 15)
        for path, name in lists:
            if path in named:
                continue
            for cursor in ("x", "0", "-1", "2026", "01J00000000000000000000000.", "%2527", "a%20b%20c"):
                with self.subTest(path=path, cursor=cursor):
                    path = path.replace("{id}", "owner")
                    answer = self.server.get(f"{path}?{name}={cursor}")
                    if answer[0] == 200 and cursor in ("0", "2026"):  # some count
                        continue
                    self.problem(answer, 400)

    def test_bad_escapes_are_refused(self):
        for target in ("/v1/models/%00", "/v1/models?a=%00", "/v1/models/%3f%00", "/v1/models/%3f?a=%00", "/v1/models/%2f%ff"):
            status, _, body = self.server.get(target)
            self.assertEqual((status, body["error"]["code"]), (400, "malformed_address"), target)
        for target in ("/v1/lookup/%00", "/api/%zz", "/api/%", "/health%00", "/%ff", "/api/crawler/knowledge?q=%ff"):
            with self.subTest(target):
                self.assertEqual(self.server.get(target)[0], 400)

    def test_learn_takes_absolute_paths_only(self):
        for body in ({}, {"paths": []}, {"paths": "x"}, {"paths": [1]}, {"paths": ["relative"]},
                     {"paths": ["/a\u0000b"]}, {"paths": ["/x"] * 1000}, {"paths": ["/a/../b"]}, {"paths": ["/" + "x" * 5000]}):
            with self.subTest(str(body)[:40]):
                problem = self.problem(self.server.post("/api/crawler/learn", body), 400)
                self.assertEqual(problem["type"], "/problems/invalid-field")

    def test_a_missing_path_fails_its_job_only(self):
        job = self.server.learn("/no/such/folder")
        self.assertIn(job["state"], ("done", "failed"))
        self.assertEqual(job["failed"], 1)
        self.assertEqual(job["errors"][0]["document"], "/no/such/folder")

    def test_search_text_is_never_syntax(self):
        for query in ('"', "*", "a AND", "NEAR(", "col:x", "-", "(", "';DROP TABLE chunk;--", "^",
                      "a" * 4000, "\U0001f600", "NOT", '""""', "{a b}: c", "\\"):
            with self.subTest(query[:20]):
                status, _, body = self.server.request(
                    "GET", "/api/crawler/knowledge?q=" + __import__("urllib.parse").parse.quote(query))
                self.assertEqual(status, 200, body)


class Leaving(ServerTest):
    def test_a_client_that_leaves_frees_its_slot(self):
        body = json.dumps({"model": "skyai-standard", "stream": True, "temperature": 0.5,
                           "max_tokens": 1500,
                           "messages": [{"role": "user", "content": "Tell a very long story."}]})
        for _ in range(12):  # more than there are slots
            sock = socket.create_connection((self.server.host, int(self.server.port)), ANSWER_S)
            sock.sendall((f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                          f"{self.server.token}\r\nContent-Type: application/json\r\n"
                          f"Content-Length: {len(body)}\r\n\r\n{body}").encode())
            self.assertIn(b"200", sock.recv(200))
            sock.close()
        began = time.monotonic()
        status, _, answer = self.server.post("/v1/chat/completions", {
            "model": "skyai-standard", "max_tokens": 5, "temperature": 0.5,
            "messages": [{"role": "user", "content": "Hello"}]})
        self.assertEqual(status, 200, answer)
        self.assertLess(time.monotonic() - began, 20 * SLOW)

    def test_a_left_stream_is_kept_as_far_as_it_came(self):
        events = self.server.events("/api/chat/message", {
            "message": "Which port does the lantern service listen on?", "stream": True},
            stop_after=1)
        chat = next(events)[1]["conversation_id"]
        events.close()
        end = time.monotonic() + ANSWER_S
        while time.monotonic() < end:
            path = f"/api/chat/history?conversation_id={chat}"
            messages = self.server.get(path)[2]["messages"]
            if len(messages) == 2:
                break
            time.sleep(0.1)
        self.assertEqual([m["role"] for m in messages], ["user", "assistant"])


if __name__ == "__main__":
    unittest.main()
