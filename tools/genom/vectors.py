"""vectors.py - the small vectors: GloVe turned to its principal axes, the strongest left out, synonyms drawn together, eight
bits an axis.

Every sum is one of integers, every other step is one that IEEE 754 rounds exactly: the result is the same on any processor.
"""
import math

import numpy as np

import forms

ROWS, DIMENSIONS = 140_000, 40
# The strongest axes tell how frequent a word is and what kind of text it is from, more than what it means.
DROPPED = 3
# A word is drawn towards the mean of its synonyms with so much of its own weight.
PULL, OF, ROUNDS, FINE = 3, 5, 5, 127 * 64
SAMPLE, FRACTION, BASIS = 100_000, 4096, 1 << 14


def jacobi(matrix, sweeps=14):
    """Eigenvalues and eigenvectors (rows) of a symmetric matrix, largest first. Plain floats in a fixed order."""
    n = len(matrix)
    a, v = [row[:] for row in matrix], [[float(i == j) for j in range(n)] for i in range(n)]
    for _ in range(sweeps):
        for p in range(n):
            for q in range(p + 1, n):
                if a[p][q] == 0.0:
                    continue
                theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q])
                t = (1.0 if theta >= 0 else -1.0) / (abs(theta) + math.sqrt(theta * theta + 1.0))
                c = 1.0 / math.sqrt(t * t + 1.0)
                s = t * c
                for k in range(n):
                    row = a[k]
                    x, y = row[p], row[q]
                    row[p], row[q] = c * x - s * y, s * x + c * y
                top, low = a[p], a[q]
                a[p] = [c * x - s * y for x, y in zip(top, low)]
                a[q] = [s * x + c * y for x, y in zip(top, low)]
                top, low = v[p], v[q]
                v[p] = [c * x - s * y for x, y in zip(top, low)]
                v[q] = [s * x + c * y for x, y in zip(top, low)]
    order = sorted(range(n), key=lambda i: -a[i][i])
    return [a[i][i] for i in order], [v[i] for i in order]


def unit(rows, length=127):
    """Integer rows scaled to that length and rounded."""
    rows = rows >> max(0, int(np.abs(rows).max()).bit_length() - 26)
    norms = np.sqrt((rows * rows).sum(axis=1).astype(np.float64))
    norms[norms == 0] = 1.0
    return np.rint(rows * (length / norms)[:, None]).astype(np.int64)


def embed(tokens, names, matrix, known, synonyms):
    """(ids ascending, their vectors as int64 rows of length 127, GloVe's own vectors likewise) of words that GloVe has.
    known(form): as an English word; synonyms: pairs of forms."""
    place = {name: i for i, name in enumerate(names)}
    found = [(number, place[form]) for number, token in enumerate(tokens)
             if token.cls == forms.WORD and (form := token.form.decode()) in place and known(form)]
    rows = np.rint(matrix[[at for _, at in found]].astype(np.float64) * FRACTION).astype(np.int64)
    sample = rows[:SAMPLE]
    mean = sample.sum(axis=0) // len(sample)
    rows -= mean
    spread = rows[:SAMPLE].T @ rows[:SAMPLE]
    _, axes = jacobi([[float(x) / (1 << 30) for x in row] for row in spread.tolist()])
    kept = axes[DROPPED:DROPPED + DIMENSIONS]
    ids = [number for number, _ in found]
    basis = np.array([[int(math.floor(x * BASIS + 0.5)) for x in axis] for axis in kept], dtype=np.int64)
    row_of = {tokens[number].form.decode(): row for row, number in enumerate(ids)}
    pairs = [(row_of[a], row_of[b]) for a, b in synonyms if a != b and a in row_of and b in row_of]
    return ids, unit(draw_together(unit(rows @ basis.T, FINE), pairs)), unit(rows)


def draw_together(rows, pairs):
    """Rows of words moved towards those of their synonyms (retrofitting). pairs of row numbers count in both directions."""
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    to, source = np.concatenate([ends[:, 0], ends[:, 1]]), np.concatenate([ends[:, 1], ends[:, 0]])
    degree = np.maximum(np.bincount(to, minlength=len(rows)), 1).astype(np.int64)[:, None]
    moved = rows
    for _ in range(ROUNDS):
        pulled = np.zeros_like(rows)
        np.add.at(pulled, to, moved[source])
        moved = unit(OF * degree * rows + PULL * pulled, FINE)
    return moved


def section(ids, rows):
    ids = np.array(ids[:ROWS], dtype="<u4")
    head = np.array([len(ids), rows.shape[1]], dtype="<u4")
    return head.tobytes() + ids.tobytes() + rows[:len(ids)].astype(np.int8).tobytes()
