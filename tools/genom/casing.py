"""casing.py - how a word is usually spelled: in lower case, with a capital, in capitals.

A word is judged where it is at home: by texts of that language, which show it inside sentences; an English one else by
WordNet's spelling, a German one by the list of nouns. Elsewhere only names have capitals.
"""
import forms
import tables
import text

SEEN_LEAST = 3
# The list of nouns has the frequent words too, small ones included ("das Wenn"): these are nouns only if the reviewed list says so.
GERMAN_COMMON = 1000
# A word that is at home elsewhere and so frequent is no name, though a name may be spelled like it.
NAME_COMMONEST, NAME_UNSEEN = 440, 480


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
    def __init__(self, seen, wordnet, nouns, german):
        """seen: {language: counts}; nouns: sources.GermanNouns; german: its word list."""
        self.seen, self.wordnet, self.nouns, self.german = seen, wordnet, nouns, german
        self.reviewed, self.german_nouns = tables.casings()
        self.names = nouns.persons | nouns.places
        self.german_forms = nouns.common | self.names
        ranked = sorted(german.items(), key=lambda item: (item[1], item[0]))
        self.german_common = {form for form, _ in ranked[:GERMAN_COMMON]}

    def usual(self, token):
        form = token.form.decode()
        if form in self.reviewed:
            return self.reviewed[form]
        if token.language == "de":
            return self.usual_german(form)
        found = from_counts(self.seen.get(token.language, {}).get(form))
        if found is not None:
            return found
        return self.usual_by_spelling(form) if token.language == "en" else int(self.is_name(form, token.score))

    def usual_by_spelling(self, form):
        spelled = self.wordnet.capitals.get(form)
        if spelled:
            return forms.casing(spelled, form) or 0
        return int(form in self.names and form not in self.wordnet.lemmas and form not in self.nouns.common)

    def usual_german(self, form):
        if form in self.german_common:
            return int(form in self.german_nouns)
        found = from_counts(self.seen["de"].get(form))
        if found is not None:
            return found
        # Infinitives that are nouns' plurals too (Fragen) stand in lower case more often.
        verb = form.endswith("en") and form[:-2] + "t" in self.german and form[:-2] + "te" in self.german
        return int(form in self.german_forms and not verb)

    def is_name(self, form, score):
        """A name by English texts, or by WordNet if it is rare enough."""
        lower, title, _ = self.seen["en"].get(form, (0, 0, 0))
        by_spelling = score >= NAME_UNSEEN and forms.casing(self.wordnet.capitals.get(form, form), form) == 1
        return score >= NAME_COMMONEST and (title >= 2 and title > lower or by_spelling and lower == 0)
