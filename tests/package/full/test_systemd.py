"""The packages in trees of Debian 12 and 13 that systemd has booted, so that the unit's own restrictions are in force."""
import re
import unittest

import packagelib
from packagelib import edit


class UnderSystemd(packagelib.Packages):
    kind = packagelib.Booted

    def active(self):
        return self.tree.run("systemctl", "is-active", "sky", check=False).stdout.strip()

    def main_pid(self):
        """The process of the service while it is up, None else."""
        found = re.fullmatch(r"MainPID=(\d+)\nActiveState=active", self.tree.run("systemctl", "show", "-p", "MainPID,ActiveState", "sky").strip())
        return found and found[1] != "0" and found[1] or None

    def journal(self):
        return self.tree.run("journalctl", "--no-pager", "-o", "cat", "-u", "sky")

    def test_life(self):
        tree = self.tree
        tree.install("systemd", "systemd-sysv", "dbus", "libpam-systemd")
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
        with self.subTest("a user's own server reads what only the user may"):
            tree.run("useradd", "--create-home", "--uid", "1000", "alice")
            home = tree.path / "home/alice"
            home.chmod(0o700)
            (home / "letter.txt").write_text("The fence was painted by Karl Lund in October.\n")
            tree.run("systemctl", "start", "user@1000.service")
            alice = ("setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups", "env", "HOME=/home/alice",
                     "XDG_RUNTIME_DIR=/run/user/1000")
            tree.run(*alice, "systemctl", "--user", "start", "sky")
            self.assertIn("1 added", tree.run(*alice, "sky", "learn", "/home/alice"))
            self.assertIn("Karl Lund", tree.run(*alice, "sky", "ask", "Who painted the fence?"))
            self.assertIn("Answers at", tree.run(*alice, "systemctl", "--user", "show", "-p", "StatusText", "sky"))
            self.assertNotIn("Karl Lund", tree.run("sky", "ask", "--data", "/var/lib/sky", "Who painted the fence?", check=False).stdout)
            tree.run("systemctl", "stop", "user@1000.service")
        with self.subTest("a crash is mended"):
            first = self.main_pid()
            tree.run("systemctl", "kill", "-s", "SIGKILL", "--kill-whom=main", "sky")
            packagelib.wait("it was not started again", lambda: self.main_pid() not in (None, first))
            self.asks()
        with self.subTest("an upgrade restarts it with the same data and the edited configuration"):
            first = self.main_pid()
            tree.run("dpkg", "--force-confold", "-i", newer)
            self.assertEqual(self.active(), "active", self.journal())
            self.assertNotIn(self.main_pid(), (None, first))
            self.assertEqual((tree.path / "etc/sky/sky.conf").read_text(), edited)
            self.assertIn("http://127.0.0.1:8090", tree.run("systemctl", "show", "-p", "StatusText", "sky"))
            self.asks()
        with self.subTest("removing stops it and keeps its data"):
            tree.run("dpkg", "-r", "sky")
            self.assertNotEqual(self.active(), "active")
            self.assertTrue((tree.path / "var/lib/private/sky/sky.db").exists())
        with self.subTest("purging forgets all"):
            tree.run("dpkg", "-P", "sky", "sky-models")
            # What is in home folders is the users'.
            left = [path for path in tree.files() if re.search(r"/sky(\W|$)", path) and not path.startswith("/home/")]
            self.assertEqual(left, [])


class BookwormUnderSystemd(UnderSystemd, unittest.TestCase):
    release = "bookworm"


class TrixieUnderSystemd(UnderSystemd, unittest.TestCase):
    release = "trixie"


if __name__ == "__main__":
    unittest.main()
