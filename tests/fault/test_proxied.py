"""test_proxied.py: a thousand calls at once through one server to its providers, of which some are slow and some die: each is answered."""
import asyncio
import collections
import json
import resource
import unittest

from faultlib import Bystander, Server, Watch, memory_kib, record
import test_remote  # of tests/e2e, as faultlib sees to
from support import ANSWER_S

CALLS = 1000
LEAVE = 100  # of them, in the middle of the answer
# What all of them may take while they are under way: a few buffers each.
GROWTH_KIB = 64 * 1024


def setUpModule():
    test_remote.setUpModule()


class Proxied(unittest.TestCase):
    def setUp(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        self.server = Server()
        self.addCleanup(self.server.close)

    def provider(self, name, rank, path="", options=(), **fields):
        up = test_remote.Upstream(*options)
        self.addCleanup(up.close)
        status, _, answer = self.server.post("/api/admin/providers", test_remote.provider(up.url + path, name=name, rank=rank, **fields))
        self.assertEqual(status, 201, answer)
        return up

    async def call(self, number):
        """How one ended that comes again as long as it is told that there are too many; how often it was told so is counted."""
        while (ended := await self.once(number)) == "too_many_requests":
            self.told += 1
            await asyncio.sleep(0.5 + number / CALLS)
        return ended

    async def once(self, number):
        """How one call ended: "answered", "left", an error's code, or what no client should see."""
        stream, leaves = number % 2 == 0, number % (CALLS // LEAVE) == 2
        body = json.dumps({"model": "skyai-advanced", "stream": stream, "messages": [{"role": "user", "content": f"Count to {number}."}]}).encode()
        # Each from an address of its own: how much one address may ask is another test's.
        source = f"127.0.{5 + number // 250}.{number % 250 + 1}"
        reader, writer = await asyncio.open_connection(self.server.host, int(self.server.port), local_addr=(source, 0))
        try:
            writer.write(f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.server.token}\r\nContent-Type: application/json\r\n"
                         f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            if leaves:
                await reader.read(200)
                return "left"
            answer = (await asyncio.wait_for(reader.read(-1), ANSWER_S)).decode()
        finally:
            writer.close()
        status = answer.split(" ", 2)[1] if answer else "nothing"
        if stream and status == "200":
            return "answered" if "data: [DONE]" in answer else "a stream's error" if '"error"' in answer else f"a stream without an end: {answer[-200:]}"
        said = json.loads(answer.partition("\r\n\r\n")[2]) if answer else {}
        if status == "200":
            return "answered" if said["choices"][0]["message"]["content"] else f"nothing said: {answer}"
        return said["error"]["code"] if status in ("429", "502", "503", "504") else f"{status}: {answer}"

    async def all_of_them(self, meanwhile):
        self.told = 0
        calls = [asyncio.create_task(self.call(number)) for number in range(CALLS)]
        await meanwhile()
        return collections.Counter(await asyncio.gather(*calls))

    def round(self, meanwhile):
        with Bystander(self.server) as bystander, Watch(self.server.process.pid) as watch:
            found = asyncio.run(self.all_of_them(meanwhile))
        self.assertEqual(bystander.figures["wrong"], 0, bystander.figures)
        return found, watch.peak_kib

    def test_a_thousand_at_once(self):
        slow = {"timeout_first_ms": 2000, "timeout_ms": 6000}
        first = self.provider("first", 1, options=("--tokens", 20, "--token-ms", 20, "--fail", 10), calls_max=64, **slow)
        dying = self.provider("dying", 2, options=("--tokens", 20, "--delay-ms", 300), calls_max=64, **slow)
        self.provider("cut", 3, "/cut", options=("--tokens", 10), calls_max=32, **slow)
        last = self.provider("last", 4, options=("--tokens", 5, "--delay-ms", 100), calls_max=64, **slow)
        before = memory_kib(self.server.process.pid)

        async def breaks():
            await asyncio.sleep(0.5)
            dying.process.kill()
            await asyncio.to_thread(first.fault, "stall")
            await asyncio.sleep(1)
            await asyncio.to_thread(first.fault, "")
        found, peak = self.round(breaks)
        record("a thousand proxied calls", found=dict(found), told_to_come_again=self.told, growth_kib=peak - before)
        known = {"answered", "left", "a stream's error", "busy", "network", "timeout"}
        self.assertEqual(set(found) - known, set(), found)
        self.assertEqual((sum(found.values()), found["left"]), (CALLS, LEAVE))
        self.assertGreater(self.told, 0)  # there were more at once than may be
        self.assertGreater(found["answered"], CALLS // 2, found)
        self.assertLess(peak - before, GROWTH_KIB)
        self.assertGreater(last.stats()["answered"], 0)

        # Once more, and nothing is left of the first time.
        async def nothing():
            pass
        again, peak_again = self.round(nothing)
        self.assertEqual(set(again) - known, set(), again)
        self.assertLess(peak_again - before, GROWTH_KIB)
        self.assertEqual(self.server.get("/health")[2]["status"], "ok")
        answer = self.server.post("/v1/chat/completions", {"model": "skyai-advanced", "messages": [{"role": "user", "content": "Still there?"}]})
        self.assertEqual(answer[0], 200, answer[2])


if __name__ == "__main__":
    unittest.main()
