"""dense.py - the successor lists of mode `dense` (docs/genom.md, "Statistics of mode dense").

A code stands for a symbol of mode fast, a word of English by its rank, or one of the frequent other tokens. Which codes follow
one, two and three others in the texts, and how often, are lists; a list's entry leads to the list of what follows it too.
"""
import array
import struct

import fast
import forms
import numpy as np
import text
from forms import IDEO, WORD

NONE, WORDS, EXTRA, CODES = 7, 64000, fast.LISTED + 64000, 1 << 16
# Discounts of counts of 1 … 8 and more in the first lists, in sixteenths.
DISCOUNT = (12, 23, 27, 27, 27, 27, 27, 27)
# What is seen less often behind two and behind three codes is left out. Weights: a chat counts twice.
LEAST = {3: 2, 4: 3}
# Other tokens have codes of their own if they are seen more often.
EXTRA_LEAST = 2
# Weight of the frequencies of mode fast where little is new.
PRIOR = 2000.0
# Sizes of lists: exact below, then steps.
EXACT, STEP, SIZE_MOST = 192, 64, 255
BLOCK_SUMS, BLOCK_SIZES = 16, 32


class Codes:
    """classes: {form: class}, id_of: {form: id}, rank_of: {id: rank} in English."""

    def __init__(self, classes, id_of, rank_of):
        self.classes, self.id_of, self.rank_of = classes, id_of, rank_of
        self.extras, self.extra_ids = {}, []

    def plain(self, form):
        """The code, or None for what needs one of its own."""
        cls, number = self.classes[form], self.id_of.get(form)
        if cls in (WORD, IDEO):
            rank = self.rank_of.get(number)
            return NONE if rank is None or rank >= WORDS else fast.LISTED + rank
        symbol = fast.plain_symbol(form, cls, number)
        return symbol if symbol < fast.LISTED else None

    def choose_extras(self, seen):
        """seen: {form: how often} of tokens."""
        seen = {form: count for form, count in seen.items() if count > EXTRA_LEAST and self.plain(form) is None}
        most = sorted(seen, key=lambda form: (-seen[form], self.id_of[form]))[:CODES - EXTRA]
        self.extra_ids = sorted(self.id_of[form] for form in most)
        self.extras = {number: EXTRA + i for i, number in enumerate(self.extra_ids)}

    def code(self, form):
        code = self.plain(form)
        return self.extras.get(self.id_of[form], NONE) if code is None else code


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


def levels(sequence, weights):
    """[(keys, counts)] of two, three and four codes in a row; each list's entries are in all shorter ones."""
    found = [unique(*grams(sequence, weights, 2))]
    for order in (3, 4):
        keys, sums = unique(*grams(sequence, weights, order))
        keys, sums = keys[sums >= LEAST[order]], sums[sums >= LEAST[order]]
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
    return np.array((0, *DISCOUNT), np.int64)[np.minimum(counts, len(DISCOUNT))]


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


def read(texts, cutter, codes, symbol_of):
    """Arrays of all pieces: codes, weights, symbols, contexts of symbols. texts: [(lines, weight)]."""
    numbers = {None: 0}  # of each form; None: a text's end. What is no token is spelled.
    spelled = numbers[False] = 1
    pieces, contexts, weights = array.array("I", [0]), array.array("B", [0]), []
    for lines, weight in texts:
        begin = len(pieces)
        for line in lines:
            before = text.Before()
            for piece in cutter.pieces(line):
                pieces.append(numbers.setdefault(piece.form, len(numbers)) if piece.known else spelled)
                contexts.append(before.symbol_context())
                before.pass_over(piece)
            pieces.append(0)
            contexts.append(before.symbol_context())
        weights.append(np.full(len(pieces) - begin, weight, np.uint32))
    pieces = np.frombuffer(pieces, np.uint32)
    tokens = list(numbers)[2:]
    codes.choose_extras(dict(zip(tokens, np.bincount(pieces, minlength=len(numbers))[2:].tolist())))
    code_of = np.array([fast.END, fast.SPELL, *map(codes.code, tokens)], np.uint16)
    symbols = np.array([fast.END, fast.SPELL, *map(symbol_of, tokens)], np.uint16)
    return code_of[pieces], np.concatenate([np.zeros(1, np.uint32), *weights]), symbols[pieces], np.frombuffer(contexts, np.uint8)


def novel(sequence, symbols, contexts, fast_bytes):
    """8 × 384 frequencies of what was not seen before behind a code: each pair once."""
    pairs = (sequence[:-1].astype(np.uint64) << np.uint64(16) | sequence[1:]) * np.uint64(fast.SYMBOLS) + symbols[1:].astype(np.uint64)
    first = np.unique(pairs, return_index=True)[1] + 1
    counts = np.zeros((fast.CONTEXTS, fast.SYMBOLS))
    np.add.at(counts, (contexts[first], symbols[first]), 1)
    size = fast.CONTEXTS * fast.SYMBOLS
    rows = np.frombuffer(fast_bytes, "<u2", size, fast.COMMON).reshape(fast.CONTEXTS, fast.SYMBOLS)
    weights = counts + rows * (PRIOR / fast.TOTAL)
    return [fast.quantise(list(row), list(can)) for row, can in zip(weights, rows > 0)]


def build(tokens, ids, fast_bytes, texts):
    """The section. ids: of English words by rank; texts: [(lines, weight)]."""
    plain = [(number, token) for number, token in enumerate(tokens) if token.cls not in (forms.CONTROL, forms.BYTE)]
    classes = {token.form.decode(): token.cls for _, token in plain}
    id_of = {token.form.decode(): number for number, token in plain}
    classes.update((chr(byte), forms.BYTE) for byte in range(128) if chr(byte) not in classes)
    rank_of = {number: rank for rank, number in enumerate(ids)}
    codes = Codes(classes, id_of, rank_of)

    def symbol_of(form):
        cls, number = classes[form], id_of.get(form)
        return fast.word_symbol(number, rank_of.get(number)) if cls in (WORD, IDEO) else fast.plain_symbol(form, cls, number)

    sequence, weights, symbols, contexts = read(texts, text.Cutter(classes), codes, symbol_of)
    return section(codes, sequence, weights, novel(sequence, symbols, contexts, fast_bytes))
