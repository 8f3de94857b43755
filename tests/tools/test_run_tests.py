"""run-tests counts what ran, and counts as failed what crashed, hung, or reported nothing."""
import importlib.machinery
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = pathlib.Path(__file__).resolve().parents[2] / "tools" / "run-tests"


def load():
    loader = importlib.machinery.SourceFileLoader("run_tests", str(PROGRAM))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("run_tests", loader))
    loader.exec_module(module)
    return module


run_tests = load()

MESON = """project('m', 'c')
foreach name, script : {
  'good': 'echo 1..2; echo ok 1 - a; echo ok 2 - b',
  'bad': 'echo 1..2; echo not ok 1 - a; echo "not ok 2 # SKIP b"; echo "# not ok - tests"; exit 1',
  'crash': 'echo 1..2; echo ok 1 - a; kill -SEGV $$',
  'short': 'echo 1..2; echo ok 1 - a',
  'silent': 'exit 0',
  'hang': 'echo 1..1; sleep 60',
}
  test(name, find_program('sh'), args: ['-c', script], protocol: 'tap', suite: name == 'good' ? 'core' : 'bus', timeout: 1)
endforeach
test('plain', find_program('true'))
"""


class Reports(unittest.TestCase):
    def test_meson(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "meson.build").write_text(MESON)
            subprocess.run(["meson", "setup", root / "build", root], check=True, capture_output=True)
            tally = run_tests.suite_unit(root / "log", root / "build", dict(os.environ))
        self.assertEqual(str(tally), "5 passed, 6 failed")
        for program, name in zip(["bad 1 - a", "bad 2 (skipped)", "crash", "hang", "short", "silent"], sorted(tally.names)):
            self.assertTrue(name.startswith(program), name)

    def test_meson_that_does_not_run(self):
        with tempfile.TemporaryDirectory() as folder:
            tally = run_tests.suite_unit(pathlib.Path(folder) / "log", pathlib.Path(folder), dict(os.environ))
        self.assertEqual(str(tally), "0 passed, 1 failed")

    def test_node(self):
        text = "ok 1 - a\nnot ok 2 - b\n# tests 3\n# pass 1\n# fail 1\n# cancelled 1\n# skipped 0\n# todo 0\n"
        tally = run_tests.read_node_tap(text)
        self.assertEqual(str(tally), "1 passed, 2 failed")
        self.assertEqual(tally.names, ["b"])
        self.assertIsNone(run_tests.read_node_tap("Segmentation fault\n"))

    def test_node_tells_why(self):
        block = "  ---\n  type: 'test'\n  error: |-\n    many\n    lines\n  code: 'X'\n  stack: |-\n    far away\n  ...\n"
        tally = run_tests.read_node_tap(f"not ok 1 - a\n{block}not ok 2 - b\n# pass 0\n# fail 2\n")
        self.assertEqual(tally.names, ["a\n    |-\n        many\n        lines", "b"])
        self.assertEqual(run_tests.on_both(run_tests.Tally(), tally).names[0].splitlines()[0], "a (on PostgreSQL)")

    def test_fuzz(self):
        text = "ok json: 4 inputs of the corpus, then 9 in 1 s\nERROR: libFuzzer\nFAILED h1: status 77; log l\n  again: fuzz-h1 crash-0\n"
        tally = run_tests.read_fuzz(text)
        self.assertEqual(str(tally), "1 passed, 1 failed")
        self.assertEqual(tally.names, ["h1: status 77; log l"])

    def test_check(self):
        self.assertEqual(str(run_tests.read_check("ok imports\nx.c:1: bad\nFAIL format\n")), "1 passed, 1 failed")


class Files(unittest.TestCase):
    """A folder of unittest files, run the way the suites e2e and tools are."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        (self.root / "tests/sample").mkdir(parents=True)
        self.addCleanup(setattr, run_tests, "ROOT", run_tests.ROOT)
        run_tests.ROOT = self.root

    def count(self, **files):
        for name, text in files.items():
            (self.root / "tests/sample" / f"test_{name}.py").write_text("import os, unittest\nclass T(unittest.TestCase):\n" + text)
        self.tally = run_tests.run_unittest_files("sample", sys.executable, self.root / "log", dict(os.environ))
        return self.tally.passed, self.tally.failed, self.tally.skipped

    def test_counts(self):
        body = "  def test_a(self): pass\n  def test_b(self): self.fail()\n  def test_c(self): 1 / 0\n  def test_d(self): self.skipTest('')\n"
        self.assertEqual(self.count(one=body), (1, 2, 1))
        self.assertRegex(self.tally.names[1], r"^test_c \(.*(?:\n    .*)+\n    ZeroDivisionError: division by zero$")

    def test_crash_is_a_failure_and_others_still_run(self):
        self.assertEqual(self.count(a="  def test_a(self): os._exit(0)\n", b="  def test_b(self): pass\n"), (1, 1, 0))

    def test_file_that_does_not_load(self):
        self.assertEqual(self.count(a="  syntax error here\n"), (0, 1, 0))

    def test_file_without_tests(self):
        self.assertEqual(self.count(a="  pass\n"), (0, 1, 0))

    def test_no_file(self):
        self.assertEqual(self.count(), (0, 1, 0))

    def test_failed_setup(self):
        self.assertEqual(self.count(a="  @classmethod\n  def setUpClass(cls): 1 / 0\n  def test_a(self): pass\n"), (0, 1, 0))

    def test_failed_subtest(self):
        body = "  def test_a(self):\n    for i in range(3):\n      with self.subTest(i): self.assertNotEqual(i, 1)\n"
        self.assertEqual(self.count(a=body), (0, 1, 0))

    def test_hanging_runner_is_stopped(self):
        log = self.root / "log"
        status = run_tests.run([sys.executable, "-c", "import time; time.sleep(60)"], log, 0.5, dict(os.environ))
        self.assertIsNone(status)
        self.assertIn("stopped after", log.read_text())


if __name__ == "__main__":
    unittest.main()
