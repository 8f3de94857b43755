"""packagelib.py: Debian trees to install packages into: a chroot with nothing running, or one that systemd has booted."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
DEBS = ROOT / "build" / "deb"
NUMBER = {"bookworm": 12, "trixie": 13}
ENV = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8", "TERM=dumb", "DEBIAN_FRONTEND=noninteractive"]
WAIT_S = 60


def wait(what, check, seconds=WAIT_S):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = check()
        if found:
            return found
        time.sleep(0.1)
    raise TimeoutError(what)


def packages(release):
    """The packages of a release; built first if they are not there."""
    own = DEBS / f"sky_{version()}~deb{NUMBER[release]}u1_amd64.deb"
    models = DEBS / f"sky-models_{version()}_all.deb"
    for path in (own, models):
        if not path.exists():
            raise FileNotFoundError(f"{path}: run `make deb RELEASE={release}`")
    return own, models


def version():
    return re.match(r"sky \((.*?)\)", (ROOT / "debian/changelog").read_text())[1]


def newer(package, folder, new_version, conf=None):
    """The package again as a higher version, with other text in its configuration file if that is given."""
    tree = pathlib.Path(folder) / "repack"
    subprocess.run(["dpkg-deb", "-R", package, tree], check=True)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"^Version: .*$", f"Version: {new_version}", control.read_text(), flags=re.M))
    if conf:
        (tree / "etc/sky/sky.conf").write_text(conf)
    path = pathlib.Path(folder) / f"sky_{new_version}_amd64.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "-b", tree, path], check=True, capture_output=True)
    shutil.rmtree(tree)
    return path


class Tree:
    """A fresh Debian of a release in a folder of its own; /packages in it holds what is put there."""

    def __init__(self, release):
        chroot = ROOT / "tools/chroot"
        tar = subprocess.run([chroot, "base", release, "clean"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="sky-package-"))
        subprocess.run([chroot, "unpack", tar, self.path], check=True)
        (self.path / "packages").mkdir()

    def put(self, *files):
        for file in files:
            shutil.copy(file, self.path / "packages")

    def command(self, *words):
        return [str(ROOT / "tools/chroot"), "enter", str(self.path), *map(str, words)]

    def run(self, *words, check=True):
        done = subprocess.run(self.command(*words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", check=False)
        if check and done.returncode:
            raise AssertionError(f"{' '.join(map(str, words))} ended with {done.returncode}:\n{done.stdout[-4000:]}")
        return done.stdout if check else done

    def install(self, *names, options=()):
        return self.run("apt-get", "-qy", "install", "--no-install-recommends", *options, *names)

    def files(self):
        """Every path, but for what the system's programs write about themselves."""
        noise = re.compile(r"^/(proc|dev|tmp|run|packages)(/|$)|^/var/(cache|log|lib/(apt|dpkg|systemd))(/|$)|^/etc/ld\.so\.cache$")
        found = set()
        for folder, folders, names in os.walk(self.path):
            for name in folders + names:
                path = "/" + os.path.relpath(os.path.join(folder, name), self.path)
                if not noise.match(path):
                    found.add(path)
        return found

    def remove(self):
        shutil.rmtree(self.path)


class Booted(Tree):
    """The same, run by its own systemd, with a network of its own that has nothing but the loopback."""

    process = None

    def boot(self):
        self.log = open(self.path.parent / (self.path.name + ".log"), "wb")
        self.process = subprocess.Popen(["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--boot",
                                         "-D", self.path], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.leader = wait("systemd did not start", self.find_leader)
        wait("systemd did not get up", lambda: self.run("systemctl", "is-system-running", check=False).stdout.strip() in ("running", "degraded"))

    def find_leader(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return children[0] if children else None

    def command(self, *words):
        if not self.process:
            return super().command(*words)
        return ["nsenter", "-t", self.leader, "-m", "-u", "-i", "-n", "-p", "-r", "-w", *ENV, *map(str, words)]

    def post(self, port, path, body):
        """Asks the server in there with the owner's token."""
        token = (self.path / "var/lib/private/sky/owner.token").read_text().strip()
        talk = ("import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1])); c.request('POST', sys.argv[2], "
                "sys.argv[4], {'Authorization': 'Bearer ' + sys.argv[3], 'Content-Type': 'application/json'}); "
                "a = c.getresponse(); sys.stdout.write(a.read().decode()); sys.exit(a.status != 200)")
        done = subprocess.run(["nsenter", "-t", self.leader, "-n", sys.executable, "-c", talk, str(port), path, token, json.dumps(body)],
                              stdout=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 0, done.stdout
        return json.loads(done.stdout)

    def remove(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(WAIT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.log.close()
            os.unlink(self.log.name)
        super().remove()


DATA = ROOT / "tests" / "data" / "docs"
FACT = "The warranty of the boiler in house number 5 ends on 3 May 2031."
# A page without a table of contents, which readers mend.
PDF = b"""%PDF-1.4
1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj
3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 300 100] /Contents 4 0 R /Resources <</Font <</F 5 0 R>>>>>> endobj
4 0 obj <</Length 63>> stream
BT /F 12 Tf 20 50 Td (The boiler in the cellar is green and old.) Tj ET
endstream endobj
5 0 obj <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>> endobj
trailer <</Root 1 0 R>>
"""
QUESTION = "When does the warranty of the boiler end?"


def edit(tree, line, key):
    """Takes the # away before a key of sky.conf, and sets it."""
    path = tree.path / "etc/sky/sky.conf"
    text, count = re.subn(rf"^#{key} =.*$", line, path.read_text(), flags=re.M)
    assert count == 1, key
    path.write_text(text)
    return text


class Packages:
    """One release's packages beside one tree of it; mixed into test cases."""
    release = None
    kind = None

    @classmethod
    def setUpClass(cls):
        cls.own, cls.models = packages(cls.release)
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.tree = cls.kind(cls.release)
        cls.addClassCleanup(cls.tree.remove)
        cls.tree.put(cls.own, cls.models)
        cls.tree.run("apt-get", "-q", "update")
        documents = cls.tree.path / "srv/documents"
        documents.mkdir()
        (documents / "boiler.txt").write_text(FACT + "\n")
        (documents / "boiler.pdf").write_bytes(PDF)
        for name in ("sluice.8", "kiosk.html"):
            (documents / name).write_bytes((DATA / name).read_bytes())

    def newest(self, number, conf=None):
        path = newer(self.own, self.scratch.name, f"0.{number}.0-1~deb{NUMBER[self.release]}u1", conf)
        self.tree.put(path)
        return f"/packages/{path.name}"

    def asks(self):
        self.assertIn("2031", self.tree.run("sky", "ask", "--data", "/var/lib/sky", QUESTION))
