"""casing.py - how a word is usually spelled: in lower case, with a capital, in capitals.

Texts tell where they have the word inside sentences; else WordNet's spelling, German nouns, and names known to either.
"""
import forms
import text

SEEN_LEAST = 3
# German words so frequent are no nouns unless a text or the reviewed list says so.
GERMAN_COMMON = 300


def count(cutter, texts):
    """{form: [lower, title, upper]} inside sentences."""
    found = {}
    for line in texts:
        before = text.Before()
        for piece in cutter.pieces(line):
            if piece.cls == forms.WORD and piece.known and not before.sentence:
                found.setdefault(piece.form, [0, 0, 0])[piece.casing] += 1
            before.pass_over(piece)
    return found


def from_counts(seen):
    """The usual casing, or None where a text says too little."""
    if not seen or sum(seen) < SEEN_LEAST:
        return None
    return max(range(3), key=lambda casing: (seen[casing], -casing))


class Spelling:
    def __init__(self, english, german, wordnet, nouns, wordfreq, reviewed):
        """english, german: counts of texts; nouns: German nouns and names; reviewed: {form: casing}."""
        self.english, self.german, self.wordnet, self.nouns, self.reviewed = english, german, wordnet, nouns, reviewed
        self.levels = {language: wordfreq[language] for language in ("en", "de")}
        self.others = [words for language, words in sorted(wordfreq.items()) if language not in ("en", "de")]
        ranked = sorted(wordfreq["de"].items(), key=lambda item: (item[1], item[0]))
        self.german_common = {form for form, _ in ranked[:GERMAN_COMMON]}

    def usual(self, form):
        if form in self.reviewed:
            return self.reviewed[form]
        found = from_counts(self.english.get(form))
        german = self.is_german(form)
        if found is not None and not german:
            return found
        if german:
            seen = from_counts(self.german.get(form))
            if seen is not None:
                return seen
            if form in self.nouns and form not in self.german_common:
                return 1
        spelled = self.wordnet.capitals.get(form)
        return (forms.casing(spelled, form) or 0) if spelled else 0

    def is_german(self, form):
        """More at home in German than in English and in each other language."""
        level = self.levels["de"].get(form)
        return level is not None and level < self.levels["en"].get(form, 9999) and all(level <= words.get(form, 9999) for words in self.others)
