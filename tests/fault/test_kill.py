"""test_kill.py: kill -9 at random moments under load: what was acknowledged is there, the index agrees, the start is quick."""
import json
import pathlib
import shutil
import statistics
import tempfile
import unittest

from acked import Acked, Load, wrong
from faultlib import FULL, SEED, Server, amount, dice, record, support, wait_for

KILLS = amount(10, 200)
DOCTOR_EVERY = amount(4, 20)
CLIENTS = 4
ANSWERS = (5, 90)
START_S = 1


class Kill(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-fault-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.data = folder / "data"  # its log lies beside it
        self.data.mkdir(mode=0o700)

    def doctor(self):
        """Nothing is wrong with store and index, says the doctor, who looks at each row."""
        done = support.run("doctor", "--json", data=self.data)
        checks = {check["check"]: check for check in json.loads(done.stdout)["checks"]}
        for name in ("store", "search index"):
            self.assertTrue(checks[name]["ok"], checks[name])

    def test_kill_9_under_load(self):
        throw, all_acked, starts, starts_cpu = dice("kill"), Acked(), [], []
        for kill in range(KILLS):
            server = Server(data=self.data)
            self.addCleanup(server.close)
            starts.append(server.start_s)
            starts_cpu.append(server.start_cpu_s)
            load = Load(server, throw, CLIENTS, 1 + kill * CLIENTS)
            # So many answers, not so much time: a busy machine is only slower.
            answers = throw.randrange(*ANSWERS)
            wait_for(lambda: sum(load.statuses().values()) >= answers and load.acked.has_each(2), 120,
                     f"there are not {answers} answers, and of each kind some")
            load.clients[0].stopped.wait(throw.uniform(0, .05))
            server.kill()
            acked = load.stop()
            self.assertEqual(load.problems(), [])
            if kill % DOCTOR_EVERY == DOCTOR_EVERY - 1:
                self.doctor()
            again = Server(data=self.data)
            self.addCleanup(again.close)
            starts.append(again.start_s)
            starts_cpu.append(again.start_cpu_s)
            self.assertEqual(wrong(again, acked), [], f"seed {SEED}, kill {kill}")
            if kill % DOCTOR_EVERY == 0:
                self.doctor()
            all_acked.merge(acked)
            again.kill()
        server = Server(data=self.data)
        self.addCleanup(server.close)
        self.assertEqual(wrong(server, all_acked, search=FULL), [], f"seed {SEED}, in the end")
        self.doctor()
        counts = all_acked.count()
        record("kill", (f"acknowledged messages, votes, documents lost by {2 * KILLS} kill -9", [0], "", "== 0"),
               ("start after kill -9", starts, "s", "<= 1"), ("processor time of that start", starts_cpu, "s"), kills=2 * KILLS, under_load=KILLS, acknowledged=counts, lost=0, start_s_median=statistics.median(starts),
               start_s_max=max(starts), start_cpu_s_max=max(starts_cpu))
        for what in ("messages", "votes", "documents"):
            self.assertGreater(counts[what], KILLS, "so little load shows nothing")
        # Processor time is what a busy machine does not stretch.
        self.assertLessEqual(max(starts_cpu), START_S)
        self.assertLessEqual(statistics.median(starts), START_S)


if __name__ == "__main__":
    unittest.main()
