"""languages.py - the languages of the codec: which tokens are words of each, in order of that language's own frequency."""
import struct

import forms
import ranking

# English first; as many ranks as the statistics and their table need.
LANGUAGES = {"en": 65535, "cs": 65535, "de": 65535, "es": 50000, "fr": 50000, "it": 50000, "pl": 50000, "pt": 50000, "nl": 50000,
             "sk": 50000, "ru": 50000, "uk": 50000, "sv": 30000, "hu": 30000, "ro": 30000}
SLOT_BITS, EMPTY = 17, 0xFFFF
# What people write to each other differs from what the lists were made of: so much of a share is what was heard.
HEARD = 0.15


def ranked(tokens, wordfreq, heard):
    """{language: ids by rank}. heard: {language: {form: count, None: of all words}} where there are texts enough to rank by."""
    ids = {token.form.decode(): number for number, token in enumerate(tokens) if token.cls in (forms.WORD, forms.IDEO)}
    found = {}
    for language, most in LANGUAGES.items():
        counts = heard.get(language, {None: 1.0})
        words = [(-(1 - HEARD) * ranking.level_share(level) - HEARD * counts.get(form, 0.0) / counts[None], form.encode(), ids[form])
                 for form, level in wordfreq[language].items() if form in ids]
        found[language] = [number for _, _, number in sorted(words)[:most]]
    return found


def slot(number):
    return (number * 0x9E3779B1 & 0xFFFFFFFF) >> (32 - SLOT_BITS)


def slots(ids):
    """Rank by id, open addressing."""
    size = 1 << SLOT_BITS
    table = [EMPTY] * size
    for rank, number in enumerate(ids):
        at = slot(number)
        while table[at] != EMPTY:
            at = (at + 1) % size
        table[at] = rank
    return table


def section(ranks):
    head = [struct.pack("<I", len(ranks))]
    head += [struct.pack("<8sII", language.encode(), len(ids), 0) for language, ids in ranks.items()]
    body = [struct.pack(f"<{len(ids)}I", *ids) + struct.pack(f"<{1 << SLOT_BITS}H", *slots(ids)) for ids in ranks.values()]
    return b"".join(head + body)
