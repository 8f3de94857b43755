"""fast.py - the statistics of mode `fast` (docs/genom.md, "Statistics of mode fast").

A language whose texts are few takes how symbols follow each other from all texts together, and how frequent its words
are from its word list; its own texts then pull both towards what they show.
"""
import math
import struct

import forms
import text
from forms import BLANK, BYTE, CLOSE, COMMA, IDEO, NUMBER, OPEN, START, STOP, TIE, WORD

BITS, CONTEXTS, SYMBOLS, CASES, CLASSES, SPELL_MOST = 15, 8, 384, 18, 16, 64
TOTAL = 1 << BITS
END, SPELL, NUMBERS, YEAR, ASCII, LISTED, RANKED, ID_FIRST, ID = 0, 1, 2, 6, 32, 160, 288, 324, 325
RANK_BUCKETS, ID_BUCKETS = 36, 48
# ⌊128 · 2^(i/4)⌋: of ranks; those of ids begin four later.
BOUNDS = [math.isqrt(math.isqrt(128 ** 4 << i)) for i in range(ID_BUCKETS + 5)]
# Symbols that depend on the language's word list.
WORD_SYMBOLS = [SPELL, *range(LISTED, ID + ID_BUCKETS)]


def bucket(value):
    """i with BOUNDS[i] <= value < BOUNDS[i + 1]."""
    i = (value.bit_length() - 8) * 4
    while BOUNDS[i + 1] <= value:
        i += 1
    return i


def word_symbol(number, rank):
    """Of a word by its id, and its rank or None."""
    if rank is not None:
        return LISTED + rank if rank < 128 else RANKED + bucket(rank)
    return ID_FIRST if number < 256 else ID + bucket(number) - 4


def plain_symbol(form, cls, number):
    """Of a token that is no word."""
    if cls == NUMBER:
        return YEAR if len(form) == 4 and "1900" <= form < "2100" else NUMBERS + len(form) - 1
    if len(form) == 1 and form.isascii():
        return ASCII + ord(form)
    return word_symbol(number, None)


def possible(ranks):
    """Which symbols can occur in a language of so many ranks."""
    can = [False] * SYMBOLS
    for symbol in [END, SPELL, YEAR, *range(NUMBERS, NUMBERS + 4), *range(ID_FIRST, ID + ID_BUCKETS)]:
        can[symbol] = True
    for code in range(128):
        can[ASCII + code] = not chr(code).isalnum()
    for rank in range(min(ranks, 128)):
        can[LISTED + rank] = True
    for i in range(RANK_BUCKETS):
        can[RANKED + i] = BOUNDS[i] < ranks
    return can


def quantise(weights, can, total=TOTAL):
    """Integers that sum to `total`, at least 1 where it can occur, else 0; the rest by largest remainder."""
    free = total - sum(can)
    whole = sum(weight for weight, yes in zip(weights, can) if yes)
    if whole == 0:
        weights, whole = [1.0] * len(can), float(sum(can))
    exact = [weight / whole * free if yes else 0.0 for weight, yes in zip(weights, can)]
    parts = [int(value) + yes for value, yes in zip(exact, can)]
    order = sorted((i for i, yes in enumerate(can) if yes), key=lambda i: (int(exact[i]) - exact[i], i))
    for i in order[:total - sum(parts)]:
        parts[i] += 1
    return parts


class Counts:
    """What some texts show."""

    def __init__(self):
        self.symbols = [[0.0] * SYMBOLS for _ in range(CONTEXTS)]
        self.spaces = [[[0.0, 0.0] for _ in range(CLASSES)] for _ in range(CLASSES)]
        self.cases = [[0.0] * 3 for _ in range(CASES)]
        self.spelled = {}

    def add(self, texts, cutter, symbol_of, usual_of, weight=1.0):
        """symbol_of: {form: symbol} of the tokens, usual_of(form): usual casing or None for what has no cases."""
        for line in texts:
            before = text.Before()
            for piece in cutter.pieces(line):
                symbol = symbol_of(piece.form) if piece.known else SPELL
                self.symbols[before.symbol_context()][symbol] += weight
                if before.cls != START:
                    self.spaces[before.cls][piece.cls][piece.space] += weight
                if not piece.known:
                    self.spelled[piece.form] = self.spelled.get(piece.form, 0.0) + weight
                elif piece.cls == WORD:
                    usual = usual_of(piece.form)
                    if usual is not None:
                        self.cases[before.case_context(usual)][piece.casing] += weight
                before.pass_over(piece)
            self.symbols[before.symbol_context()][END] += weight

    def merge(self, other, weight):
        for mine, theirs in ((self.symbols, other.symbols), (self.cases, other.cases)):
            for row, more in zip(mine, theirs):
                for i, value in enumerate(more):
                    row[i] += weight * value
        for row, more in zip(self.spaces, other.spaces):
            for pair, values in zip(row, more):
                pair[0] += weight * values[0]
                pair[1] += weight * values[1]
        for form, value in other.spelled.items():
            self.spelled[form] = self.spelled.get(form, 0.0) + weight * value


def list_shares(words, id_of, rank_of):
    """Share of each word symbol by a word list alone: {symbol: share}. words: {form: share among words}."""
    found = [0.0] * SYMBOLS
    for form, part in words.items():
        number = id_of.get(form)
        found[SPELL if number is None else word_symbol(number, rank_of.get(number))] += part
    whole = sum(found)
    return [value / whole for value in found]


# How much of a word list's shares goes to what it does not know: spelled words, words of other languages.
UNKNOWN_SPELLED, UNKNOWN_FOREIGN = 0.03, 0.015
# Weight of the prior in a context, in pieces; share of the context-free list in an English context.
PRIOR, PRIOR_FEW, LIST_SHARE = 300.0, 4000.0, 0.25


def symbol_rows(counts, pooled, shares, few):
    """Eight rows of weights. Words are shared out by the list and by the language's own counts."""
    rows = []
    word_total = [0.0] * SYMBOLS
    for row in pooled.symbols:
        for symbol in WORD_SYMBOLS:
            word_total[symbol] += row[symbol]
    foreign_whole = sum(word_total[ID_FIRST:ID + ID_BUCKETS]) or 1.0
    known = 1.0 - UNKNOWN_SPELLED - UNKNOWN_FOREIGN
    words = [known * share for share in shares]
    words[SPELL] += UNKNOWN_SPELLED
    for symbol in range(ID_FIRST, ID + ID_BUCKETS):
        words[symbol] += UNKNOWN_FOREIGN * (word_total[symbol] + 1) / (foreign_whole + ID_BUCKETS + 1)
    for context in range(CONTEXTS):
        base = pooled.symbols[context]
        whole = sum(base) + 1.0
        word_part = (sum(base[symbol] for symbol in WORD_SYMBOLS) + 0.5) / whole
        prior = [word_part * words[i] if i in WORD_SET else (base[i] + 0.01) / whole for i in range(SYMBOLS)]
        own = counts.symbols[context]
        strength = PRIOR_FEW if few else PRIOR + LIST_SHARE * sum(own)
        rows.append([own[i] + strength * prior[i] for i in range(SYMBOLS)])
    return rows


WORD_SET = set(WORD_SYMBOLS)


def space_default(before, cls):
    """The share of spaces where nothing was seen."""
    if before in (OPEN, TIE, BLANK, BYTE) or cls in (COMMA, STOP, CLOSE, TIE, BLANK, BYTE):
        return 0.03
    return 0.05 if IDEO in (before, cls) or before == cls == NUMBER else 0.8


def space_rows(counts, pooled):
    rows = []
    for before in range(CLASSES):
        for cls in range(CLASSES):
            few, many = counts.spaces[before][cls], pooled.spaces[before][cls]
            prior = (many[1] + 4 * space_default(before, cls)) / (sum(many) + 4)
            share = (few[1] + 50 * prior) / (sum(few) + 50)
            rows.append(min(TOTAL - 1, max(1, int(share * TOTAL + 0.5))))
    return rows


def case_rows(counts, pooled):
    rows = []
    for context in range(CASES):
        usual, first = context // 6, context // 3 % 2
        default = [0.02, 0.02, 0.02]
        default[max(usual, first)] += 0.94
        many = pooled.cases[context]
        prior = [(many[i] + 5 * default[i]) / (sum(many) + 5) for i in range(3)]
        rows.append(quantise([counts.cases[context][i] + 100 * prior[i] for i in range(3)], [True] * 3))
    return rows


def spelling(spelled):
    """(256 rows of 256, lengths) of what is spelled: {text: weight}."""
    rows, lengths = [[0.0] * 256 for _ in range(256)], [0.0] * SPELL_MOST
    for form, weight in sorted(spelled.items()):
        raw = form.encode()[:SPELL_MOST]
        lengths[len(raw) - 1] += weight
        last = 0
        for byte in raw:
            rows[last][byte] += weight
            last = byte
    anywhere = [sum(row[byte] for row in rows) for byte in range(256)]
    whole = sum(anywhere) or 1.0
    common = [(value / whole + 0.0001) * 20 for value in anywhere]
    every = [True] * 256
    return ([quantise([value + more for value, more in zip(row, common)], every) for row in rows],
            quantise([value + 0.1 for value in lengths], [True] * SPELL_MOST))


def section(languages, spelled):
    """languages: [(symbol rows, number of ranks, space rows, case rows)]."""
    bytes_rows, lengths = spelling(spelled)
    out = [struct.pack("<256H", *row) for row in bytes_rows] + [struct.pack("<64H", *lengths)]
    for symbols, ranks, spaces, cases in languages:
        can = possible(ranks)
        out += [struct.pack("<384H", *quantise(row, can)) for row in symbols]
        out.append(struct.pack("<256H", *spaces))
        out += [struct.pack("<3H", *row) for row in cases]
    return b"".join(out)
