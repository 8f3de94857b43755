#!/usr/bin/env python3
"""postgres.py: a real PostgreSQL with pgvector (deps/setup postgres) in a temporary folder, for tests and benchmarks.

    with Postgres() as pg:                         # half a second; it ends with the block, or with the test that is killed
        url = pg.database()                        # a fresh database with the extension vector, owned by the user of the url
        url = pg.database(vector=False)            # without it; that user may not create it
        pg.url("sky_1")                            # of any database; pg.url("sky_1", socket_only=True) by the Unix socket
        pg.sql("SELECT 1", "sky_1")                # what psql prints, as the superuser
        pg.kill(); pg.start()                      # kill -9 of every process; recovery
        pg.pause(); pg.resume()                    # it stands still with its connections open
        pg.restart()                               # connections end with SQLSTATE 57P01
        with pg.standby(synchronous=True) as twin: # streams; synchronous: a commit waits for it
            urls(pg, twin)                         # one url of both; add ?target_session_attrs=read-write
            pg.kill(); twin.promote()

    Postgres(machine=m), pg.standby(machine=n)     # each in a network namespace of its own (machine.py), reached by its address

    Postgres(durable=True) keeps fsync on (off otherwise: a test that only kills processes does not need it).
    Postgres(settings={"max_connections": 5}) puts more lines into postgresql.conf.
    Postgres(locale="tr_TR") orders texts, and makes capitals, as Turkish does.

It listens on 127.0.0.1 alone (and on the address of its machine) and asks for a password (scram-sha-256). The user of the urls is no superuser and may create
databases: CREATE DATABASE x TEMPLATE sky_template gives one with the extension. It knows no TLS. PostgreSQL refuses to run as
root: then its processes belong to nobody.

As a program:
    postgres.py run COMMAND...   runs COMMAND with the url of an empty database in SKY_TEST_STORE_PG (tools/run-tests does the same)
    postgres.py serve            prints that url and goes on until its input ends
"""
import os
import pathlib
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOME = pathlib.Path(os.environ.get("SKY_DEPS", ROOT / "build" / "deps")) / "postgres"
WAIT_S = 60 * float(os.environ.get("SKY_SLOW", "1"))
ADMIN, USER, TEMPLATE = "postgres", "sky", "sky_template"
VARIABLE = "SKY_TEST_STORE_PG"
TRIES = 5

SETTINGS = {"listen_addresses": "127.0.0.1", "timezone": "UTC", "log_timezone": "UTC", "shared_buffers": "64MB",
            "max_connections": 100, "dynamic_shared_memory_type": "mmap", "log_line_prefix": "%m [%p] ", "max_wal_size": "256MB"}


def account():
    """(uid, gid) of the processes, None if they are our own."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def state_of(pid):
    """(letter of its state, its parent) of a process; (None, None) if there is none."""
    try:
        letter, parent = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None, None
    return letter, int(parent)


def alive(pid):
    """A zombie that nobody has asked for yet holds nothing any more."""
    return state_of(pid)[0] not in (None, "Z", "X")


def link_or_copy(source, target):
    """A cache below root's own folder is out of reach of others, not so a second name of the same file."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def urls(*servers, database=USER, **parameters):
    """One url of several servers, as libpq tries them: in their order."""
    hosts = ",".join(f"{server.host}:{server.port}" for server in servers)
    query = urllib.parse.urlencode(parameters)
    return f"postgresql://{USER}:{servers[0].password}@{hosts}/{database}" + (f"?{query}" if query else "")


class Postgres:
    def __init__(self, settings=None, durable=False, primary=None, synchronous=False, machine=None, locale=None):
        if not (HOME / "bin" / "postgres").exists():
            raise RuntimeError("PostgreSQL is not set up: run deps/setup postgres")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-pg-"))
        self.data, self.log = self.folder / "data", self.folder / "log"
        self.settings = {**SETTINGS, **({} if durable else {"fsync": "off"}), **(settings or {}), "unix_socket_directories": self.folder}
        self.account, self.process, self.port, self.serial = account(), None, None, 0
        self.primary, self.synchronous = primary, synchronous
        self.locale, self.env = "C", {"LC_ALL": "C"}
        self.machine, self.host = machine, machine.address if machine else "127.0.0.1"
        if machine:
            self.settings["listen_addresses"] = f"127.0.0.1,{self.host}"
        self.password = primary.password if primary else secrets.token_hex(8)
        try:
            self.take_programs()
            if locale:
                self.take_locale(locale)
            if primary:
                self.copy()
            else:
                self.create()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # --- making it ----------------------------------------------------------------------------------------------------
    def take_programs(self):
        self.bin = self.primary.bin if self.primary else HOME / "bin"
        if self.account:
            os.chown(self.folder, *self.account)
        if self.account and not self.primary:
            shutil.copytree(HOME.resolve(), self.folder / "programs", symlinks=True, copy_function=link_or_copy)
            self.folder.chmod(0o711)
            self.bin = self.folder / "programs" / "bin"

    def take_locale(self, name):
        """Made from its source, as the system may lack it; only for these processes."""
        self.locale = f"{name}.UTF-8"
        place = self.folder / "locale"
        place.mkdir(mode=0o755)
        subprocess.run(["localedef", "-i", name, "-f", "UTF-8", place / self.locale], capture_output=True, timeout=WAIT_S, check=True)
        self.env["LOCPATH"] = str(place)

    def command(self, name, *arguments, follow=False):
        """A program of PostgreSQL, as who may run it; with `follow` it ends when this thread does."""
        command = [str(self.bin / name), *map(str, arguments)]
        if follow:
            command = ["setpriv", "--pdeathsig=QUIT", *command]
        # A program of its own: a change of the user would forget the signal.
        if self.account:
            command = ["setpriv", f"--reuid={self.account[0]}", f"--regid={self.account[1]}", "--clear-groups", *command]
        return self.machine.command(*command) if self.machine else command

    def run(self, name, *arguments, timeout=WAIT_S):
        """Runs a program to its end; returns what it printed."""
        done = subprocess.run(self.command(name, *arguments), cwd=self.folder, capture_output=True, text=True, timeout=timeout,
                              stdin=subprocess.DEVNULL, check=False, env={**os.environ, **self.env, "PGPASSWORD": self.password})
        if done.returncode != 0:
            raise RuntimeError(f"{name} failed: {done.stderr or done.stdout}")
        return done.stdout.strip()

    def configured(self):
        return "".join(f"{name} = '{value}'\n" for name, value in {**self.settings, "port": self.port}.items())

    def write(self, path, text):
        path.write_text(text)
        if self.account:
            os.chown(path, *self.account)

    def create(self):
        secret = self.folder / "password"
        self.write(secret, self.password)
        self.run("initdb", "--pgdata", self.data, "--username", ADMIN, "--pwfile", secret, "--auth", "scram-sha-256",
                 "--encoding", "UTF8", "--locale", self.locale, "--no-sync", "--no-instructions")
        secret.unlink()
        with open(self.data / "postgresql.conf", "a", encoding="ascii") as conf:
            conf.write("include 'sky.conf'\n")
        if self.machine:
            with open(self.data / "pg_hba.conf", "a", encoding="ascii") as hba:
                hba.write("host all,replication all 198.18.0.0/15 scram-sha-256\n")
        self.start()
        self.sql(f"CREATE ROLE {USER} LOGIN CREATEDB PASSWORD '{self.password}'")
        self.sql(f"CREATE DATABASE {TEMPLATE} OWNER {USER} IS_TEMPLATE true")
        self.sql("CREATE EXTENSION vector", TEMPLATE)

    def copy(self):
        self.run("pg_basebackup", "--dbname", f"host={self.primary.host} port={self.primary.port} user={ADMIN} password={self.password}",
                 "--pgdata", self.data, "--write-recovery-conf", "--checkpoint", "fast", "--no-sync")
        self.start()
        if self.synchronous:
            self.primary.configure(synchronous_standby_names="*")

    # --- its life -----------------------------------------------------------------------------------------------------
    def start(self):
        """Starts it, on the port that it had before or else on a free one, and waits until it answers."""
        first, said = self.port is None, ""
        for _ in range(TRIES):
            self.port = free_port() if first else self.port
            self.write(self.data / "sky.conf", self.configured())
            began = self.log.stat().st_size if self.log.exists() else 0
            with open(self.log, "ab") as log:
                self.process = subprocess.Popen(self.command("postgres", "-D", self.data, follow=True), cwd=self.folder,
                                                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **self.env})
            if self.wait_ready():
                return
            said = self.log.read_bytes()[began:].decode(errors="replace")
            if "could not create any TCP/IP sockets" not in said:
                break
        raise RuntimeError(f"PostgreSQL does not start: {said}")

    def wait_ready(self):
        """False if it ended instead."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                return False
            try:
                # Its process, folder, start, port, ..., and on the eighth line how far it is.
                lines = (self.data / "postmaster.pid").read_text().splitlines()
            except OSError:
                lines = []
            if len(lines) >= 8 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready":
                return True
            time.sleep(0.01)
        raise TimeoutError(f"PostgreSQL is not ready in time: {self.log.read_text(errors='replace')}")

    def processes(self):
        """The server first, then those that it started."""
        started = [int(entry.name) for entry in pathlib.Path("/proc").glob("[0-9]*") if state_of(entry.name)[1] == self.process.pid]
        return [self.process.pid, *started]

    def signal(self, signo):
        found = self.processes()
        for pid in found:
            try:
                os.kill(pid, signo)
            except ProcessLookupError:
                pass
        return found

    def kill(self):
        """kill -9 of all its processes, as the machine's end would do; start() brings it back."""
        found = self.signal(signal.SIGKILL)
        self.process.wait()
        end = time.monotonic() + WAIT_S
        while any(alive(pid) for pid in found) and time.monotonic() < end:
            time.sleep(0.005)

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def stop(self):
        """Ends it in order, and the connections with it."""
        if self.process and self.process.poll() is None:
            self.resume()
            self.process.send_signal(signal.SIGINT)
            self.process.wait(WAIT_S)

    def restart(self):
        self.stop()
        self.start()

    def close(self):
        if self.synchronous and self.primary.process.poll() is None:
            self.primary.configure(synchronous_standby_names="")
        if self.process and self.process.poll() is None:
            self.resume()
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(WAIT_S)
            except subprocess.TimeoutExpired:
                self.kill()
        self.remove_memory()
        shutil.rmtree(self.folder, ignore_errors=True)

    def remove_memory(self):
        """The few bytes of System V memory that a killed server left; what it names is its own."""
        try:
            name = (self.data / "postmaster.pid").read_text().splitlines()[6].split()[1]
        except (OSError, IndexError):
            return
        subprocess.run(["ipcrm", "--shmem-id", name], capture_output=True, check=False)

    # --- using it -----------------------------------------------------------------------------------------------------
    def sql(self, text, database="postgres", timeout=WAIT_S):
        """What psql prints for it (columns between |), as the superuser."""
        return self.run("psql", "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set", "ON_ERROR_STOP=1", "--command", text,
                        f"host=127.0.0.1 port={self.port} user={ADMIN} dbname={database}", timeout=timeout)

    def configure(self, **settings):
        """Changes settings that need no restart."""
        self.settings.update(settings)
        self.write(self.data / "sky.conf", self.configured())
        self.sql("SELECT pg_reload_conf()")

    def url(self, database, socket_only=False):
        """The url of a database for the user who owns it."""
        if socket_only:
            return f"postgresql://{USER}:{self.password}@/{database}?host={urllib.parse.quote(str(self.folder), safe='')}&port={self.port}"
        return urls(self, database=database)

    def database(self, vector=True):
        """The url of a new database."""
        self.serial += 1
        name = f"sky_{self.serial}"
        self.sql(f"CREATE DATABASE {name} OWNER {USER} TEMPLATE {TEMPLATE if vector else 'template0'}")
        return self.url(name)

    def standby(self, synchronous=False, machine=None):
        """A second server that follows this one; it answers reads until promote() makes it take writes."""
        return Postgres(primary=self, synchronous=synchronous, machine=machine,
                        settings={name: value for name, value in self.settings.items() if name != "synchronous_standby_names"})

    def promote(self):
        self.synchronous = False
        if self.sql(f"SELECT pg_promote(true, {int(WAIT_S)})") != "t":
            raise TimeoutError("the standby was not promoted in time")


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in ("run", "serve") or (sys.argv[1] == "run") != (len(sys.argv) > 2):
        print(__doc__[__doc__.index("    postgres.py run"):], file=sys.stderr)
        return 2
    with Postgres() as server:
        url = server.database()
        if sys.argv[1] == "run":
            return subprocess.run(sys.argv[2:], env={**os.environ, VARIABLE: url}, check=False).returncode
        print(url, flush=True)
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
