"""test_openapi.py: /openapi.json is valid, its examples fit its schemas, and the program does what it says."""
import gzip
import json
import re
import unittest

import conformance
import jsonschema
from openapi_spec_validator import validate
from support import ROOT, SLOW, ServerTest

# What is answered before it is known which operation is meant, and so to none of them.
BEFORE_A_ROUTE = {"method-not-allowed", "not-implemented", "version"}


class Document(ServerTest):
    learn = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = cls.server.get("/openapi.json")[2]

    def media(self):
        """(where, schema, examples) of every body."""
        shared = self.document["components"]["examples"]
        for path, operations in self.document["paths"].items():
            for method, operation in operations.items():
                bodies = {"request": operation.get("requestBody", {}), **operation["responses"]}
                for name, body in bodies.items():
                    for kind, content in body.get("content", {}).items():
                        values = [content["example"]] if "example" in content else []
                        for example in content.get("examples", {}).values():
                            values.append(shared[example["$ref"].rsplit("/", 1)[1]]["value"])
                        yield f"{method} {path} {name} {kind}", content["schema"], values

    def test_is_valid(self):
        validate(self.document)

    def test_it_comes_small_and_only_when_it_changed(self):
        status, headers, packed = self.raw({"Accept-Encoding": "gzip"})
        self.assertEqual((status, headers["content-encoding"], headers["vary"]), (200, "gzip", "accept-encoding"))
        self.assertEqual(json.loads(gzip.decompress(packed)), self.document)
        status, headers, plain = self.raw({})
        self.assertEqual((status, headers["content-encoding"], json.loads(plain)), (200, None, self.document))
        self.assertLess(len(packed), len(plain) / 10)
        status, _, body = self.raw({"If-None-Match": headers["etag"]})
        self.assertEqual((status, body), (304, b""))
        self.assertEqual([path for path, got in self.document["paths"].items() if "304" in got.get("get", {}).get("responses", {})], ["/openapi.json"])
        status, _, _ = self.raw({"If-None-Match": headers["etag"], "Authorization": "Bearer x"})
        self.assertEqual(status, 401)

    def raw(self, headers):
        connection = self.server.connection()
        try:
            connection.request("GET", "/openapi.json", headers={"Authorization": f"Bearer {self.server.token}", **headers})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def test_examples_fit_their_schemas(self):
        seen = 0
        for where, schema, values in self.media():
            rooted = {"components": self.document["components"], **schema}
            for value in values:
                with self.subTest(where):
                    jsonschema.Draft202012Validator(rooted).validate(value)
                seen += 1
        self.assertGreater(seen, 500)

    def test_each_operation_is_whole(self):
        for path, operations in self.document["paths"].items():
            for method, operation in operations.items():
                with self.subTest(f"{method} {path}"):
                    self.assertTrue(operation["summary"] and operation["operationId"] and operation["tags"])
                    self.assertNotIn("default", operation["responses"])
                    self.assertEqual(sum(code[0] in "23" for code in operation["responses"] if code != "304"), 1)
                    if operation.get("security") != []:
                        self.assertIn("401", operation["responses"])

    def test_the_page_for_people_names_every_problem(self):
        told, named, openai = set(), set(), set()
        for row in re.findall(r"^\| ([\d, ]+) \| (.*) \| .* \|$", (ROOT / "docs" / "api.md").read_text(), re.MULTILINE):
            told |= {(status, kind) for status in row[0].split(", ") for kind in re.findall(r"`([a-z0-9-]+)`", row[1])}
        for operations in self.document["paths"].values():
            for operation in operations.values():
                for status, answer in operation["responses"].items():
                    said = json.dumps(answer)
                    named |= {(status, kind) for kind in re.findall(r'"/problems/([a-z0-9-]+)"', said)}
                    for codes in re.findall(r'"code": {"enum": \[([^]]*)\]', said):  # as clients of OpenAI know them
                        openai |= set(codes.replace('"', "").replace("_", "-").split(", "))
        self.assertEqual(named - told, set(), "not on the page")
        self.assertEqual(openai - {"invalid-api-key"} - {kind for _, kind in told}, set(), "not on the page")
        answered = openai | {kind for _, kind in named} | BEFORE_A_ROUTE
        self.assertEqual({kind for _, kind in told} - answered - {"limit"}, set(), "on the page, and nowhere else")

    def test_pages_have_caps(self):
        caps = {"/api/admin/logs": 1000, "/api/admin/costs": 20000}
        lists = [path for path, got in self.document["paths"].items()
                 if "{" not in path and any(one["name"] == "limit" for one in got.get("get", {}).get("parameters", []))]
        self.assertGreater(len(lists), 15)
        for path in lists:
            for limit, want in ((caps.get(path, 500), 200), (caps.get(path, 500) + 1, 400)):
                with self.subTest(path, limit=limit):
                    status, _, answer = self.server.get(f"{path}?limit={limit}{'&by=user' if path == '/api/admin/usage' else ''}")
                    self.assertEqual(status, want, answer)
                    if path not in ("/api/admin/usage", "/api/admin/cost-imports") and status == 200:
                        self.assertIn("next", answer)
        for path, query in (("/api/crawler/search", "q=a"), ("/api/crawler/knowledge", "q=a"), ("/v1/nearest", "word=a")):
            with self.subTest(path):
                most = next(one["schema"]["maximum"] for one in self.document["paths"][path]["get"]["parameters"] if one["name"] == "k")
                self.assertEqual(self.server.get(f"{path}?{query}&k={most}")[0], 200)
        for path in ("/api/auth/invites", "/api/crawler/jobs", "/api/admin/providers", "/api/admin/prices"):
            with self.subTest(path):
                status, _, answer = self.server.get(path + "?limit=1")
                self.assertEqual((status, "next" in answer), (200, False))

    def test_every_scheme_is_described(self):
        schemes = self.document["components"]["securitySchemes"]
        self.assertEqual({name for choice in self.document["security"] for name in choice}, set(schemes))


class Conformance(unittest.TestCase):
    def test_the_program_does_what_it_says(self):
        calls, said = conformance.run(examples=15, seed=1, seconds=50)
        if said:
            self.fail(said)
        # How many fit into the time is another matter where a sanitizer looks on.
        self.assertGreater(calls, 1500 if SLOW == 1 else 20)


if __name__ == "__main__":
    unittest.main()
