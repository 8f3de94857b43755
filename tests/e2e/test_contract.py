"""test_contract.py: the bodies of PRODUCT.md, field by field, from the real program."""
import base64
import json
import select
import struct
import unittest

from support import DATA, ENGINE, Server, ServerTest

RECEIPT = {"level": str, "brand": str, "why_stopped": str, "tokens_in": int, "tokens_out": int,
           "cost_microusd": int, "latency_ms": int, "first_token_ms": int, "cached": bool,
           "node": str, "sources": list}
SOURCE = {"document": str, "title": str, "location": str, "quote": str}
OPEN = ["/health", "/.well-known/skynet", "/"]
CLOSED = ["/api/status", "/api/nodes", "/api/chat/history", "/api/crawler/knowledge?q=x", "/metrics",
          "/openapi.json", "/v1/models", "/api/crawler/documents", "/api/session"]


class Contract(ServerTest):
    def fields(self, value, types):
        for name, kind in types.items():
            self.assertIn(name, value)
            self.assertIsInstance(value[name], kind, name)
            if kind is int:
                self.assertNotIsInstance(value[name], bool, name)

    def answer(self, body):
        self.fields(body, {"conversation_id": str, "message_id": str, "answer": str,
                           "receipt": dict})
        self.fields(body["receipt"], RECEIPT)
        self.assertEqual(body["receipt"]["node"], "NOD1")
        self.assertIn(body["receipt"]["brand"], ("Standard",))
        for source in body["receipt"]["sources"]:
            self.fields(source, SOURCE)
            self.assertLessEqual(len(source["quote"]), 400)

    def test_open_routes_need_no_token(self):
        for path in OPEN:
            with self.subTest(path):
                self.assertEqual(self.server.get(path, token=False)[0], 200)

    def test_all_else_needs_a_token(self):
        for path in CLOSED:
            with self.subTest(path):
                self.problem_or_openai(self.server.get(path, token=False), 401)
                wrong = {"Authorization": "Bearer sky_" + "A" * 43}
                self.problem_or_openai(self.server.get(path, token=False, headers=wrong), 401)

    def problem_or_openai(self, answer, status):
        if "error" in answer[2]:
            self.assertEqual(answer[0], status)
            self.assertIsInstance(answer[2]["error"]["message"], str)
        else:
            self.problem(answer, status)

    def test_status(self):
        status, _, body = self.server.get("/api/status")
        self.assertEqual(status, 200)
        self.fields(body, {"version": str, "nod": int, "uptime_s": int, "degraded": bool,
                           "levels": list, "store": str, "knowledge": dict})
        self.fields(body["knowledge"], {"documents": int, "chunks": int, "vectors": int})
        self.assertEqual(body["store"], ENGINE)
        self.assertEqual(body["levels"], ["L0", "L1", "L2"])
        self.assertEqual(body["knowledge"]["vectors"], body["knowledge"]["chunks"])
        self.assertGreater(body["knowledge"]["documents"], 0)

    def test_nodes(self):
        body = self.server.get("/api/nodes")[2]
        self.assertEqual(len(body["nodes"]), 1)
        node = body["nodes"][0]
        self.assertEqual((node["id"], node["class"], node["role"], node["state"]),
                         ("NOD1", "S", "hub", "online"))

    def test_wellknown_names_the_keys(self):
        body = self.server.get("/.well-known/skynet", token=False)[2]
        self.assertEqual(len(base64.b64decode(body["keys"]["ed25519"])), 32)
        self.assertRegex(body["keys"]["certificate_sha256"], "^[0-9a-f]{64}$")

    def test_metrics_are_prometheus_text(self):
        status, headers, body = self.server.get("/metrics")
        self.assertEqual(status, 200)
        self.assertTrue(headers["content-type"].startswith("text/plain; version=0.0.4"))
        self.assertRegex(body.decode(), r"(?m)^sky_documents \d+$")

    def test_openapi_lists_the_routes(self):
        body = self.server.get("/openapi.json")[2]
        self.assertTrue(body["openapi"].startswith("3.1"))
        for path, method in (("/health", "get"), ("/api/chat/message", "post"),
                             ("/api/crawler/documents/{id}", "delete"),
                             ("/v1/chat/completions", "post")):
            self.assertIn(method, body["paths"][path])

    def test_message_is_answered_from_the_documents(self):
        body = self.server.ask("Which port does the lantern service listen on?")
        self.answer(body)
        self.assertTrue(body["answered"])
        self.assertIn("7411", body["answer"] + json.dumps(body["receipt"]["sources"]))
        self.assertTrue(body["receipt"]["sources"])
        self.assertTrue(any(s["document"] == str(DATA / "docs" / "lantern.md")
                            for s in body["receipt"]["sources"]))

    def test_message_streams(self):
        events = list(self.server.events("/api/chat/message", {
            "message": "How many days are lantern backups kept?", "stream": True}))
        names = [name for name, _ in events]
        self.assertEqual(names[0], "start")
        self.assertEqual(names[-1], "done")
        self.assertIn("token", names)
        done = events[-1][1]
        self.answer(done)
        text = "".join(data["text"] for name, data in events if name == "token")
        self.assertEqual(text, done["answer"])
        self.assertEqual(done["message_id"], events[0][1]["message_id"])

    def test_what_the_documents_do_not_hold_is_not_answered(self):
        body = self.server.ask("What is the salary of the chief accountant of the Oslo office?")
        self.answer(body)
        self.assertIs(body["answered"], False)

    def test_a_repeated_question_comes_from_the_cache(self):
        question = "What does the lantern command lantern-dim do?"
        first = self.server.ask(question)
        second = self.server.ask("  what does the lantern command lantern-dim do ")
        self.assertFalse(first["receipt"]["cached"])
        self.assertTrue(second["receipt"]["cached"])
        self.assertEqual(second["receipt"]["level"], "L0")
        self.assertEqual(second["answer"], first["answer"])

    def test_history_holds_the_conversation(self):
        first = self.server.ask("Who maintains the lantern service?")
        second = self.server.ask("And which port?", conversation_id=first["conversation_id"])
        self.assertEqual(second["conversation_id"], first["conversation_id"])
        body = self.server.get("/api/chat/history")[2]
        item = next(c for c in body["conversations"] if c["id"] == first["conversation_id"])
        self.assertEqual(item["messages"], 4)
        path = f"/api/chat/history?conversation_id={item['id']}"
        messages = self.server.get(path)[2]["messages"]
        self.assertEqual([m["role"] for m in messages], ["user", "assistant"] * 2)
        self.assertEqual(messages[0]["text"], "Who maintains the lantern service?")
        self.assertEqual(messages[1]["id"], first["message_id"])
        self.fields(messages[1]["receipt"], RECEIPT)

    def test_history_pages(self):
        for i in range(5):
            self.server.ask(f"Question number {i} about paging?", level_max="L1")
        seen, cursor = [], ""
        while True:
            body = self.server.get(f"/api/chat/history?limit=2{cursor}")[2]
            seen += [c["id"] for c in body["conversations"]]
            self.assertLessEqual(len(body["conversations"]), 2)
            if not body["next"]:
                break
            cursor = f"&before={body['next']}"
        self.assertEqual(len(seen), len(set(seen)))
        self.assertGreaterEqual(len(seen), 5)

    def test_conversations_are_renamed_and_removed(self):
        chat = self.server.ask("What is a lantern?")["conversation_id"]
        status, _, body = self.server.request("PATCH", f"/api/chat/history/{chat}",
                                              {"title": "About light"})
        self.assertEqual((status, body["conversation"]["title"]), (200, "About light"))
        status, _, body = self.server.request("PATCH", f"/api/chat/history/{chat}", {"title": " \n"})
        self.assertEqual((status, body["detail"]), (400, "`title` must hold more than white space"))
        self.assertEqual(self.server.request("DELETE", f"/api/chat/history/{chat}")[0], 204)
        self.problem(self.server.get(f"/api/chat/history?conversation_id={chat}"), 404)
        self.problem(self.server.request("DELETE", f"/api/chat/history/{chat}"), 404)

    def test_votes_are_stored(self):
        answer = self.server.ask("Who wrote the lantern manual?")
        for vote in (1, -1, 0):
            status, _, _ = self.server.post("/api/chat/vote", {
                "message_id": answer["message_id"], "vote": vote})
            self.assertEqual(status, 204)
            path = f"/api/chat/history?conversation_id={answer['conversation_id']}"
            self.assertEqual(self.server.get(path)[2]["messages"][1]["vote"], vote)
        self.problem(self.server.post("/api/chat/vote", {"message_id": "nobody", "vote": 1}), 404)

    def test_knowledge_and_search(self):
        for path in ("/api/crawler/knowledge", "/api/crawler/search"):
            body = self.server.get(f"{path}?q=lantern+port&k=5")[2]
            self.assertTrue(0 < len(body["results"]) <= 5)
            for result in body["results"]:
                self.fields(result, {"document": str, "title": str, "location": str, "text": str})
                self.assertIsInstance(result["score"], (int, float))
            self.assertTrue(body["results"][0]["document"].endswith("lantern.md"))

    def test_the_stored_copy_opens_at_the_passage(self):
        result = self.server.get("/api/crawler/knowledge?q=lantern+port&k=1")[2]["results"][0]
        document = self.server.get(f"/api/crawler/documents/{result['document_id']}")[2]
        text = document["text"].encode()[result["start"]:result["end"]].decode()
        self.assertEqual(text, result["text"])

    def test_chat_completion(self):
        status, _, body = self.server.post("/v1/chat/completions", {
            "model": "skyai-standard", "max_tokens": 12, "messages": [
                {"role": "system", "content": "Answer briefly."},
                {"role": "user", "content": "Say hello."}]})
        self.assertEqual(status, 200)
        self.assertEqual((body["object"], body["model"]), ("chat.completion", "skyai-standard"))
        choice = body["choices"][0]
        self.assertEqual(choice["message"]["role"], "assistant")
        self.assertTrue(choice["message"]["content"])
        self.assertIn(choice["finish_reason"], ("stop", "length"))
        usage = body["usage"]
        self.assertGreater(usage["prompt_tokens"], 0)
        self.assertLessEqual(usage["completion_tokens"], 12)
        self.assertEqual(usage["total_tokens"],
                         usage["prompt_tokens"] + usage["completion_tokens"])

    def test_a_seed_repeats_the_text(self):
        body = {"model": "skyai-standard", "max_tokens": 16, "temperature": 0.9, "seed": 7,
                "messages": [{"role": "user", "content": "Invent a name for a ship."}]}
        texts = {self.server.post("/v1/chat/completions", body)[2]["choices"][0]["message"]["content"]
                 for _ in range(2)}
        self.assertEqual(len(texts), 1)

    def test_stop_and_max_tokens(self):
        body = {"model": "skyai-standard", "max_tokens": 3, "temperature": 0.1, "messages": [
            {"role": "user", "content": "Count from one to twenty in words."}]}
        answer = self.server.post("/v1/chat/completions", body)[2]
        self.assertEqual(answer["choices"][0]["finish_reason"], "length")
        self.assertEqual(answer["usage"]["completion_tokens"], 3)
        body.update(max_tokens=60, stop=["\n", "."])
        text = self.server.post("/v1/chat/completions", body)[2]["choices"][0]["message"]["content"]
        self.assertNotIn(".", text)

    def test_embeddings_in_both_encodings(self):
        body = {"model": "skyai-embed", "input": ["a lamp", "a lantern", "tax law"]}
        plain = self.server.post("/v1/embeddings", body)[2]
        packed = self.server.post("/v1/embeddings", {**body, "encoding_format": "base64"})[2]
        vectors = [item["embedding"] for item in plain["data"]]
        self.assertEqual([len(v) for v in vectors], [384] * 3)
        for vector, item in zip(vectors, packed["data"]):
            raw = struct.unpack("<384f", base64.b64decode(item["embedding"]))
            for a, b in zip(vector, raw):
                self.assertAlmostEqual(a, b, places=4)
        near = sum(a * b for a, b in zip(vectors[0], vectors[1]))
        far = sum(a * b for a, b in zip(vectors[0], vectors[2]))
        self.assertGreater(near, far)

    def test_a_text_longer_than_the_windows_of_one_is_refused(self):
        status, _, body = self.server.post("/v1/embeddings", {"model": "skyai-embed", "input": "hello world " * 28000})
        self.assertEqual(status, 413, body)
        self.assertIn("send parts", body["error"]["message"])
        # One with as many windows is the mean of them all: its end counts.
        ends = [self.server.post("/v1/embeddings", {"model": "skyai-embed", "input": "hello world " * 500 + end})[2]["data"][0]["embedding"]
                for end in ("zebra moon " * 300, "tax law court " * 300)]
        self.assertNotEqual(*ends)

    def test_embeddings_leave_room_for_questions(self):
        """More work than a minute of both threads holds, from five clients: questions go between."""
        body = json.dumps({"model": "skyai-embed", "input": ["hello world " * 350] * 240})
        head = {"Authorization": f"Bearer {self.server.token}", "Content-Type": "application/json"}
        clients = [self.server.connection() for _ in range(5)]
        try:
            for client in clients:
                client.request("POST", "/v1/embeddings", body, head)
            for _ in range(3):
                status, _, found = self.server.get("/api/crawler/knowledge?q=lantern")
                self.assertEqual(status, 200, found)
                self.answer(self.server.post("/api/chat/message", {"message": "Which port does the lantern service listen on?", "stream": False})[2])
                self.assertEqual(select.select([client.sock for client in clients], [], [], 0)[0], [], "it was no load")
        finally:
            for client in clients:
                client.close()
        # Those that left are forgotten.
        self.assertEqual(self.server.post("/v1/embeddings", {"model": "skyai-embed", "input": "x"})[0], 200)

    def test_models(self):
        body = self.server.get("/v1/models")[2]
        ids = {model["id"] for model in body["data"]}
        self.assertLessEqual({"skyai-standard", "skyai-advanced", "skyai-pro", "skyai"}, ids)


class Login(ServerTest):
    learn = False

    def test_the_printed_address_logs_in_once(self):
        path = self.server.login[len(self.server.http):]
        for method in ("HEAD", "GET"):  # what only looks uses nothing up
            status, headers, _ = self.server.request(method, path, token=False)
            self.assertEqual((status, headers["location"]), (303, "/"))
            self.assertEqual("set-cookie" in headers, method == "GET")
        cookie = headers["set-cookie"]
        for word in ("HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(word, cookie)
        session = {"Cookie": cookie.split(";")[0]}
        self.assertEqual(self.server.get("/api/status", token=False, headers=session)[0], 200)
        status, headers, _ = self.server.get(path, token=False)
        self.assertEqual((status, headers["location"]), (303, "/#login-expired"))
        self.assertNotIn("set-cookie", headers)

    def test_token_makes_a_session_that_ends(self):
        origin = {"Origin": self.server.http}
        status, headers, _ = self.server.post("/api/session", {"token": self.server.token},
                                              token=False)
        self.assertEqual(status, 204)
        cookie = {"Cookie": headers["set-cookie"].split(";")[0]}
        self.assertEqual(self.server.get("/api/session", token=False, headers=cookie)[2]["role"],
                         "owner")
        self.problem(self.server.request("DELETE", "/api/session", token=False, headers=cookie), 403)
        evil = {**cookie, "Origin": "https://evil.example"}
        self.problem(self.server.request("DELETE", "/api/session", token=False, headers=evil), 403)
        status, _, _ = self.server.request("DELETE", "/api/session", token=False,
                                           headers={**cookie, **origin})
        self.assertEqual(status, 204)
        self.problem(self.server.get("/api/session", token=False, headers=cookie), 401)

    def test_wrong_token_is_refused(self):
        self.problem(self.server.post("/api/session", {"token": "sky_no"}, token=False), 401)


class Restart(unittest.TestCase):
    def test_everything_is_there_after_a_restart(self):
        first = Server()
        try:
            first.learn(DATA / "docs")
            first.wait_vectors()
            chat = first.ask("Which port does the lantern service listen on?")
            before = first.get("/api/status")[2]["knowledge"]
            self.assertEqual(first.stop(), 0)
            second = Server(data=first.data)
            try:
                self.assertEqual(second.get("/api/status")[2]["knowledge"], before)
                path = f"/api/chat/history?conversation_id={chat['conversation_id']}"
                self.assertEqual(len(second.get(path)[2]["messages"]), 2)
                again = second.ask("Which port does the lantern service listen on?")
                self.assertTrue(again["receipt"]["cached"])
            finally:
                second.close()
        finally:
            first.own_data = True
            first.close()


if __name__ == "__main__":
    unittest.main()
