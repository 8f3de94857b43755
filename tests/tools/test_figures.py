"""bench/figures on results made for the test: every figure and every gap is on the page, and a bad result writes nothing."""
import copy
import json
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ALONE = {"name": "L0 exact | median", "goal": "<= 1", "value": 0.625, "range": [0.5, 0.75], "unit": "ms", "peer": None, "ok": True,
         "command": "make bench ARGS=latency"}
BESIDE = {"name": "/health", "goal": ">= 2", "value": 1.5, "range": [1.25, 1.75], "unit": "x",
          "peer": {"name": "nginx 1", "value": 40000, "ours": 60000, "unit": "requests/CPU s"}, "ok": False, "command": "make bench"}


class Figures(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.results, self.page = pathlib.Path(folder.name) / "results", pathlib.Path(folder.name) / "figures.md"
        self.results.mkdir()

    def put(self, name, *figures, **more):
        (self.results / f"{name}.json").write_text(json.dumps({"figures": figures, **more}))

    def run_it(self):
        return subprocess.run([ROOT / "bench" / "figures", self.results, self.page], capture_output=True, text=True, check=False)

    def text(self):
        done = self.run_it()
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.page.read_text()

    def test_rows_hold_figure_goal_peer_ratio_raw_file_and_command(self):
        self.put("latency", ALONE, machine="a machine", date="a day", load=[0.5, 1])
        self.put("http", BESIDE)
        text = self.text()
        self.assertIn(r"| L0 exact \| median | ≤ 1 | 0.625 ms (0.5 to 0.75) | – | yes | `make bench ARGS=latency` |", text)
        self.assertIn("| /health | ≥ 2 | 1.5 x (1.25 to 1.75) | nginx 1: 40,000, ours 60,000 requests/CPU s | **no** | `make bench` |",
                      text)
        self.assertIn("[latency.json](../bench/results/latency.json). a day; a machine; load 0.5, 1.", text)
        self.assertIn("1 of 2 measured goals are reached; not measured yet:", text)

    def test_what_nobody_measured_is_listed(self):
        text = self.text()
        for goal in ("L0 exact", "≥ 0.95 x", "stripped program: ≤ 12 MB", "Lighthouse", "kill -9", "top 5"):
            self.assertIn(goal, text)
        self.put("latency", ALONE)
        self.assertNotIn("- L0 exact", self.text())

    def test_a_group_of_another_name_is_shown_too(self):
        self.put("other", dict(ALONE, goal=None, ok=None))
        self.assertIn("## other", self.text())
        self.assertIn("0 of 0 measured goals", self.text())

    def test_a_result_of_another_shape_is_refused(self):
        changes = [{"ok": False}, {"goal": "about 1"}, {"range": [2, 1]}, {"value": "1"}, {"peer": "nginx"}, {"extra": 1},
                   {"goal": None}, {"name": ""}]
        for change in changes:
            with self.subTest(change):
                self.put("latency", {**copy.deepcopy(ALONE), **change})
                done = self.run_it()
                self.assertEqual(done.returncode, 1)
                self.assertIn("latency.json", done.stderr)
                self.assertFalse(self.page.exists())
        for text in ("{", "[]", "{}"):
            (self.results / "latency.json").write_text(text)
            self.assertEqual(self.run_it().returncode, 1)
        self.put("latency", ALONE, ALONE)
        self.assertIn("two figures have one name", self.run_it().stderr)


if __name__ == "__main__":
    unittest.main()
