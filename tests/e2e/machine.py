"""machine.py: machines that share nothing of the network but cables: network namespaces, for tests of what happens when one is gone.

    with Machine(1) as a, Machine(2) as b:         # 198.18.N.1 and .2, of a net of this process alone; we are .254
        a.connect(b)                               # they reach each other without us
        a.command("ping", "-c1", b.address)        # a command line that runs there
        a.cut()                                    # all its cables are pulled: nobody is told, packets get lost

It wants root, or a user who is root among their own (unshare --map-root-user). All ends with the process that made it, also if that
is killed.
"""
import os
import pathlib
import subprocess

# 198.18.0.0/15 is for measurements, no real net has it (RFC 2544). One net of it for each process of tests.
NET = f"198.18.{os.getpid() % 250}"
US = f"{NET}.254"


def possible():
    return subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode == 0


def ip(*arguments, inside=None):
    command = ["ip", *map(str, arguments)]
    done = subprocess.run(inside.command(*command) if inside else command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")


class Machine:
    def __init__(self, number):
        self.address = f"{NET}.{number}"
        self.ours, self.cables = None, []  # names of interfaces: here, and there
        # Both programs become the next one in the same process.
        self.process = subprocess.Popen(["setpriv", "--pdeathsig=KILL", "unshare", "--net", "sleep", "infinity"],
                                        stdin=subprocess.DEVNULL)
        try:
            while not self.is_apart():
                if self.process.poll() is not None:
                    raise RuntimeError("no network namespace can be made: it wants root")
            ip("link", "set", "lo", "up", inside=self)
            self.plug(f"sky{os.getpid()}m{number}")
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def is_apart(self):
        def namespace(pid):
            return os.readlink(f"/proc/{pid}/ns/net")
        try:
            command = pathlib.Path(f"/proc/{self.process.pid}/comm").read_text().strip()
            return command == "sleep" and namespace(self.process.pid) != namespace("self")
        except OSError:
            return False

    def command(self, *command):
        return ["nsenter", f"--net=/proc/{self.process.pid}/ns/net", *map(str, command)]

    def end(self, name, far):
        """One end of a cable is here: the other has the address `far`."""
        ip("address", "add", f"{self.address}/32", "dev", name, inside=self)
        ip("link", "set", name, "up", inside=self)
        ip("route", "add", far, "dev", name, "src", self.address, inside=self)
        self.cables.append(name)

    def plug(self, name):
        """A cable to us."""
        ip("link", "add", name, "type", "veth", "peer", "name", "us", "netns", self.process.pid)
        self.ours = name
        ip("address", "add", f"{US}/32", "dev", name)
        ip("link", "set", name, "up")
        ip("route", "add", self.address, "dev", name, "src", US)
        self.end("us", US)

    def connect(self, other):
        here, there = f"to{other.address.rpartition('.')[2]}", f"to{self.address.rpartition('.')[2]}"
        ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", other.process.pid, inside=self)
        self.end(here, other.address)
        other.end(there, self.address)

    def cut(self):
        """Its own end stays up, as that of a machine without power would not: but nothing gets out or in."""
        for name in self.cables:
            ip("link", "set", name, "down", inside=self)

    def close(self):
        # The kernel would take its time.
        if self.ours:
            ip("link", "delete", self.ours)
        self.process.kill()
        self.process.wait()
