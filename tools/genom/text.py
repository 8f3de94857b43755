"""text.py - cuts texts into pieces as the encoder does (docs/genom.md), for statistics.

It need not agree with the encoder in every corner: only the frequencies must be sound.
"""
import dataclasses
import re

import forms
from forms import WORD

# What stood before changes the sentence's beginning or leaves it.
KEEPS_SENTENCE = {forms.OPEN, forms.QUOTE, forms.CLOSE, forms.EMOJI}
SYMBOL_CONTEXT = [0, 1, 7, 3, 4, 5, 6, 7, 6, 6, 4, 7, 1, 6, 7, 7]


@dataclasses.dataclass(slots=True)
class Piece:
    form: str      # canonical, or as spelled where no token stands for it
    known: bool
    cls: int
    casing: int
    space: bool    # one stands before it


@dataclasses.dataclass(slots=True)
class Before:
    """What the statistics remember of the pieces before."""
    cls: int = forms.START
    casing: int = 0
    sentence: bool = True

    def pass_over(self, piece):
        self.cls = piece.cls
        if piece.cls == forms.STOP:
            self.sentence = True
        elif piece.cls == forms.BLANK:
            self.sentence |= "\n" in piece.form
        elif piece.cls not in KEEPS_SENTENCE:
            if piece.cls == WORD:
                self.casing = piece.casing
            self.sentence = False

    def symbol_context(self):
        context = SYMBOL_CONTEXT[self.cls]
        return 2 if context == 1 and self.casing else context

    def case_context(self, usual):
        return 6 * usual + 3 * self.sentence + self.casing


class Cutter:
    """classes: {form: class} of the tokens, or of the symbols alone when words are not known yet (then every word is)."""

    def __init__(self, classes, words_known=True):
        self.classes, self.words_known = classes, words_known
        looks = sorted((form for form, cls in classes.items() if cls not in (WORD, forms.IDEO, forms.NUMBER, forms.PHRASE, forms.BYTE)),
                       key=lambda form: (-len(form), form))
        ascii_looks = [form for form in looks if form.isascii()]
        self.starts = {form[0] for form in looks if not form.isascii()}
        self.longest = max((len(form) for form in looks if not form.isascii()), default=1)
        self.pattern = re.compile(f"({forms.WORD_PATTERN})|([0-9]{{1,4}})|({'|'.join(map(re.escape, ascii_looks))})|(.)", re.S).match
        self.folded = {}

    def word(self, spelled):
        """(form, known, casing)"""
        if spelled not in self.folded:
            lower = spelled.lower()
            casing = forms.casing(spelled, lower)
            known = casing is not None and (not self.words_known or self.classes.get(lower) in (WORD, forms.IDEO))
            self.folded[spelled] = (lower, True, casing) if known else (spelled, False, 0)
        return self.folded[spelled]

    def beyond_ascii(self, text, at):
        """The longest symbol or emoji that stands there."""
        if text[at] in self.starts:
            for size in range(min(self.longest, len(text) - at), 0, -1):
                if text[at:at + size] in self.classes:
                    return text[at:at + size]
        return text[at]

    def pieces(self, text):
        at, space, end = 0, False, len(text)
        while at < end:
            if text[at] == " " and 0 < at < end - 1 and text[at + 1] not in " \n\t\r" and not space:
                space = True
                at += 1
            match = self.pattern(text, at)
            word, number, look, other = match.groups()
            at = match.end()
            if word is not None:
                form, known, casing = self.word(word)
                if not known and "'" in word:
                    form, known, casing = self.word(word[:word.index("'")])
                    at = match.start() + word.index("'")
                yield Piece(form, known, self.classes.get(form, WORD) if known else WORD, casing, space)
            elif number is not None:
                yield Piece(number, True, forms.NUMBER, 0, space)
            elif look is not None:
                yield Piece(look, True, self.classes[look], 0, space)
            else:
                form = self.beyond_ascii(text, at - 1)
                at += len(form) - 1
                cls = self.classes.get(form)
                yield Piece(form, cls is not None, WORD if cls is None else cls, 0, space)
            space = False
