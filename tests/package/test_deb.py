"""The packages in clean trees of Debian 12 and 13: installed, serving, upgraded, removed, purged; without systemd and under it."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import packagelib

DATA = packagelib.ROOT / "tests" / "data" / "docs"
USER = "4711"
FACT = "The warranty of the boiler in house number 5 ends on 3 May 2031."
QUESTION = "When does the warranty of the boiler end?"


def edit(tree, line, key):
    """Takes the # away before a key of sky.conf, and sets it."""
    path = tree.path / "etc/sky/sky.conf"
    text, count = re.subn(rf"^#{key} =.*$", line, path.read_text(), flags=re.M)
    assert count == 1, key
    path.write_text(text)
    return text


class Packages:
    release = None
    kind = None

    @classmethod
    def setUpClass(cls):
        cls.own, cls.models = packagelib.packages(cls.release)
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.tree = cls.kind(cls.release)
        cls.addClassCleanup(cls.tree.remove)
        cls.tree.put(cls.own, cls.models)
        cls.tree.run("apt-get", "-q", "update")
        documents = cls.tree.path / "srv/documents"
        documents.mkdir()
        (documents / "boiler.txt").write_text(FACT + "\n")
        for name in ("sluice.8", "kiosk.html"):
            (documents / name).write_bytes((DATA / name).read_bytes())

    def newest(self, number, conf=None):
        path = packagelib.newer(self.own, self.scratch.name, f"0.{number}.0-1~deb{packagelib.NUMBER[self.release]}u1", conf)
        self.tree.put(path)
        return f"/packages/{path.name}"

    def asks(self):
        self.assertIn("2031", self.tree.run("sky", "ask", "--data", "/var/lib/sky", QUESTION))


class WithoutSystemd(Packages):
    """What a chroot or a container has: nobody starts the service, so the test does what the unit would."""
    kind = packagelib.Tree

    def start(self):
        log = open(pathlib.Path(self.scratch.name) / "serve.log", "wb")
        self.addCleanup(log.close)
        unit = (self.tree.path / "usr/lib/systemd/system/sky.service").read_text()
        words = re.search(r"^ExecStart=(.*)$", unit, re.M)[1].split()
        server = subprocess.Popen(self.tree.command("setpriv", "--reuid", USER, "--regid", USER, "--clear-groups", "--no-new-privs",
                                                    "--bounding-set=-all", *words), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        run_json = self.tree.path / "var/lib/sky/run.json"
        packagelib.wait("no server", lambda: run_json.exists() or server.poll() is not None)
        self.assertIsNone(server.poll(), pathlib.Path(log.name).read_text())
        return server

    def stop(self, server):
        # The one that unshare waits for, its only child.
        children = pathlib.Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        os.kill(int(children[0]), 15)
        self.assertEqual(server.wait(packagelib.WAIT_S), 0)

    def test_life(self):
        tree = self.tree
        before = tree.files()
        tree.install("/packages/" + self.own.name, "/packages/" + self.models.name)
        self.assertIn("sky 0.", tree.run("sky", "version"))
        state = tree.path / "var/lib/sky"
        state.mkdir(mode=0o700)
        os.chown(state, int(USER), int(USER))

        server = self.start()
        self.assertIn("3 added", tree.run("sky", "learn", "--wait-vectors", "--data", "/var/lib/sky", "/srv/documents"))
        self.asks()
        token = tree.run("sky", "user", "token", "--data", "/var/lib/sky")

        with self.subTest("an edited configuration survives an upgrade under a running server"):
            edited = edit(tree, "level-max = L1", "level-max") and edit(tree, "http = 127.0.0.1:0", "http")
            tree.install(self.newest(2, conf="# another\n"), options=("-o", "Dpkg::Options::=--force-confold"))
            self.assertEqual((tree.path / "etc/sky/sky.conf").read_text(), edited)
            self.assertEqual((tree.path / "etc/sky/sky.conf.dpkg-dist").read_text(), "# another\n")
            self.asks()
            self.stop(server)
            server = self.start()
            self.asks()
            self.assertEqual(tree.run("sky", "user", "token", "--data", "/var/lib/sky"), token)
            self.stop(server)

        with self.subTest("root does not write into what belongs to the service"):
            refused = tree.run("sky", "ask", "--data", "/var/lib/sky", QUESTION, check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("systemctl start sky", refused.stdout)
            self.assertEqual([str(p) for p in state.rglob("*") if p.stat().st_uid != int(USER)], [])

        with self.subTest("removing keeps what was learned, purging nothing"):
            tree.run("apt-get", "-qy", "remove", "sky")
            self.assertTrue((state / "sky.db").exists())
            self.assertTrue((tree.path / "etc/sky/sky.conf").exists())
            self.assertFalse((tree.path / "usr/bin/sky").exists())
            tree.run("apt-get", "-qy", "purge", "sky", "sky-models")
            self.assertFalse(state.exists())
            tree.run("apt-get", "-qy", "autoremove", "--purge")
            self.assertEqual(tree.files() - before, set())


class UnderSystemd(Packages):
    kind = packagelib.Booted

    def active(self):
        return self.tree.run("systemctl", "is-active", "sky", check=False).stdout.strip()

    def journal(self):
        return self.tree.run("journalctl", "--no-pager", "-o", "cat", "-u", "sky")

    def test_life(self):
        tree = self.tree
        tree.install("systemd", "systemd-sysv")
        newer = self.newest(2, conf="# another\n")
        tree.install("/packages/" + self.own.name, "/packages/" + self.models.name)
        tree.boot()
        self.assertEqual(self.active(), "active", self.journal())
        self.assertRegex(self.journal(), r"sky: open http://127\.0\.0\.1:8080/login\?code=")
        self.assertIn("Answers at http://127.0.0.1:8080", tree.run("systemctl", "show", "-p", "StatusText", "sky"))

        with self.subTest("documents are read and the models run under the unit's restrictions"):
            self.assertIn("3 added", tree.run("sky", "learn", "--wait-vectors", "--data", "/var/lib/sky", "/srv/documents"))
            self.asks()
            answer = tree.post(8080, "/v1/chat/completions", {
                "model": "skyai-standard", "temperature": 0.5, "max_tokens": 8, "messages": [{"role": "user", "content": "Say hello."}]})
            self.assertGreater(answer["usage"]["completion_tokens"], 0)
            self.assertNotIn("✗", tree.run("sky", "doctor", "--data", "/var/lib/sky"))
        with self.subTest("a reload is acknowledged"):
            edit(tree, "level-max = L1", "level-max")
            edited = edit(tree, "http = 127.0.0.1:8090", "http")
            tree.run("systemctl", "reload", "sky")
            self.assertRegex(self.journal(), r"key=level-max.*in effect")
        with self.subTest("a crash is mended"):
            first = tree.run("systemctl", "show", "-p", "MainPID", "--value", "sky").strip()
            tree.run("systemctl", "kill", "-s", "SIGKILL", "--kill-whom=main", "sky")
            packagelib.wait("it was not started again", lambda: self.active() == "active" and first != tree.run(
                "systemctl", "show", "-p", "MainPID", "--value", "sky").strip())
            self.asks()
        with self.subTest("an upgrade restarts it with the same data and the edited configuration"):
            first = tree.run("systemctl", "show", "-p", "MainPID", "--value", "sky").strip()
            tree.run("dpkg", "--force-confold", "-i", newer)
            self.assertEqual(self.active(), "active", self.journal())
            self.assertNotEqual(tree.run("systemctl", "show", "-p", "MainPID", "--value", "sky").strip(), first)
            self.assertEqual((tree.path / "etc/sky/sky.conf").read_text(), edited)
            self.assertIn("http://127.0.0.1:8090", tree.run("systemctl", "show", "-p", "StatusText", "sky"))
            self.asks()
        with self.subTest("removing stops it and keeps its data"):
            tree.run("dpkg", "-r", "sky")
            self.assertNotEqual(self.active(), "active")
            self.assertTrue((tree.path / "var/lib/private/sky/sky.db").exists())
        with self.subTest("purging forgets all"):
            tree.run("dpkg", "-P", "sky", "sky-models")
            left = [path for path in tree.files() if re.search(r"/sky(\W|$)", path)]
            self.assertEqual(left, [])


class BookwormWithoutSystemd(WithoutSystemd, unittest.TestCase):
    release = "bookworm"


class TrixieWithoutSystemd(WithoutSystemd, unittest.TestCase):
    release = "trixie"


class BookwormUnderSystemd(UnderSystemd, unittest.TestCase):
    release = "bookworm"


class TrixieUnderSystemd(UnderSystemd, unittest.TestCase):
    release = "trixie"


if __name__ == "__main__":
    unittest.main()
