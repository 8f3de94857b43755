"""`make install` and `make uninstall`, below a folder of the test: what was put there goes, what was there before stays."""
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT = ROOT / "build"


class Install(unittest.TestCase):
    def test_there_and_back(self):
        with tempfile.TemporaryDirectory(prefix="sky-install-") as folder:
            prefix = pathlib.Path(folder) / "usr/local"
            theirs = prefix / "share/sky/models/own.gguf"
            theirs.parent.mkdir(parents=True)
            theirs.write_text("somebody's own")
            subprocess.run(["meson", "install", "-C", BUILT, "--no-rebuild", "--quiet"], check=True, capture_output=True,
                           env={**os.environ, "DESTDIR": folder})
            for name in ("bin/sky", "share/man/man1/sky.1", "share/man/man5/sky.conf.5", "share/bash-completion/completions/sky",
                         "share/zsh/site-functions/_sky", "share/fish/vendor_completions.d/sky.fish", "share/doc/sky/sky.conf",
                         "share/sky/genom/genom.dict", "include/genom/genom.h"):
                self.assertTrue((prefix / name).is_file(), name)
            done = subprocess.run([prefix / "bin/sky", "encode", "hello"], capture_output=True, text=True, check=False, cwd="/")
            self.assertIn("GENOM|", done.stdout, done.stderr)
            libraries = subprocess.run(["ldd", prefix / "bin/sky"], capture_output=True, text=True, check=True).stdout
            self.assertNotIn(str(ROOT), libraries)
            subprocess.run([ROOT / "tools/uninstall", BUILT], check=True, capture_output=True)
            left = [path for path in pathlib.Path(folder).rglob("*") if not path.is_dir()]
            self.assertEqual(left, [theirs])
            folders = {path for path in pathlib.Path(folder).rglob("*") if path.is_dir()}
            self.assertEqual(folders, set(theirs.parents) & folders)
            again = subprocess.run([ROOT / "tools/uninstall", BUILT], capture_output=True, text=True, check=False)
            self.assertEqual((again.returncode, again.stderr.count("nothing was installed")), (1, 1))


if __name__ == "__main__":
    unittest.main()
