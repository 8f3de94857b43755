"""test_genom.py: GENOM through the program: the command line, and every route of the API."""
import base64
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import unittest

from support import ROOT, SKY, Server, ServerTest, run

DICT = ROOT / "build/deps/genom/genom.dict"
TEXTS = ["Hello, world!", "Příliš žluťoučký kůň úpěl ďábelské ódy.", "We meet at NOON, don't we?\n\n– Yes…", "👋🏽 日本語 \u0000 end", " ",
         "xyzzyq Iphone iPhone 0123456789 2026-11-26", "a  b   c\t\r\n"]
MESSAGE = re.compile(r"GENOM\|NOD1\|\*\|MSG\|1\|[0-9a-f]{8}\|[0-9a-f]{16}\|[A-Za-z0-9_-]*\|[0-9a-f]{8}")


def sky(*arguments, data=b""):
    return subprocess.run([SKY, *arguments], input=data, capture_output=True, timeout=60, check=False)


class Library(unittest.TestCase):
    def test_the_example_of_the_readme(self):
        """A stranger takes genom/ alone."""
        readme = (ROOT / "README.md").read_text("utf-8")
        example = re.search(r"```c\n(.*?)```", readme, re.S)[1]
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder, "example.c")
            source.write_text(example)
            program = pathlib.Path(folder, "example")
            subprocess.run(["cc", "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-I", ROOT, source,
                            *sorted(ROOT.glob("genom/*.c")), "-o", program], check=True)
            done = subprocess.run([program, DICT], capture_output=True, text=True, check=True)
            self.assertRegex(done.stdout, r"^\d bytes for 25: Hello, how are you today\?\n$")
            # The header is C++ too.
            subprocess.run(["c++", "-x", "c++", "-Wall", "-Werror", "-fsyntax-only", "-I", ROOT, ROOT / "genom/genom.h"], check=True)


class CommandLine(unittest.TestCase):
    def test_a_text_and_back(self):
        done = run("encode", "Hello, how are you today?")
        self.assertRegex(done.stdout.strip(), MESSAGE)
        self.assertEqual(run("decode", done.stdout.strip()).stdout, "Hello, how are you today?")

    def test_pipes_keep_every_byte(self):
        for text in [text.encode() for text in TEXTS] + [bytes(range(256)) * 40, b"", b"\n"]:
            message = sky("encode", data=text)
            self.assertEqual(message.returncode, 0, message.stderr)
            self.assertEqual(sky("decode", data=message.stdout).stdout, text)
            binary = sky("encode", "--binary", data=text)
            self.assertLessEqual(len(binary.stdout), len(text) + 1)
            self.assertEqual(sky("decode", "--binary", data=binary.stdout).stdout, text)
            dense = sky("encode", "--binary", "--dense", data=text)
            self.assertLessEqual(len(dense.stdout), len(binary.stdout))
            self.assertEqual(sky("decode", "--binary", data=dense.stdout).stdout, text)

    def test_a_text_may_be_as_large_as_the_room(self):
        """Its length is guessed, and no guess goes past the limit."""
        text = random.Random(1).randbytes(17 << 20)
        binary = sky("encode", "--binary", data=text)
        self.assertEqual(binary.returncode, 0, binary.stderr)
        done = sky("decode", "--binary", data=binary.stdout)
        self.assertEqual((done.returncode, done.stderr, done.stdout == text), (0, b"", True))

    def test_json(self):
        told = json.loads(run("encode", "--json", "Hello there").stdout)
        self.assertRegex(told["genom_message"], MESSAGE)
        self.assertEqual(told["input_bytes"], 11)
        self.assertLess(told["compression_ratio"], .6)
        words = json.loads(run("lookup", "--json", "hello", "WORLD").stdout)
        self.assertEqual([(word["canonical"], word["sector"], word["quadrant"]) for word in words],
                         [("hello", "social", 2), ("world", "concept", 1)])
        near = json.loads(run("nearest", "--json", "-k", "5", "monday").stdout)
        self.assertIn("tuesday", [word["canonical"] for word in near])
        self.assertEqual(len(json.loads(run("nearest", "--json", "--plane", "-k", "3", "Monday").stdout)), 3)
        about = run("nearest", "--plane", "-k", "3", "see you on monday").stdout.splitlines()
        self.assertRegex(about[0], r"^centroid of 4 tokens: \w+  q[1-4]  r \d\.\d{4}  θ \d\.\d{4}$")
        self.assertEqual(len(about), 5)

    def test_translations(self):
        for text in ("Hello, World", "Kůň — xyzzyq", "a"):
            for form in ("tokens", "ids", "hex", "phases", "binary", "message", "text"):
                told = run("translate", "text", form, text)
                self.assertEqual(told.returncode, 0, told.stderr)
                self.assertEqual(run("translate", form, "text", told.stdout.strip()).stdout, text)
                self.assertEqual(sky("translate", form, "text", data=told.stdout.encode()).stdout.decode(), text)
        self.assertEqual(run("translate", "words", "text", "a").returncode, 2)
        self.assertIn("not of the form", run("translate", "ids", "text", "T-17").stderr)
        self.assertIn("item 2", run("translate", "ids", "text", "100 9999999").stderr)

    def test_intents(self):
        self.assertEqual(json.loads(run("intent", "--json", "Where is the key?").stdout)["name"], "question")
        self.assertEqual(run("intent", "Thank you so much!").stdout.split()[1], "thanks")

    def test_errors_say_what_to_do(self):
        for arguments, words in ((("decode", "GENOM|NOD1|*|MSG|1|00000000|0000000000000000||00000000"), "GENOM message"),
                                 (("lookup", "qqqzzzq"), "no word"), (("nearest", "qqqzzzq"), "no word"), (("nearest", "see you"), "--plane"), (("nearest", "--plane", "qqqzzzq qqqzzzq"), "no token"),
                                 (("encode", "--genom-path", "/nowhere/x.dict", "a"), "deps/setup genom")):
            done = run(*arguments)
            self.assertEqual(done.returncode, 1)
            self.assertIn(words, done.stderr)
            self.assertEqual(done.stdout, "")
        message = run("encode", "hello").stdout.strip()
        self.assertIn("version", run("decode", message.replace("|MSG|1|", "|MSG|2|")).stderr)


class Damage(unittest.TestCase):
    """A dictionary is opened in a moment and checked as a whole later on."""

    def test_damage_is_found_while_the_server_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "genom.dict"
            shutil.copyfile(DICT, path)
            with open(path, "r+b") as file:
                file.seek(-1000, os.SEEK_END)
                byte = file.read(1)[0]
                file.seek(-1000, os.SEEK_END)
                file.write(bytes([byte ^ 1]))
            sound, damaged = Server(), Server("--genom-path", path)
            try:
                self.assertEqual(damaged.get("/v1/health")[0], 200)
                damaged.wait_log("genom.damaged")
                for status, _, body in (damaged.get("/v1/health"), damaged.post("/v1/encode", {"text": "Hello"})):
                    self.assertEqual((status, body["type"].rsplit("/", 1)[-1]), (503, "damaged-dictionary"))
                self.assertEqual(damaged.get("/health")[2]["status"], "ok")
                sound.wait_log("genom.intact")
                self.assertEqual(sound.get("/v1/health")[2]["status"], "ok")
            finally:
                sound.stop()
                damaged.stop()


class Routes(ServerTest):
    learn = False

    def encode(self, **body):
        status, _, answer = self.server.post("/v1/encode", body)
        self.assertEqual(status, 200, answer)
        return answer

    def refused(self, path, body, status, kind):
        got, _, problem = self.server.post(path, body)
        self.assertEqual((got, problem["type"]), (status, f"/problems/{kind}"), problem)
        return problem["detail"]

    def test_texts_come_back(self):
        for text in TEXTS:
            answer = self.encode(text=text)
            self.assertRegex(answer["genom_message"], MESSAGE)
            self.assertEqual(answer["input_bytes"], len(text.encode()))
            self.assertEqual(answer["binary_bytes"], len(base64.b64decode(answer["binary"])))
            self.assertAlmostEqual(answer["compression_ratio"], answer["binary_bytes"] / answer["input_bytes"], 5)
            for coded in ({"genom_message": answer["genom_message"]}, {"binary": answer["binary"]}):
                for path in ("/v1/decode", "/api/genom/decode"):
                    self.assertEqual(self.server.post(path, coded)[2], {"text": text})

    def test_dense_is_smaller(self):
        text = "I don't know what you mean, but I'd like to go home now."
        fast, dense = self.encode(text=text), self.encode(text=text, mode="dense")
        self.assertEqual((fast["mode"], dense["mode"]), ("fast", "dense"))
        self.assertLess(dense["binary_bytes"], fast["binary_bytes"])
        self.assertEqual(self.server.post("/v1/decode", {"genom_message": dense["genom_message"]})[2], {"text": text})

    def test_bytes_come_back(self):
        raw = base64.b64encode(bytes(range(256))).decode()
        answer = self.encode(bytes=raw)
        self.assertEqual(self.server.post("/v1/decode", {"binary": answer["binary"]})[2], {"bytes": raw})
        self.assertEqual(self.encode(text="")["binary_bytes"], 0)

    def test_the_answer_of_the_blueprint(self):
        answer = self.server.post("/api/genom/encode", {"text": "Hello world", "to": "NOD5"})[2]
        self.assertTrue(answer["genom_message"].startswith("GENOM|NOD1|NOD5|MSG|1|"))
        self.assertEqual(answer["token_count"], 2)
        hello, world = answer["tokens"]
        self.assertEqual((hello["canonical"], hello["sector"], hello["quadrant"]), ("hello", "social", 2))
        self.assertEqual((world["canonical"], world["sector"], world["quadrant"]), ("world", "concept", 1))
        self.assertEqual(int(hello["hex"], 16), int(hello["token_id"][2:]))
        self.assertRegex(hello["token_id"], r"^T-\d{5,6}$")
        self.assertRegex(hello["hex"], r"^0x[0-9A-F]{4,5}$")
        self.assertTrue(1 <= hello["r"] < 1.4 and 0 <= hello["theta"] < 6.2832)

    def test_the_packed_dictionary(self):
        packed = (SKY.parent / "deps/genom-pack/genom.pack.gz").read_bytes()
        status, headers, body = self.server.get("/genom.pack.gz", token=False)
        self.assertEqual((status, body == packed), (200, True))
        self.assertEqual(headers["Content-Type"], "application/gzip")
        self.assertEqual(headers["Content-Length"], str(len(packed)))
        status, _, body = self.server.get("/genom.pack.gz", headers={"If-None-Match": headers["ETag"]}, token=False)
        self.assertEqual((status, body), (304, b""))

    def test_batches(self):
        status, _, answer = self.server.post("/v1/encode/batch", {"items": [{"text": text} for text in TEXTS]})
        self.assertEqual(status, 200, answer)
        items = [{"genom_message": one["genom_message"]} for one in answer["results"]]
        self.assertEqual([one["text"] for one in self.server.post("/v1/decode/batch", {"items": items})[2]["results"]], TEXTS)
        items[3] = {"genom_message": "GENOM|no"}
        self.assertIn("item 3", self.refused("/v1/decode/batch", {"items": items}, 422, "not-a-message"))
        for wrong in ([], [{"text": "a"}] * 1001, {"text": "a"}, None):
            self.refused("/v1/encode/batch", {"items": wrong}, 400, "invalid-field")

    def test_a_batch_ends_where_its_answer_is_full(self):
        # Some 40 KB of coded bytes are 3 MiB of text, and 18 MB as JSON.
        coded = self.encode(bytes=base64.b64encode(bytes(3 << 20)).decode(), mode="dense")["binary"]
        self.assertLess(len(coded), 65536)
        detail = self.refused("/v1/decode/batch", {"items": [{"binary": coded}] * 100}, 413, "too-large")
        self.assertIn("item 3", detail)
        self.assertIn("fewer", detail)

    def test_large_texts(self):
        text = "The quick brown fox jumps over the lazy dog. " * 20000
        answer = self.encode(text=text)
        self.assertTrue(answer["tokens_cut"])
        self.assertEqual(self.server.post("/v1/decode", {"binary": answer["binary"]})[2]["text"], text)
        self.refused("/v1/encode", {"text": "x" * (5 << 20)}, 400, "invalid-field")

    def test_translations(self):
        def to(form, value, source="text"):
            status, _, answer = self.server.post("/v1/translate", {"from": source, "to": form, "value": value})
            self.assertEqual(status, 200, answer)
            return answer["value"]
        for text in TEXTS:
            for form in ("tokens", "ids", "hex", "phases", "binary", "message", "text"):
                self.assertEqual(to("text", to(form, text), form), text)
        self.assertEqual(to("hex", to("tokens", "hello there"), "tokens"), to("hex", "hello there"))

        def wrong(status, kind, **body):
            self.refused("/v1/translate", body, status, kind)
        wrong(422, "unknown-token", **{"from": "ids", "to": "text", "value": [1000000]})
        wrong(422, "unknown-token", **{"from": "tokens", "to": "text", "value": ["T-00001"]})
        wrong(400, "invalid-field", **{"from": "tokens", "to": "text", "value": ["847"]})
        wrong(400, "invalid-field", **{"from": "hex", "to": "text", "value": "0x10"})
        wrong(400, "invalid-field", **{"from": "words", "to": "text", "value": "a"})
        wrong(400, "invalid-field", **{"from": "text", "to": "ids"})
        wrong(422, "not-utf-8", **{"from": "binary", "to": "text", "value": base64.b64encode(b"\xff\xfe").decode()})
        wrong(422, "not-decodable", **{"from": "binary", "to": "text", "value": base64.b64encode(b"\x10" * 99).decode()})

    def test_intents(self):
        status, _, answer = self.server.post("/v1/intent", {"text": "Good morning everybody!"})
        self.assertEqual((status, answer["symbol"], answer["name"]), (200, "👋", "greeting"))
        self.assertTrue(0 < answer["confidence"] <= 1)
        self.assertEqual(self.encode(text="Please send me the report")["intent"]["name"], "request")
        self.refused("/v1/intent", {}, 400, "invalid-field")
        self.refused("/v1/intent", {"text": 7}, 400, "invalid-field")

    def test_words(self):
        get = self.server.get
        token = get("/v1/lookup/Hello")[2]
        self.assertEqual(token["canonical"], "hello")
        self.assertEqual(get("/v1/lookup/k%C5%AF%C5%88")[2]["canonical"], "kůň")
        status, _, problem = get("/v1/lookup/qqqzzzq")
        self.assertEqual((status, problem["type"]), (404, "/problems/unknown-word"))
        self.assertIn("qqqzzzq", problem["detail"])
        near = get("/v1/nearest?word=monday&k=5")[2]
        self.assertIn("tuesday", [one["canonical"] for one in near["results"]])
        self.assertEqual(near["results"], sorted(near["results"], key=lambda one: -one["similarity"]))
        plane = get("/v1/nearest?word=monday&k=4&by=plane")[2]
        self.assertEqual([one["distance"] for one in plane["results"]], sorted(one["distance"] for one in plane["results"]))
        about = get("/v1/nearest?text=see+you+on+monday&k=3")[2]
        self.assertEqual((about["by"], about["centroid"]["token_count"], len(about["results"])), ("plane", 4, 3))
        self.assertIn(about["centroid"]["sector"], {one["sector"] for one in about["results"]})
        self.assertEqual(get("/v1/nearest?text=qqqzzzq")[0], 404)
        for path in ("/v1/nearest?word=a&by=taste", "/v1/nearest?text=a&by=meaning", "/v1/nearest?text=a&word=a", "/v1/nearest", "/v1/nearest?word=a&k=0", "/v1/tokens?limit=0", "/v1/tokens?after=x"):
            self.assertEqual(get(path)[0], 400, path)

    def test_the_dictionary(self):
        get = self.server.get
        first = get("/v1/tokens?limit=3")[2]
        again = get(f"/v1/tokens?limit=2&after={first['tokens'][0]['token_id']}")[2]
        self.assertEqual(again["tokens"], first["tokens"][1:])
        self.assertIsNone(get("/v1/tokens?after=T-999998")[2]["next"])
        for token in (first["tokens"][0], self.encode(text="hello")["tokens"][0]):
            for name in (token["token_id"], token["hex"], str(int(token["hex"], 16))):
                self.assertEqual(get(f"/v1/tokens/{name}")[2], token)
        for name in ("T-00000", "T-00015", "T-1000000", "0x", "hello", "T-00847x"):
            status, _, problem = get(f"/v1/tokens/{name}")
            self.assertEqual((status, problem["type"]), (404, "/problems/not-found"), name)
            self.assertIn("T-999999", problem["detail"])
        sectors = get("/v1/sectors")[2]["sectors"]
        self.assertEqual(sum(one["tokens"] for one in sectors), 1000000)
        self.assertEqual({one["quadrant"] for one in sectors}, {1, 2, 3, 4})
        about = get("/v1/dictionary")[2]
        self.assertEqual(about["tokens"], 1000000)
        self.assertLessEqual(about["bytes"], 64 << 20)
        for path in ("/v1/health", "/api/genom/health"):
            self.assertEqual(get(path)[2], {"status": "ok", "dictionary": about["id"]})
        before = get("/v1/stats")[2]
        self.encode(text="Hello, how are you?")
        after = get("/v1/stats")[2]
        self.assertEqual((after["encoded"] - before["encoded"], after["input_bytes"] - before["input_bytes"]), (1, 19))

    def test_what_is_refused(self):
        self.refused("/v1/encode", {}, 400, "invalid-field")
        self.refused("/v1/encode", {"text": "a", "bytes": "YQ=="}, 400, "invalid-field")
        self.refused("/v1/encode", {"text": ["a"]}, 400, "invalid-field")
        self.refused("/v1/encode", {"bytes": "a*"}, 400, "invalid-field")
        self.refused("/v1/encode", {"text": "a", "to": "NOD0"}, 400, "invalid-field")
        self.refused("/v1/encode", {"text": "a", "mode": "slow"}, 400, "invalid-field")
        self.refused("/v1/decode", {}, 400, "invalid-field")
        message = self.encode(text="Hello")["genom_message"]
        other = message.replace(self.server.get("/v1/health")[2]["dictionary"], "00000000")
        self.refused("/v1/decode", {"genom_message": other}, 422, "not-a-message")  # its checksum is no longer right
        self.refused("/v1/decode", {"genom_message": message[:-1]}, 422, "not-a-message")
        status, _, _ = self.server.request("POST", "/v1/encode", b'{"text":"\xff"}', {"Content-Type": "application/json"})
        self.assertEqual(status, 400)
        self.assertEqual(self.server.post("/v1/encode", {"text": "a"}, token=False)[0], 401)


if __name__ == "__main__":
    unittest.main()
