"""test_openai_clients.py: the official openai clients for Python and JavaScript, unmodified."""
import os
import pathlib
import subprocess
import unittest

import openai

from support import ANSWER_S, ROOT, ServerTest

NODE = ROOT / "build" / "deps" / "node" / "bin" / "node"
SCRIPT = pathlib.Path(__file__).with_name("openai_client.mjs")


class PythonClient(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client = openai.OpenAI(base_url=cls.server.http + "/v1", api_key=cls.server.token,
                                   max_retries=0)

    def test_models(self):
        models = list(self.client.models.list())
        self.assertLessEqual({"skyai-standard", "skyai-embed"}, {model.id for model in models})
        for model in models:
            self.assertEqual(self.client.models.retrieve(model.id), model)
        with self.assertRaises(openai.NotFoundError):
            self.client.models.retrieve("no-such-model")

    def test_completion(self):
        answer = self.client.chat.completions.create(
            model="skyai-standard", max_tokens=8, temperature=0.2, seed=1,
            messages=[{"role": "user", "content": "Say hello."}])
        self.assertTrue(answer.choices[0].message.content)
        self.assertLessEqual(answer.usage.completion_tokens, 8)

    def test_stream_with_usage(self):
        stream = self.client.chat.completions.create(
            model="skyai-standard", max_tokens=8, temperature=0.2, stream=True,
            stream_options={"include_usage": True},
            messages=[{"role": "user", "content": "Say hello."}])
        chunks = list(stream)
        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        self.assertTrue(text)
        self.assertEqual(chunks[0].choices[0].delta.role, "assistant")
        finishes = [c.choices[0].finish_reason for c in chunks if c.choices]
        self.assertIn(finishes[-1], ("stop", "length"))
        self.assertGreater(chunks[-1].usage.total_tokens, 0)

    def test_embeddings(self):
        answer = self.client.embeddings.create(model="skyai-embed", input=["one", "two"])
        self.assertEqual([len(item.embedding) for item in answer.data], [384, 384])

    def test_errors_are_the_clients_own(self):
        with self.assertRaises(openai.NotFoundError):
            self.client.chat.completions.create(model="no-such-model", messages=[
                {"role": "user", "content": "a"}])
        with self.assertRaises(openai.BadRequestError):
            self.client.chat.completions.create(model="skyai-standard", messages=[])
        stranger = openai.OpenAI(base_url=self.server.http + "/v1", api_key="wrong", max_retries=0)
        with self.assertRaises(openai.AuthenticationError):
            stranger.models.list()

    def test_first_question_is_answered_from_knowledge(self):
        answer = self.client.chat.completions.create(model="skyai-standard", messages=[
            {"role": "user", "content": "Which port does the lantern service listen on?"}])
        self.assertIn("7411", answer.choices[0].message.content)


class JavaScriptClient(ServerTest):
    def test_client(self):
        done = subprocess.run([NODE, SCRIPT], capture_output=True, text=True, timeout=ANSWER_S,
                              env={**os.environ, "SKY_URL": self.server.http,
                                   "SKY_TOKEN": self.server.token})
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        self.assertEqual(done.stdout.strip(), "all checks passed")


if __name__ == "__main__":
    unittest.main()
