#!/usr/bin/env python3
"""evaluate.py DICT GOLD: how well genom.dict knows which words are alike: Spearman's ρ with WordSim-353 and SimLex-999.

By vector: the cosine of the vectors as stored; by θ: minus the angle between two words on the ring. GOLD is the folder of the
two lists (deps/setup genom-gold).
"""
import json
import math
import pathlib
import struct
import sys

import container

LISTS = {"wordsim353": "wordsim353.tsv", "simlex999": "simlex999.txt"}


class Dictionary:
    def __init__(self, data):
        self.part = container.read(data)
        self.offsets, self.positions = self.part["OFFS"].cast("I"), self.part["POSN"].cast("I")
        self.table, self.strings = self.part["HASH"].cast("I"), self.part["STRS"]
        count, self.dimensions = struct.unpack_from("<II", self.part["VECS"])
        ids = self.part["VECS"][8:8 + 4 * count].cast("I")
        self.rows = {number: row for row, number in enumerate(ids)}
        self.vectors = self.part["VECS"][8 + 4 * count:].cast("b")

    def form(self, number):
        return bytes(self.strings[self.offsets[number]:self.offsets[number + 1]])

    def find(self, form):
        return container.lookup(self.table, form.encode(), self.form)

    def cosine(self, a, b):
        x, y = (self.vectors[self.rows[number] * self.dimensions:(self.rows[number] + 1) * self.dimensions] for number in (a, b))
        dot = sum(p * q for p, q in zip(x, y))
        return dot / math.sqrt(sum(p * p for p in x) * sum(q * q for q in y))

    def nearness(self, a, b):
        gap = abs(self.positions[a] - self.positions[b])
        return -min(gap, len(self.positions) - gap)


def ranks(values):
    """Ranks from 0; equal values share the middle of theirs."""
    order, found, at = sorted(range(len(values)), key=values.__getitem__), [0.0] * len(values), 0
    while at < len(order):
        end = at
        while end < len(order) and values[order[end]] == values[order[at]]:
            end += 1
        for i in order[at:end]:
            found[i] = (at + end - 1) / 2
        at = end
    return found


def spearman(a, b):
    x, y = ranks(a), ranks(b)
    mean = (len(x) - 1) / 2
    above = sum((p - mean) * (q - mean) for p, q in zip(x, y))
    return above / math.sqrt(sum((p - mean) ** 2 for p in x) * sum((q - mean) ** 2 for q in y))


def pairs(path):
    lines = [line.split("\t") for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return [(a.lower(), b.lower(), float(score)) for a, b, score, *_ in lines]


def main():
    words = Dictionary(pathlib.Path(sys.argv[1]).read_bytes())
    report = {}
    for name, file in LISTS.items():
        found = [(words.find(a), words.find(b), score) for a, b, score in pairs(pathlib.Path(sys.argv[2]) / file)]
        known = [(a, b, score) for a, b, score in found if a in words.rows and b in words.rows]
        gold = [score for _, _, score in known]
        report[name] = {"pairs": len(found), "known": len(known),
                        "vector": round(spearman([words.cosine(a, b) for a, b, _ in known], gold), 3),
                        "theta": round(spearman([words.nearness(a, b) for a, b, _ in known], gold), 3)}
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main()
