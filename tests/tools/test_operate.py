"""docs/operate.md and docs/alerts.yml agree with the program: its metrics, its warnings, the tests of its failures."""
import json
import pathlib
import re
import subprocess
import tempfile
import unittest

import named

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROMTOOL = ROOT / "build/deps/promtool/bin/promtool"
PAGE = (ROOT / "docs/operate.md").read_text()
RULES = (ROOT / "docs/alerts.yml").read_text()
ROOMS = ("core", "bus", "genom", "account", "node", "ai", "gate", "main")


def sources():
    return "\n".join(path.read_text() for room in ROOMS for path in sorted((ROOT / room).rglob("*.c")))


def metrics():
    """What the program registers."""
    return set(re.findall(r'core_(?:counter|gauge|histogram)\(\s*"(sky_\w+)"', SOURCES)) | {"sky_metrics_overflow_total"}


def section(title):
    return PAGE[PAGE.index(f"## {title}"):].split("\n## ")[0]


SOURCES = sources()


class Operate(unittest.TestCase):
    def test_every_metric_is_explained(self):
        listed = re.findall(r"^\| `(sky_\w+)", section("Watching"), re.M)
        self.assertEqual(sorted(listed), sorted(metrics()))

    def test_every_alert_is_explained(self):
        rules = re.findall(r"- alert: (\w+)", RULES)
        self.assertEqual(re.findall(r"^\| `(Sky\w+)`", section("Watching"), re.M), rules)

    def test_alerts_look_at_metrics_that_exist(self):
        used = {re.sub(r"_(bucket|count|sum)$", "", name) for name in re.findall(r"\bsky_\w+", RULES)}
        self.assertLessEqual(used, metrics())

    def test_each_alert_goes_off_when_it_should(self):
        with tempfile.TemporaryDirectory(prefix="sky-alerts-") as folder:
            place = pathlib.Path(folder)
            (place / "rules.yml").write_text(RULES)
            cases = (ROOT / "tests/tools/alerts.yml").read_text()
            (place / "test.yml").write_text(cases.replace("value: ALERTS", f"value: {RULES.count('- alert: ')}"))
            for arguments in (["check", "rules", "rules.yml"], ["test", "rules", "test.yml"]):
                done = subprocess.run([PROMTOOL, *arguments], cwd=place, capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_warning_is_explained(self):
        # The level may hang on something.
        said = re.findall(r'core_log(?:_later)?\(([^,"]*\bCORE_LOG_\w+),\s*"([\w.]+)"', SOURCES)
        events = {event for level, event in said if re.search(r"CORE_LOG_(WARN|ERROR)\b", level)}
        listed = re.findall(r"^\| `([\w.]+)`", section("The log"), re.M)
        self.assertEqual(sorted(listed), sorted(events))

    def test_sizes_are_those_that_were_measured(self):
        measured = {f["name"]: f["value"] for f in json.loads((ROOT / "bench/results/size.json").read_text())["figures"]}
        columns = ("on the disk", "memory while searching", "a search, median", "a search beside seven others, median", "later starts")
        rows = re.findall(r"^\| ([\d,]+) \|(.*)\|$", section("How large a machine"), re.M)
        self.assertEqual([f"{passages} passages" for passages, _ in rows],
                         [name.partition(":")[0] for name in measured if name.endswith(columns[0])])
        for passages, cells in rows:
            for column, cell in zip(columns, cells.split("|"), strict=True):
                value = measured[f"{passages} passages: {column}"]
                self.assertAlmostEqual(float(cell.split()[0]), value, delta=max(0.04 * value, 0.05), msg=f"{passages}: {column}")

    def test_each_failure_has_its_tests(self):
        rows = [line for line in section("When something breaks").splitlines() if line.startswith("| ")][1:]
        self.assertGreater(len(rows), 20)
        for row in rows:
            shown = row.strip("|").split("|")[-1]
            with self.subTest(row.split("|")[1].strip()):
                self.assertTrue(named.tests(shown), shown)
                self.assertEqual(named.missing(shown), [])


if __name__ == "__main__":
    unittest.main()
