"""The packages in clean trees of Debian 12 and 13 where nothing runs: installed, serving, upgraded, removed, purged."""
import os
import pathlib
import re
import subprocess
import unittest

import packagelib
from packagelib import QUESTION, edit

USER = "4711"


class WithoutSystemd(packagelib.Packages):
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
        # What Debian's own packages leave behind is not ours to test: they come first.
        depends = subprocess.run(["dpkg-deb", "-f", self.own, "Depends"], check=True, capture_output=True, text=True).stdout
        tree.run("apt-get", "-qy", "--no-install-recommends", "satisfy", re.sub(r"sky-models[^,]*,", "", depends).strip())
        before = tree.files()
        tree.install("/packages/" + self.own.name, "/packages/" + self.models.name)
        self.assertIn("sky 0.", tree.run("sky", "version"))
        state = tree.path / "var/lib/sky"
        state.mkdir(mode=0o700)
        os.chown(state, int(USER), int(USER))

        server = self.start()
        self.assertIn("4 added", tree.run("sky", "learn", "--wait-vectors", "--data", "/var/lib/sky", "/srv/documents"))
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
            self.assertEqual(tree.files() - before, set())


class BookwormWithoutSystemd(WithoutSystemd, unittest.TestCase):
    release = "bookworm"


class TrixieWithoutSystemd(WithoutSystemd, unittest.TestCase):
    release = "trixie"


if __name__ == "__main__":
    unittest.main()
