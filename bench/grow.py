"""grow.py DATABASE TIMES ACCOUNTS: what a data folder knows, so many times over, and as many accounts.

Each copy has texts, passages and vectors of its own; the vectors are the original's with noise, so that no two are the same and
neighbourhoods stay as they are in real text. Run by the Python of build/deps/bench-python (numpy).
"""
import sqlite3
import sys

import numpy

NOISE = 0.03  # of a coordinate: cosines of .86 to the original
ROWS_AT_ONCE = 2000


def noisy(data, dice):
    v = numpy.frombuffer(data, dtype=numpy.float16).astype(numpy.float32)
    v = v + dice.normal(0, NOISE, v.shape).astype(numpy.float32)
    return (v / numpy.linalg.norm(v)).astype(numpy.float16).tobytes()


def copy_knowledge(db, copy, step, dice):
    mark = f"{20 + copy}"  # in place of what an id begins with: the time, "01"
    db.execute("INSERT INTO content SELECT ?1 || substr(id, 3), CAST(?1 || id AS BLOB), extractor, title, mime, language, text, headings "
               "FROM content WHERE length(source_hash) = 32", (mark,))
    db.execute("INSERT INTO document SELECT ?1 || substr(id, 3), name || '.' || ?1, root, ?1 || substr(content_id, 3), source_bytes, "
               "source_mtime_ms, learned_ms FROM document WHERE content_id IN (SELECT id FROM content WHERE length(source_hash) = 32)", (mark,))
    db.execute("INSERT INTO chunk SELECT id + ?2, ?1 || substr(content_id, 3), ordinal, start_at, end_at, name, title, heading, text "
               "FROM chunk WHERE id < ?3", (mark, copy * step, step))
    rows = db.execute("SELECT chunk_id, model, ordinal, start_at, end_at, data FROM vector WHERE chunk_id < ?", (step,))
    while some := rows.fetchmany(ROWS_AT_ONCE):
        db.executemany("INSERT INTO vector VALUES (?, ?, ?, ?, ?, ?)",
                       [(row[0] + copy * step, *row[1:5], noisy(row[5], dice)) for row in some])
    db.execute("INSERT INTO sentence SELECT chunk_id + ?1, model, data FROM sentence WHERE chunk_id < ?2", (copy * step, step))


def main():
    path, times, accounts = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    dice = numpy.random.default_rng(1)
    db = sqlite3.connect(path, isolation_level=None)
    step = db.execute("SELECT max(id) FROM chunk").fetchone()[0] + 1
    db.execute("PRAGMA synchronous = OFF")
    db.execute("BEGIN")
    for copy in range(1, times):
        copy_knowledge(db, copy, step, dice)
    for i in range(accounts):
        db.execute("INSERT INTO account (id, email, name, role, tier, password, created_ms) VALUES (?, ?, ?, 'member', 'free', '', 0)",
                   (f"0000000000aaaaaaaaaa{i:06d}", f"person{i}@example.org", f"Person {i}"))
    db.execute("COMMIT")
    db.close()


if __name__ == "__main__":
    main()
