"""group_store.py: the store beside what it stands on: SQLite beside bare sqlite3, PostgreSQL beside pgbench, vectors beside bare SQL.

bench_store.c does the work, ours and that of the libraries; pgbench runs the same statements, prepared, as the same user. The
database makes every commit durable. Vectors: 100,000 × 384 in 32 dimensions that differ and noise in all, queries of the same kind;
recall counts among the nearest by comparing with all rows. A search through the whole program (words, both models, sentences) runs over the passages of learned.py.
"""
import contextlib
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

import learned
from group_size import grown
from measure import QUICK, REPEATS, ROOT, Group, children, in_turn, pin, support

sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from postgres import Postgres  # noqa: E402

PROGRAM = ROOT / "build" / "ai" / "bench-store"
SECONDS = 0.5 if QUICK else 5
VECTORS, QUERIES, K = (2000 if QUICK else 100000), (50 if QUICK else 500), 10
BREADTH = re.search(r'AI_NEAR_PG_BREADTH "(\d+)"', (ROOT / "core" / "limits_ai.h").read_text()).group(1)
SETTING = "INSERT INTO setting (key, value) VALUES ('bench.' || lpad(:k{n}::text, 5, '0'), 'a value of some forty bytes, changed ' || :v || ' times')" \
          " ON CONFLICT (key) DO UPDATE SET value = excluded.value;"


def bench(*arguments):
    done = subprocess.run([str(part) for part in (PROGRAM, *arguments)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return [float(line) for line in done.stdout.split()]


def sqlite(group, kind, clients=1):
    """Alone, SQLite has one client: a second would only wait."""
    def ours():
        with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
            return bench("ours", kind, "sqlite", folder, SECONDS, clients)[0]

    def bare():
        with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
            return bench("bare", kind, pathlib.Path(folder) / "bare.db", SECONDS)[0]

    name = {"read": "SQLite: rows read by key", "write": "SQLite: durable batches of 8 rows"}[kind] + f", {clients} at a time"
    group.ratio(name, *in_turn(ours, bare), "sqlite3 alone", f"{'rows' if kind == 'read' else 'batches'}/s", ">= 0.9")


@contextlib.contextmanager
def apart(pg):
    """The database on the first core, all who ask it on the second. Where they share both, what a client gets is the luck of where
    the kernel has put the two ends of its connection: from one run to the next pgbench differs by half."""
    everywhere = os.sched_getaffinity(0)
    for pid in (pg.process.pid, *children(pg.process.pid)):
        with contextlib.suppress(FileNotFoundError):  # a session that has just ended
            pin(pid, 0)
    pin(os.getpid(), 1)  # programs started from here on inherit it
    try:
        yield
    finally:
        os.sched_setaffinity(0, everywhere)


def pgbench(pg, script, clients):
    path = pg.folder / "script.sql"
    pg.write(path, script)
    out = pg.run("pgbench", "--no-vacuum", "--protocol", "prepared", "--client", clients, "--jobs", min(clients, 2), "--time",
                 max(1, int(SECONDS)), "--file", path, pg.url("sky_1"))
    return float(re.search(r"tps = ([\d.]+)", out).group(1))


def postgresql(group, pg, url, kind, clients):
    rows = 1 if kind == "read" else 8
    draws = "\\set v random(10000000, 99999999)\n" + "".join(f"\\set k{n} random(0, 9999)\n" for n in range(rows))
    if kind == "read":
        script = draws + "SELECT value FROM setting WHERE key = 'bench.' || lpad(:k0::text, 5, '0');\n"
    else:
        script = draws + "BEGIN;\n" + "".join(SETTING.format(n=n) + "\n" for n in range(rows)) + "COMMIT;\n"

    def ours():
        with tempfile.TemporaryDirectory() as folder:
            return bench("ours", kind, url, folder, SECONDS, clients)[0]

    name = f"PostgreSQL: {'rows read by key' if kind == 'read' else 'durable batches of 8 rows'}, {clients} at a time"
    group.ratio(name, *in_turn(ours, lambda: pgbench(pg, script, clients)), "pgbench, the same statements",
                f"{'rows' if kind == 'read' else 'batches'}/s", ">= 0.9")


def make_vectors(folder):
    """The rows as COPY reads them, the queries, and the right answers."""
    import numpy
    rng = numpy.random.default_rng(7)
    hidden = rng.standard_normal((VECTORS + QUERIES, 32), dtype="f4") @ rng.standard_normal((32, 384), dtype="f4")
    all_rows = hidden + rng.standard_normal((VECTORS + QUERIES, 384), dtype="f4")
    all_rows /= numpy.linalg.norm(all_rows, axis=1, keepdims=True)
    rows, queries = all_rows[:VECTORS].astype("f2"), all_rows[VECTORS:]
    with open(folder / "rows", "w", encoding="ascii") as out:
        for number, row in enumerate(rows, 1):
            out.write(f"{number}\tminilm\t0\t0\t1\t\\\\x{row.tobytes().hex()}\n")
    (folder / "rows").chmod(0o644)
    queries.tofile(folder / "queries")
    return numpy.argsort(-(queries @ rows.astype("f4").T), axis=1)[:, :K] + 1


def vectors(group, pg):
    import numpy
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        folder.chmod(0o755)
        truth = make_vectors(folder)
        url = pg.database()
        name = url.rpartition("/")[2]
        bench("ours", "read", url, scratch, 0.1, 1)  # makes the tables
        began = time.monotonic()
        pg.sql(f"SET search_path = sky, public; COPY vector (chunk_id, model, ordinal, start_at, end_at, data) FROM '{folder}/rows'", name, timeout=3600)
        group.value(f"pgvector: {VECTORS:,} vectors of 384 inserted with their index", [time.monotonic() - began], "s")
        pg.sql("VACUUM ANALYZE sky.vector", name, timeout=3600)

        def ours():
            return statistics.median(bench("near", url, scratch, folder / "queries", K, folder / "found"))

        def bare():
            return statistics.median(bench("near-bare", url, folder / "queries", K, BREADTH))

        group.ratio(f"pgvector: the {K} nearest of {VECTORS:,}, median of {QUERIES} searches", *in_turn(ours, bare),
                    "libpq, the same search", "ms", "<= 1.2")
        found = numpy.fromfile(folder / "found", dtype="i8").reshape(QUERIES, K)
        right = [len(set(a) & set(b)) / K for a, b in zip(found.tolist(), truth.tolist())]
        group.value(f"pgvector: recall of the {K} nearest", [float(numpy.mean(right))], "", ">= 0.95")


def hybrid(group, pg):
    questions = [line.split("\t")[3] for line in (ROOT / "tests" / "eval" / "questions.tsv").read_text().splitlines()
                 if not line.startswith("#")][:20 if QUICK else 100]
    url = pg.database()
    with learned.Weights("minilm.gguf"):
        if not QUICK:
            with tempfile.TemporaryDirectory() as scratch:
                done = support.run("admin", "migrate", grown(scratch, 1), url, data=pathlib.Path(scratch) / "data", timeout=3600)
                if done.returncode != 0:
                    raise RuntimeError(done.stderr)
        server = support.Server("--store", url)
        try:
            if QUICK:
                server.learn(support.DATA / "docs")
                server.wait_vectors()
            connection, samples = server.connection(), []
            for repeat in range(REPEATS + 1):
                times = []
                for question in questions:
                    began = time.perf_counter()
                    status, _, answer = server.get("/api/crawler/knowledge?k=5&q=" + urllib.parse.quote(question), connection=connection)
                    times.append((time.perf_counter() - began) * 1000)
                    assert status == 200, answer
                    time.sleep(0.02)
                if repeat:
                    samples.append(statistics.median(times))
            group.value(f"PostgreSQL: search by words and meaning, median of {len(questions)} questions", samples, "ms", "<= 30")
        finally:
            server.close()


def measure():
    group = Group("store", command="make bench-store")
    for kind, clients in (("read", 1), ("write", 1), ("write", 16)):
        sqlite(group, kind, clients)
    with Postgres(durable=True, settings={"shared_buffers": "1GB", "max_wal_size": "4GB"}) as pg:
        group.versions["postgresql"] = pg.sql("SHOW server_version")
        group.versions["pgvector"] = pg.sql("SELECT default_version FROM pg_available_extensions WHERE name = 'vector'")
        url = pg.database()
        pg.sql("ALTER DATABASE sky_1 SET search_path = sky, public")
        with apart(pg):
            for kind in ("read", "write"):
                for clients in (1, 8):
                    postgresql(group, pg, url, kind, clients)
        vectors(group, pg)
        hybrid(group, pg)
    group.write()
