"""dense.py - the successor lists of mode `dense` (docs/genom.md, "Statistics of mode dense").

A code stands for a symbol of mode fast, a word of English by its rank, or one of the frequent other tokens. Which codes follow
one, two and three others in the texts, and how often, are lists; a list's entry leads to the list of what follows it too.
"""
import collections
import struct

import fast
import numpy as np
from forms import IDEO, WORD

NONE, WORDS, EXTRA, CODES = 7, 64000, fast.LISTED + 64000, 1 << 16
# Entries seen less often than this are left out, by the number of codes before.
LEAST = (0, 1, 1, 2)
LIST_MOST = 4096


class Codes:
    """classes: {form: class}, id_of: {form: id}, rank_of: {id: rank} in English."""

    def __init__(self, classes, id_of, rank_of):
        self.classes, self.id_of, self.rank_of = classes, id_of, rank_of
        self.extras, self.known = {}, {}

    def plain(self, form):
        """The code, or None for what needs one of its own."""
        cls, number = self.classes[form], self.id_of[form]
        if cls in (WORD, IDEO):
            rank = self.rank_of.get(number)
            return NONE if rank is None or rank >= WORDS else fast.LISTED + rank
        symbol = fast.plain_symbol(form, cls, number)
        return symbol if symbol < fast.LISTED else None

    def choose_extras(self, pieces):
        seen = collections.Counter(form for form, known in pieces if known and self.plain(form) is None)
        most = sorted(seen.items(), key=lambda item: (-item[1], self.id_of[item[0]]))[:CODES - EXTRA]
        self.extra_ids = sorted(self.id_of[form] for form, count in most if count > 2)
        self.extras = {number: EXTRA + i for i, number in enumerate(self.extra_ids)}

    def code(self, form, known):
        if not known:
            return fast.SPELL
        if form not in self.known:
            code = self.plain(form)
            self.known[form] = self.extras.get(self.id_of[form], NONE) if code is None else code
        return self.known[form]


def unique(keys, weights):
    """Sorted distinct keys and their sums."""
    order = np.argsort(keys, kind="stable")
    keys, weights = keys[order], weights[order]
    first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    return keys[first], np.add.reduceat(weights, first)


def count_code(counts):
    """0 … 255 for a count: itself below 128, then quarters of an octave."""
    bounds = np.array(fast.BOUNDS[:fast.ID_BUCKETS])
    steps = 127 + np.searchsorted(bounds, counts, side="right")
    return np.where(counts < 128, counts, np.minimum(steps, 255)).astype(np.uint8)


def grams(sequence, weights, order):
    """Keys of `order` codes in a row, the highest part first, with nothing that goes over the end of a text."""
    size = len(sequence) - order + 1
    keys = np.zeros(size, np.uint64)
    good = np.ones(size, bool)
    for i in range(order):
        part = sequence[i:i + size]
        keys = keys << np.uint64(16) | part.astype(np.uint64)
        if 0 < i < order - 1:
            good &= part != 0
    good &= sequence[order - 1:] != NONE
    return keys[good], weights[order - 1:][good]


def cut(keys, sums, least):
    """Without rare ones, and no list too long."""
    keep = sums >= least
    keys, sums = keys[keep], sums[keep]
    context = keys >> np.uint64(16)
    order = np.lexsort((keys, -sums.astype(np.int64), context))
    context = context[order]
    first = np.flatnonzero(np.concatenate(([True], context[1:] != context[:-1])))
    place = np.arange(len(order)) - np.repeat(first, np.diff(np.append(first, len(order))))
    keep = np.sort(order[place < LIST_MOST])
    return keys[keep], sums[keep]


def levels(sequence, weights):
    """[(keys, counts)] of two, three and four codes in a row; each list's entries are in all shorter ones."""
    found = []
    for order in (2, 3, 4):
        keys, sums = cut(*unique(*grams(sequence, weights, order)), LEAST[order - 1])
        if found:
            # What it leads from, and what is left without its first code, must be there.
            shorter = found[-1][0]
            keep = np.isin(keys >> np.uint64(16), shorter) & np.isin(keys & np.uint64((1 << 16 * (order - 1)) - 1), shorter)
            keys, sums = keys[keep], sums[keep]
        found.append((keys, sums))
    return found


def section(codes, sequence, weights, symbols):
    """symbols: 8 × 384 frequencies of what no list holds."""
    found = levels(sequence, weights)
    out = [struct.pack("<4I", len(codes.extra_ids), *(len(keys) for keys, _ in found)),
           np.array(codes.extra_ids, "<u4").tobytes(), np.array(symbols, "<u2").tobytes()]
    parents = np.arange(CODES + 1, dtype=np.uint64)
    for keys, _ in found:
        out.append(np.searchsorted(keys >> np.uint64(16), parents[:CODES + 1] if len(parents) == CODES + 1 else parents).astype("<u4").tobytes())
        parents = np.append(keys, np.uint64(keys[-1] + np.uint64(1)))
    for keys, _ in found:
        out.append((keys & np.uint64(0xFFFF)).astype("<u2").tobytes())
    for _, sums in found:
        out.append(count_code(sums).tobytes())
    return b"".join(out)
