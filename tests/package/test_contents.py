"""The Debian package of this machine's release: made, looked at by Debian's own checker, unpacked, run from where it lies."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT = ROOT / "build"
ANSWER_S = 120
EXPOSURE_MOST = 2.0


def release():
    text = pathlib.Path("/etc/os-release").read_text()
    found = re.search(r"^VERSION_CODENAME=(.*)$", text, re.M)
    return found[1] if found else ""


def run(*words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=300, check=False, **options)


@unittest.skipUnless(release() in ("bookworm", "trixie"), "packages are made for Debian 12 and 13")
class Contents(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        done = subprocess.run([ROOT / "tools/deb", "--no-models"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        assert done.returncode == 0, done.stdout
        cls.deb = pathlib.Path(done.stdout.split()[-1])
        scratch = tempfile.TemporaryDirectory(prefix="sky-package-")
        cls.addClassCleanup(scratch.cleanup)
        cls.tree = pathlib.Path(scratch.name)
        subprocess.run(["dpkg-deb", "-R", cls.deb, cls.tree], check=True)
        cls.sky = cls.tree / "usr/bin/sky"
        # What sky-models would bring.
        share = cls.tree / "usr/share/sky"
        share.mkdir()
        for name in ("models", "genom", "genom-pack"):
            (share / name).symlink_to(ROOT / "build/deps" / name)

    def test_no_complaint(self):
        done = run("lintian", "--allow-root", "--fail-on", "error,warning", self.deb)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_version_is_the_programs(self):
        number = re.match(r"sky (\S+)", run(self.sky, "version").stdout)[1]
        self.assertTrue(run("dpkg-deb", "-f", self.deb, "Version").stdout.startswith(number + "-"))

    def test_says_what_the_tree_says(self):
        self.assertEqual(run(self.sky, "--help").stdout, run(BUILT / "sky", "--help").stdout)
        docs = BUILT / "shell"
        for name, place in {"sky": "usr/share/bash-completion/completions/sky", "_sky": "usr/share/zsh/vendor-completions/_sky",
                            "sky.fish": "usr/share/fish/vendor_completions.d/sky.fish", "sky.conf": "etc/sky/sky.conf"}.items():
            self.assertEqual((docs / name).read_text(), (self.tree / place).read_text(), name)
        for name, place in {"sky.1": "man1/sky.1.gz", "sky.conf.5": "man5/sky.conf.5.gz"}.items():
            self.assertEqual((docs / name).read_text(), run("gzip", "-dc", self.tree / "usr/share/man" / place).stdout, name)

    def test_configuration_is_a_conffile(self):
        self.assertEqual((self.tree / "DEBIAN/conffiles").read_text(), "/etc/sky/sky.conf\n")

    def test_libraries(self):
        found = run("ldd", self.sky).stdout
        self.assertNotIn("not found", found)
        self.assertNotIn(str(ROOT), found)
        for line in found.splitlines():
            if re.search("llama|ggml", line):
                self.assertIn(str(self.tree / "usr/lib/sky"), os.path.normpath(line.split()[2]))

    def test_unit(self):
        unit = self.tree / "sky.service"
        text = next(self.tree.glob("**/system/sky.service")).read_text()
        unit.write_text(text.replace("/usr/bin/sky", str(self.sky)))
        done = run("systemd-analyze", "verify", "--man=no", unit)
        self.assertEqual((done.stdout + done.stderr, done.returncode), ("", 0))
        done = run("systemd-analyze", "security", "--offline=yes", "--no-pager", unit)
        self.assertLessEqual(float(re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)[1]), EXPOSURE_MOST)

    def answers(self, **env):
        """Learns and generates in a data folder of its own; with a processor that lacks what `env` takes away."""
        with tempfile.TemporaryDirectory() as folder:
            letter = pathlib.Path(folder) / "letter.txt"
            letter.write_text("The warranty of the boiler ends on 3 May 2031.\n")
            options = ("--data", f"{folder}/data")
            server = subprocess.Popen([self.sky, "serve", *options, "--http", "127.0.0.1:0", "--https", "off"], stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, text=True, env={**os.environ, **env})
            try:
                self.assertIn("ready", server.stdout.readline())
                mapped = pathlib.Path(f"/proc/{server.pid}/maps").read_text()
                self.assertEqual(run(self.sky, "learn", "--wait-vectors", *options, letter).returncode, 0)
                self.assertIn("2031", run(self.sky, "ask", *options, "When does the warranty of the boiler end?").stdout)
                token = run(self.sky, "user", "token", *options).stdout.strip()
                url = json.loads((pathlib.Path(folder) / "data/run.json").read_text())["http"]
                body = {"model": "skyai-standard", "temperature": 0.5, "max_tokens": 8, "messages": [{"role": "user", "content": "Say hello."}]}
                done = run("curl", "-sf", "-m", ANSWER_S, "-H", f"Authorization: Bearer {token}", "--json", json.dumps(body),
                           f"{url}/v1/chat/completions")
                self.assertGreater(json.loads(done.stdout)["usage"]["completion_tokens"], 0)
                return mapped
            finally:
                server.terminate()
                self.assertEqual(server.wait(ANSWER_S), 0)
                server.stdout.close()

    def test_answers(self):
        self.answers()

    def test_answers_on_any_processor(self):
        mapped = self.answers(GLIBC_TUNABLES="glibc.cpu.hwcaps=-AVX2,-AVX2_Usable,-AVX512F,-AVX512F_Usable")
        self.assertRegex(mapped, r"/usr/lib/sky/libggml-cpu\.so")


if __name__ == "__main__":
    unittest.main()
