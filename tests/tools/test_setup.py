"""deps/setup on a copy of itself with a recipe made for the test: built once, never half, and clear when it fails."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

DEPS = pathlib.Path(__file__).resolve().parents[2] / "deps"

RECIPE = """
recipe_title="a sample"
recipe_files=pins
recipe_build() {
	echo building
	{{BODY}}
	echo "$$" >"$1/made"
}
"""


class Setup(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        self.deps, self.cache = self.root / "tree/deps", self.root / "cache"
        (self.deps / "recipe").mkdir(parents=True)
        for name in ("setup", "lib.sh", "build-one"):
            shutil.copy(DEPS / name, self.deps / name)
        (self.deps / "pins").write_text("1\n")
        self.recipe("")

    def recipe(self, body):
        (self.deps / "recipe/sample.sh").write_text(RECIPE.replace("{{BODY}}", body))

    def start(self):
        return subprocess.Popen([self.deps / "setup", "sample"], env=dict(os.environ, XDG_CACHE_HOME=str(self.cache)), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)

    def setup_runs(self):
        child = self.start()
        output = child.communicate(timeout=60)[0]
        return child.returncode, output

    def made(self):
        return (self.root / "tree/build/deps/sample/made").read_text()

    def left_over(self):
        return list((self.cache / "skynet/deps").glob(".new-*"))

    def test_built_once(self):
        self.assertEqual(self.setup_runs()[0], 0)
        first = self.made()
        status, output = self.setup_runs()
        self.assertEqual((status, self.made()), (0, first))
        self.assertNotIn("a sample", output)

    def test_changed_pin_builds_again_and_keeps_the_old_result(self):
        self.setup_runs()
        first = self.made()
        (self.deps / "pins").write_text("2\n")
        self.setup_runs()
        self.assertNotEqual(self.made(), first)
        (self.deps / "pins").write_text("1\n")
        self.setup_runs()
        self.assertEqual(self.made(), first)

    def test_failure_names_step_log_and_remedy_and_leaves_nothing(self):
        self.recipe("echo reason; false")
        status, output = self.setup_runs()
        self.assertEqual(status, 1)
        for text in ("step 'sample' failed", "sample.log", "run the same command again", "reason"):
            self.assertIn(text, output)
        self.assertEqual(self.left_over(), [])
        self.recipe("")
        self.assertEqual(self.setup_runs()[0], 0)

    def test_wrong_sum_is_refused(self):
        self.recipe('echo x >file; sha256_is file 0000')
        status, output = self.setup_runs()
        self.assertEqual(status, 1)
        self.assertIn("expected 0000", output)

    def test_killed_run_can_be_repeated(self):
        self.recipe(f'touch "{self.root}/begun"; [ -e "{self.root}/again" ] || sleep 60')
        child = self.start()
        deadline = time.monotonic() + 30
        while not (self.root / "begun").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(child.pid, 9)
        child.communicate()
        self.assertFalse((self.root / "tree/build/deps/sample").exists())
        (self.root / "again").touch()
        self.assertEqual(self.setup_runs()[0], 0)
        self.assertEqual(self.left_over(), [])

    def test_two_runs_build_once(self):
        self.recipe(f'echo x >>"{self.root}/count"; sleep 1')
        first, second = self.start(), self.start()
        outputs = [child.communicate(timeout=60)[0] for child in (first, second)]
        self.assertEqual([first.returncode, second.returncode], [0, 0], outputs)
        self.assertEqual((self.root / "count").read_text(), "x\n")

    def test_usage(self):
        for arguments in ([], ["no-such-step"]):
            done = subprocess.run([self.deps / "setup", *arguments], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn("usage: deps/setup", done.stdout)


if __name__ == "__main__":
    unittest.main()
