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
# Discounts of counts of one, two and more, in sixteenths.
DISCOUNT = (12, 17, 20)
# What is seen less often behind three codes is left out; once behind two, only where those were seen at most so often.
LEAST, ONCE_MOST = 2, 64
# Sizes of lists: exact below, then steps.
EXACT, STEP, SIZE_MOST = 192, 64, 255
BLOCK_SUMS, BLOCK_SIZES = 16, 32


class Codes:
    """classes: {form: class}, id_of: {form: id}, rank_of: {id: rank} in English."""

    def __init__(self, classes, id_of, rank_of):
        self.classes, self.id_of, self.rank_of = classes, id_of, rank_of
        self.extras, self.known = {}, {}

    def plain(self, form):
        """The code, or None for what needs one of its own."""
        cls, number = self.classes[form], self.id_of.get(form)
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


def starts_of(context):
    """Where runs of the same context begin."""
    return np.flatnonzero(np.concatenate(([True], context[1:] != context[:-1])))


def size_code(sizes):
    return np.where(sizes <= EXACT, sizes, np.minimum(EXACT + (sizes - EXACT) // STEP, SIZE_MOST))


def size_of(codes):
    return np.where(codes <= EXACT, codes, EXACT + (codes - EXACT) * STEP)


def fit(keys, sums):
    """Drops the rarest of lists whose size has no code."""
    context = keys >> np.uint64(16)
    order = np.lexsort((keys, -sums.astype(np.int64), context))
    first = starts_of(context[order])
    sizes = np.diff(np.append(first, len(order)))
    place = np.arange(len(order)) - np.repeat(first, sizes)
    keep = np.sort(order[place < np.repeat(size_of(size_code(sizes)), sizes)])
    return keys[keep], sums[keep]


def without_rare(keys, sums, order):
    if order == 3:
        first = starts_of(keys >> np.uint64(16))
        whole = np.repeat(np.add.reduceat(sums, first), np.diff(np.append(first, len(keys))))
        keep = (sums > 1) | (whole <= ONCE_MOST)
    else:
        keep = sums >= LEAST
    return keys[keep], sums[keep]


def levels(sequence, weights):
    """[(keys, counts)] of two, three and four codes in a row; each list's entries are in all shorter ones."""
    found = [unique(*grams(sequence, weights, 2))]
    for order in (3, 4):
        keys, sums = without_rare(*unique(*grams(sequence, weights, order)), order)
        shorter = found[-1][0]
        # What it leads from, and what is left without its first code, must be there.
        keep = np.isin(keys >> np.uint64(16), shorter) & np.isin(keys & np.uint64((1 << 16 * (order - 1)) - 1), shorter)
        found.append(fit(keys[keep], sums[keep]))
    return found


def value_of(counts):
    """The count that a code stands for."""
    bounds = np.array(fast.BOUNDS)
    return np.where(counts < 128, counts, bounds[np.maximum(counts.astype(np.int64) - 128, 0)]).astype(np.int64)


def discounts(counts):
    return np.array((0, *DISCOUNT), np.int64)[np.minimum(counts, 3)]


def first_list(keys, counts):
    """The lists of what follows one code: where they begin, shares left to others, sums before each block."""
    starts = np.searchsorted(keys >> np.uint64(16), np.arange(CODES + 1, dtype=np.uint64))
    values = value_of(counts)
    whole = np.concatenate(([0], np.cumsum(values * 16)))
    left = np.concatenate(([0], np.cumsum(discounts(values))))
    mass = whole[starts[1:]] - whole[starts[:-1]]
    shares = np.clip(((left[starts[1:]] - left[starts[:-1]]) << 16) // np.maximum(mass, 1), 16, 65520)
    sums = (whole - left)[::BLOCK_SUMS] & 0xFFFFFFFF
    return starts.astype("<u4").tobytes() + shares.astype("<u2").tobytes() + sums.astype("<u4").tobytes()


def next_list(parents, keys):
    """Where what follows each entry before begins: sums before each block, sizes."""
    where = np.searchsorted(keys >> np.uint64(16), parents)
    sizes = size_code(np.diff(np.append(where, len(keys))))
    return where[::BLOCK_SIZES].astype("<u4").tobytes() + sizes.astype(np.uint8).tobytes()


def places(keys, first):
    """Of each entry in the first list of its last code but one."""
    pair = keys & np.uint64(0xFFFFFFFF)
    return np.searchsorted(first, pair) - np.searchsorted(first, pair >> np.uint64(16) << np.uint64(16))


def section(codes, sequence, weights, symbols):
    """symbols: 8 × 384 frequencies of what no list holds."""
    (two, n2), (three, n3), (four, n4) = levels(sequence, weights)
    counts = [count_code(sums) for sums in (n2, n3, n4)]
    return b"".join([
        struct.pack("<4I", len(codes.extra_ids), len(two), len(three), len(four)), np.array(codes.extra_ids, "<u4").tobytes(),
        np.array(symbols, "<u2").tobytes(), first_list(two, counts[0]), next_list(two, three), next_list(three, four),
        (two & np.uint64(0xFFFF)).astype("<u2").tobytes(), places(three, two).astype("<u2").tobytes(),
        places(four, two).astype("<u2").tobytes(), *(part.tobytes() for part in counts)])
