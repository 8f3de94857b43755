"""test_soak.py: very many mixed requests: memory after the warm-up and in the end.

The bulk is h2load's (HTTP/1.1 and HTTP/2, plain and TLS, kept and new connections); beside it people ask, vote, learn, search
and forget. The figure is resident memory at rest: nothing is under way when it is taken, so what differs is kept or leaked.
"""
import pathlib
import re
import subprocess
import tempfile
import threading
import unittest

from acked import Load
from faultlib import Server, amount, dice, memory_kib, record

REQUESTS = amount(20000, 1000000)
WARM = amount(10000, 100000)
ROUNDS = amount(2, 20)
LINES, ASKED = amount(60, 400), amount(2, 10)
GROWTH = 0.02
# Too few requests tell a leak from the grain of the heap only when it is large.
GRAIN_KIB = amount(2048, 0)
PATHS = ["/health", "/", "/api/status", "/api/nodes", "/api/session", "/api/chat/history", "/api/crawler/documents",
         "/openapi.json", "/metrics", "/.well-known/skynet", "/api/nothing", "/api/chat/history?limit=0", "/%zz"]


class Soak(unittest.TestCase):
    def bulk(self, count):
        """So many requests by h2load; how many were answered."""
        answered = 0
        ways = [("http", ["--h1", "-c", "20"], .4), ("https", ["-c", "4", "-m", "20"], .4), ("https", ["--h1", "-c", "8"], .2)]
        with tempfile.TemporaryDirectory() as folder:
            for scheme, options, share in ways:
                base = self.server.https if scheme == "https" else self.server.http
                urls = pathlib.Path(folder) / "urls"
                urls.write_text("".join(f"{base}{path}\n" for path in PATHS))
                done = subprocess.run(["h2load", "-i", urls, "-n", str(int(count * share)), "-t", "1", "-H",
                                       f"authorization: Bearer {self.server.token}", "-H", "accept-encoding: gzip", *options],
                                      capture_output=True, text=True, check=True)
                total, _, finished, ok, failed, errored, late = map(int, re.search(
                    r"requests: (\d+) total, (\d+) started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout",
                    done.stdout).groups())
                self.assertEqual((finished, errored, late), (total, 0, 0), done.stdout)
                self.assertEqual(ok + failed, total)  # what h2load calls failed are the 4xx that were asked for
                answered += finished
        return answered

    def people(self, throw, number, until):
        """Ask, vote, learn, remove, search beside the bulk; how many requests that was."""
        load = Load(self.server, throw, 2, number)
        until.wait()
        load.stop()
        self.assertEqual(load.problems(), [])
        for client in load.clients:
            self.assertIsNone(client.left, "the server ended a connection")
        return sum(load.statuses().values())

    def round(self, throw, number, count):
        until, total = threading.Event(), []
        people = threading.Thread(target=lambda: total.append(self.people(throw, number, until)))
        people.start()
        try:
            bulk = self.bulk(count)
        finally:
            until.set()
            people.join()
        self.assertTrue(total, "the people failed")
        self.server.wait_models()
        return bulk + total[0]

    def touch(self):
        """Everything that is made on first use, and kept: both embedding models in each thread that asks, and in the one that
        learns, each at its largest batch."""
        english = "".join(f"The valve number {i} opens when the sensor of the station reports {i} degrees.\n\n" for i in range(LINES))
        german = "".join(f"Das Ventil Nummer {i} öffnet sich, wenn der Fühler der Anlage {i} Grad meldet.\n\n" for i in range(LINES))
        for name, text in (("english.txt", english), ("german.txt", german)):
            _, _, started = self.server.post(f"/api/crawler/learn?name={name}", text.encode(),
                                             headers={"Content-Type": "application/octet-stream"})
            self.assertEqual(self.server.job(started["job_id"])["added"], 1)
        self.server.wait_models()  # from then on each question is given to both

        def ask(number):
            for i in range(ASKED):
                self.server.ask(f"When does the valve number {10 * i + number} of the station open?", level_max="L1")
                self.server.ask(f"Wann öffnet sich das Ventil Nummer {10 * i + number} der Anlage?", level_max="L1")
        threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def test_memory_does_not_grow(self):
        self.server = Server("--log-level", "warn", https=True)
        self.addCleanup(self.server.close)
        throw, pid, done, seen = dice("soak"), self.server.process.pid, 0, []
        self.touch()
        warm = self.round(throw, 1, WARM)
        begin = memory_kib(pid)
        for i in range(ROUNDS):
            done += self.round(throw, 10 * (i + 2), REQUESTS // ROUNDS)
            seen.append(memory_kib(pid))
        growth = seen[-1] / begin - 1
        record("soak", (f"growth of memory over {REQUESTS:,} mixed requests", [100 * growth], "%", "<= 2"), warm_up_requests=warm, requests=done, memory_kib_after_warm_up=begin, memory_kib=seen, growth=round(growth, 4),
               anonymous_kib=memory_kib(pid, "RssAnon"))
        self.assertGreaterEqual(done, REQUESTS)
        self.assertLessEqual(seen[-1] - begin, max(GROWTH * begin, GRAIN_KIB), seen)


if __name__ == "__main__":
    unittest.main()
