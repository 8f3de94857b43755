"""The packages in trees of Debian 12 and 13 that systemd has booted, so that the unit's own restrictions are in force."""
import re
import unittest

import packagelib
from packagelib import edit


class UnderSystemd(packagelib.Packages):
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
            self.assertIn("4 added", tree.run("sky", "learn", "--wait-vectors", "--data", "/var/lib/sky", "/srv/documents"))
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


class BookwormUnderSystemd(UnderSystemd, unittest.TestCase):
    release = "bookworm"


class TrixieUnderSystemd(UnderSystemd, unittest.TestCase):
    release = "trixie"


if __name__ == "__main__":
    unittest.main()
