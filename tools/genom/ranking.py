"""ranking.py - which 1,000,000 forms are tokens, and in which order.

Frequencies are centibels: 100 × −log10 of the share of a form among all words; small is frequent. A word has its best
figure among the languages after a penalty for each language, so that the tail of the languages served reaches deeper.
"""
import dataclasses
import functools
from decimal import Decimal, getcontext

import forms
from forms import BYTE, EMOJI, NUMBER, PHRASE, WORD

getcontext().prec = 40

TOKENS, PHRASES = 1_000_000, 50_000
PENALTY = {"en": 0, "cs": 60, "de": 60, "es": 60, "fr": 60, "it": 80, "pt": 80, "pl": 100, "nl": 100, "ru": 100, "sk": 100, "uk": 120}
PENALTY_ELSE = 160
# Words of WordNet are in, however rare they are.
WORST_WORDNET, WORST = 650, 800
# What stands in no text at hand.
UNSEEN_SYMBOL, UNSEEN_EMOJI, UNSEEN_BLANK, UNSEEN_BYTE = 700, 720, 760, 2000
# A phrase is so much rarer than its rarest word; and so many words were tagged for WordNet's counts.
PHRASE_COST, TAGGED_WORDS = 150, 400_000


@dataclasses.dataclass
class Token:
    form: bytes
    cls: int
    score: int
    language: str = ""


def centibels(count, total):
    return int((Decimal(total) / Decimal(count)).log10() * 100 + Decimal("0.5"))


def share(score):
    """The inverse, times 2^80, as an integer: sums of it do not depend on their order."""
    return int(Decimal(10) ** (Decimal(-score) / 100) * (1 << 80))


@functools.cache
def level_share(level):
    """The same as a float; the decimal module rounds alike everywhere, pow() need not."""
    return share(level) / (1 << 80)


def number_score(form):
    """Small numbers, years and round ones are the frequent ones."""
    value, width = int(form), len(form)
    if width > 1 and form[0] == "0":
        return 560 + 60 * (width - 2)
    if width == 4:
        return 420 + abs(value - 2010) // 2 if 1900 <= value < 2040 else 640 - 60 * (value % 100 == 0)
    return (300, 380, 520)[width - 1] + 8 * (value % 10 if width < 3 else value // 100) - (60 if width == 3 and value % 100 == 0 else 0)


def ranked_words(wordfreq, wordnet):
    """{form: (score, language)} of every word any list has."""
    found = {}
    for language in sorted(wordfreq):
        penalty = PENALTY.get(language, PENALTY_ELSE)
        for form, level in wordfreq[language].items():
            score = level + penalty
            if score <= WORST and (form not in found or score < found[form][0]):
                found[form] = (score, language)
    words = {form: place for form, place in found.items() if forms.word_class(form)}
    for form in wordnet.lemmas:
        if forms.word_class(form) and words.get(form, (WORST, ""))[0] > WORST_WORDNET:
            words[form] = (WORST_WORDNET, "en")
    return words


def ranked_phrases(wordfreq, wordnet):
    """[(score, form)] of the best collocations of WordNet whose words are all English words."""
    english, found = wordfreq["en"], []
    for form, senses in wordnet.lemmas.items():
        parts = form.split(" ")
        if 2 <= len(parts) <= 4 and all(part in english and forms.word_class(part) for part in parts):
            score = max(english[part] for part in parts) + PHRASE_COST
            count = sum(sense[0] for sense in senses)
            found.append((min(score, centibels(count, TAGGED_WORDS)) if count else score, form))
    return sorted(found)[:PHRASES]


def fixed_tokens(counts, emoji, wordfreq):
    """Bytes, symbols, blanks, emoji and numbers. counts: how often a text has them, and None: all its words."""
    symbols, total, tokens = forms.symbol_forms(), counts[None], {}

    def add(form, cls, unseen):
        count = counts.get(form, 0) if isinstance(form, str) else 0
        raw = form if isinstance(form, bytes) else form.encode()
        if raw not in tokens:
            tokens[raw] = Token(raw, cls, min(centibels(count, total), unseen) if count else unseen)

    for form, cls in symbols.items():
        add(form, cls, UNSEEN_BLANK if cls == forms.BLANK else UNSEEN_SYMBOL)
    for form in emoji:
        if form.encode() not in tokens:
            level = min(words.get(form, UNSEEN_EMOJI) for words in wordfreq.values())
            add(form, EMOJI, min(level + PENALTY_ELSE, UNSEEN_EMOJI))
    for form in forms.number_forms():
        add(form, NUMBER, number_score(form))
    for byte in range(256):
        cls = forms.byte_class(byte, symbols)
        if cls == BYTE:
            add(bytes([byte]), BYTE, UNSEEN_BYTE)
    return tokens


def choose(wordfreq, wordnet, emoji, counts):
    """The tokens in order of id, controls without a form first."""
    tokens = fixed_tokens(counts, emoji, wordfreq)
    for score, form in ranked_phrases(wordfreq, wordnet):
        tokens[form.encode()] = Token(form.encode(), PHRASE, score, "en")
    words = ranked_words(wordfreq, wordnet)
    for letter in "abcdefghijklmnopqrstuvwxyz":
        words.setdefault(letter, (WORST_WORDNET, "en"))
        score, language = words.pop(letter)
        tokens[letter.encode()] = Token(letter.encode(), WORD, score, language)
    order = sorted((score, form.encode(), language) for form, (score, language) in words.items())
    for score, form, language in order:
        if len(tokens) == TOKENS - forms.CONTROLS:
            break
        if form not in tokens:
            tokens[form] = Token(form, forms.word_class(form.decode()), score, language)
    if len(tokens) != TOKENS - forms.CONTROLS:
        raise SystemExit(f"genom: the sources hold only {len(tokens)} forms")
    controls = [Token(b"", forms.CONTROL, UNSEEN_BYTE)] * forms.CONTROLS
    return controls + sorted(tokens.values(), key=lambda token: (token.score, token.form))


def self_information(tokens):
    """In 1/1024 bit, by id."""
    shares = {score: share(score) for score in {token.score for token in tokens}}
    total = Decimal(sum(shares[token.score] for token in tokens))
    two = Decimal(2).ln()
    bits = {score: min(65535, int((total / part).ln() / two * 1024 + Decimal("0.5"))) for score, part in shares.items()}
    return [bits[token.score] for token in tokens]
