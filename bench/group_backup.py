"""group_backup.py: a backup of a data folder of 1 GB beside a plain copy of it, on the same disk in turn; restoring it until it answers; and
what a backup does to those who write meanwhile."""
import itertools
import json
import os
import pathlib
import random
import shutil
import sqlite3
import tempfile
import threading
import time

from measure import REPEATS, Group, percentile, support

QUICK = bool(os.environ.get("SKY_BENCH_QUICK"))
BYTES = 40_000_000 if QUICK else 1_000_000_000
LOAD_S = 1 if QUICK else 5


def fill(data):
    """Documents of words as frequent as words are, their passages with keyword rows, and vectors, as learning leaves them."""
    support.Server(data=data).stop()
    throw = random.Random(1)
    words = ["".join(throw.choices("abcdefghijklmnopqrstuvwxyz", k=throw.randint(2, 10))) for _ in range(60000)]
    shares = list(itertools.accumulate(1 / (i + 1) for i in range(len(words))))
    db = sqlite3.connect(data / "sky.db")
    db.execute("PRAGMA synchronous = OFF")
    document = passage = 0
    while (data / "sky.db").stat().st_size < BYTES:
        for _ in range(50):
            document, text, rows = document + 1, "", []
            for ordinal in range(20):
                part = " ".join(throw.choices(words, cum_weights=shares, k=140)) + ". "
                passage += 1
                rows.append((passage, f"c{document}", ordinal, len(text), len(text) + len(part), f"d{document}", "Title", "Heading", part))
                text += part
            db.execute("INSERT INTO content VALUES (?, ?, 1, 'Title', 'text/plain', 'en', ?, '[]')", (f"c{document}", throw.randbytes(32), text))
            db.execute("INSERT INTO document VALUES (?, ?, '/x', ?, ?, 0, 0)", (f"d{document}", f"/x/{document}.txt", f"c{document}", len(text)))
            db.executemany("INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            db.executemany("INSERT INTO vector VALUES (?, 'minilm', 0, 0, ?, ?)", [(r[0], len(r[8]), throw.randbytes(768)) for r in rows])
            db.executemany("INSERT INTO sentence VALUES (?, 'minilm', ?)", [(r[0], throw.randbytes(400)) for r in rows])
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def size(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def copy_s(data, to):
    """A plain copy that is on the disk at the end, as a backup is."""
    os.sync()
    began = time.monotonic()
    shutil.copytree(data, to)
    for path in to.rglob("*"):
        fd = os.open(path, os.O_RDONLY)
        os.fsync(fd)
        os.close(fd)
    took = time.monotonic() - began
    shutil.rmtree(to)
    return took


def admin(*arguments):
    done = support.run("admin", *arguments, "--json", timeout=3600)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def backup_s(data, file, *options):
    file.unlink(missing_ok=True)
    os.sync()
    began = time.monotonic()
    admin("backup", *options, "--data", data, file)
    return time.monotonic() - began


def restore_s(file, data):
    """From the command to the first answer that finds something."""
    shutil.rmtree(data, ignore_errors=True)
    began = time.monotonic()
    admin("restore", file, "--data", data)
    server = support.Server(data=data)
    try:
        assert server.get("/api/status")[2]["knowledge"]["chunks"] > 0
        return time.monotonic() - began
    finally:
        server.stop()
        shutil.rmtree(data)


def writes_ms(server, seconds, beside=lambda: None):
    """Latencies of durable writes of one client, for as long as that takes and at least so long."""
    taken, ending, connection = [], threading.Event(), server.connection()
    other = threading.Thread(target=lambda: (beside(), ending.set()))
    other.start()
    began = time.monotonic()
    made = server.post("/api/admin/sprints", {"name": "one"}, connection=connection)[2]
    while not ending.is_set() or time.monotonic() - began < seconds:
        at = time.monotonic()
        status, _, made = server.request("PATCH", f"/api/admin/sprints/{made['id']}", {"name": "one", "version": made["version"]}, connection=connection)
        assert status == 200, made
        taken.append((time.monotonic() - at) * 1000)
        time.sleep(.01)
    other.join()
    connection.close()
    return percentile(taken, .99)


def measure():
    group = Group("backup", "make bench-store ARGS=backup")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-bench-", dir=os.environ.get("SKY_BENCH_FOLDER")))
    data, file = folder / "data", folder / "a.skybak"
    passphrase = folder / "passphrase"
    passphrase.write_text("correct horse battery\n")
    passphrase.chmod(0o600)
    try:
        fill(data)
        mb = size(data) / 1e6
        copies, plain, sealed = [], [], []
        for _ in range(REPEATS):
            copies.append(mb / copy_s(data, folder / "copy"))
            plain.append(mb / backup_s(data, file))
            sealed.append(mb / backup_s(data, file, "--passphrase-file", passphrase))
        group.ratio(f"backup of a data folder of {mb:.0f} MB", plain, copies, "cp and fsync of the folder", "MB/s", ">= 0.7")
        group.ratio(f"the same, sealed with a passphrase", sealed, copies, "cp and fsync of the folder", "MB/s", ">= 0.7")
        backup_s(data, file)
        group.value("size of the backup", [file.stat().st_size / 1e6 / mb], "of the folder")
        group.value(f"restore of {mb:.0f} MB until it answers", [restore_s(file, folder / "back") for _ in range(1 if QUICK else 3)], "s", "<= 120")
        server = support.Server(data=data)
        try:
            beside, alone = [], []
            for n in range(REPEATS):
                alone.append(writes_ms(server, LOAD_S))
                beside.append(writes_ms(server, LOAD_S, lambda: backup_s(data, file)))
        finally:
            server.stop()
        group.ratio("durable writes by HTTP while a backup is made, p99", beside, alone, "without one", "ms")
    finally:
        shutil.rmtree(folder)
    group.write()
