"""sectors.py - the sector of every token, and whether it was inferred.

    reviewed table  >  WordNet's first sense  >  the same of a word's base form  >  name of a person or place
    >  inferred from the vector  >  language

The last are the words of which nothing says what they mean: they lie in arcs named after their language.
"""
import numpy as np

import forms
import tables
from forms import PHRASE, WORD

ENDINGS = [("'s", ""), ("s", ""), ("es", ""), ("ies", "y"), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("er", ""), ("est", ""),
           ("ly", ""), ("ier", "y"), ("iest", "y")]
# Words by which the others are judged, and the ridge that keeps the fit calm.
TAUGHT, RIDGE = 60_000, 1 << 20
BIAS, WEIGHT = 127, 1 << 20
# An English word may be so much rarer in English than in another language and still mean what it means in English: one
# that WordNet never met in texts, any other that it knows, one that only a list has.
SLACK_UNMET, SLACK_MET, SLACK_LISTED = 200, 250, 150


IRREGULAR = tables.irregular()


def base_form(word, lemmas):
    """The form of WordNet that a word is an inflexion of, or None."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    for ending, instead in ENDINGS:
        stem = word[:-len(ending)]
        if word.endswith(ending) and len(stem) > 1 and stem + instead in lemmas:
            return stem + instead
    if len(word) > 5 and word.endswith(("ing", "ed")):
        stem = word[:-3] if word.endswith("ing") else word[:-2]
        if stem[-1] == stem[-2] and stem[:-1] in lemmas:
            return stem[:-1]
    return None


def solve(matrix, sides):
    """Gauss with pivots on plain floats: X with matrix · X = sides."""
    n = len(matrix)
    rows = [left[:] + right[:] for left, right in zip(matrix, sides)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda k: (abs(rows[k][i]), -k))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        head = rows[i]
        for k in range(n):
            if k != i and rows[k][i] != 0.0:
                factor = rows[k][i] / head[i]
                rows[k] = [x - factor * y for x, y in zip(rows[k], head)]
    return [[value / rows[i][i] for value in rows[i][n:]] for i in range(n)]


def learn(rows, labels, count):
    """Integer weights of a ridge regression from vectors to sectors."""
    inputs = np.hstack([rows, np.full((len(rows), 1), BIAS, dtype=np.int64)])
    squares = inputs.T @ inputs
    targets = np.zeros((len(rows), count), dtype=np.int64)
    targets[np.arange(len(rows)), labels] = 1
    sides = inputs.T @ targets
    matrix = [[float(x) for x in row] for row in squares.tolist()]
    for i in range(len(matrix)):
        matrix[i][i] += RIDGE
    weights = solve(matrix, [[float(x) for x in row] for row in sides.tolist()])
    return np.array([[int(np.floor(x * WEIGHT * 1024 + 0.5)) for x in row] for row in weights], dtype=np.int64)


def infer(weights, rows):
    inputs = np.hstack([rows, np.full((len(rows), 1), BIAS, dtype=np.int64)])
    return (inputs @ weights).argmax(axis=1)


class Sectors:
    """names: [(name, quadrant or None)]; of: index by id; inferred: by id; meaningful: how many have a meaning."""

    def __init__(self, tokens, wordnet, nouns, english, vector_ids, vectors):
        meanings, self.of_file = tables.sectors()
        families = tables.families()
        self.names = meanings + [(name, quadrant) for name, quadrant, _ in families]
        self.meaningful = len(meanings)
        self.index = {name: i for i, (name, _) in enumerate(self.names)}
        self.of_language = {language: self.index[name] for name, _, languages in families for language in languages}
        self.wordnet, self.nouns, self.english = wordnet, nouns, english
        self.reviewed = {word: self.index[label] for word, label in tables.words("sector_words.tsv").items()}
        self.of = [self.known(token) for token in tokens]
        self.inferred = [False] * len(tokens)
        self.infer_rest(tokens, vector_ids, vectors)
        for number, token in enumerate(tokens):
            if self.of[number] is None:
                self.of[number] = self.of_language[token.language]
                self.inferred[number] = True

    def known(self, token):
        fixed = {forms.CONTROL: "control", forms.BYTE: "bytes", forms.NUMBER: "numbers", forms.EMOJI: "emoji"}
        if token.cls in fixed:
            return self.index[fixed[token.cls]]
        if token.cls not in (WORD, forms.IDEO, PHRASE):
            return self.index["symbols"]
        form, lemmas = token.form.decode(), self.wordnet.lemmas
        if form in self.reviewed:
            return self.reviewed[form]
        if token.cls == PHRASE or self.english(form):
            base = form if form in lemmas else base_form(form, lemmas)
            if base:
                return self.of_file[lemmas[base][0][3]]
        return self.name(form) if token.language in ("en", "de") else None

    def name(self, form):
        """The sector of a name in the list of German nouns, or None: a name there need not be a name elsewhere."""
        if form in self.nouns.common or form in self.wordnet.lemmas:
            return None
        return self.index["social"] if form in self.nouns.persons else self.index["place"] if form in self.nouns.places else None

    def infer_rest(self, tokens, ids, vectors):
        taught = [(i, self.of[number]) for i, number in enumerate(ids) if self.of[number] is not None][:TAUGHT]
        weights = learn(vectors[[i for i, _ in taught]], [label for _, label in taught], self.meaningful)
        guesses = infer(weights, vectors).tolist()
        for number, guess in zip(ids, guesses):
            if self.of[number] is None and self.english(tokens[number].form.decode()):
                self.of[number], self.inferred[number] = guess, True


def english_test(wordfreq, wordnet):
    """english(form): may the word be taken for an English one?"""
    english = wordfreq["en"]
    others = [words for language, words in sorted(wordfreq.items()) if language != "en"]

    def test(form):
        senses = wordnet.lemmas.get(form)
        level = english.get(form)
        if level is None:
            return senses is not None and not any(form in words for words in others)
        slack = SLACK_LISTED if senses is None else SLACK_MET if senses[0][0] else SLACK_UNMET
        return all(level <= words.get(form, 9999) + slack for words in others)

    return test
