"""forms.py - what a canonical form is, and the class of each: words, numbers, symbols, blanks, emoji (docs/genom.md, "Classes").

A word is letters and combining marks (the first a letter) with ASCII apostrophes inside. Everything is NFC and lower case.
"""
import re
import sys
import unicodedata

(START, WORD, IDEO, NUMBER, COMMA, STOP, OPEN, CLOSE, QUOTE, TIE, DASH, EMOJI, PHRASE, BLANK, BYTE, CONTROL) = range(16)

CONTROLS = 16
# Scripts that put no spaces: Thai and Lao, Myanmar, Khmer, Kana, Han.
IDEO_RANGES = [(0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x19E0, 0x19FF), (0x3005, 0x3007), (0x3021, 0x3029),
               (0x3041, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F),
               (0xF900, 0xFAFF), (0xFF66, 0xFF9F), (0x20000, 0x323AF)]

SYMBOLS = {
    COMMA: ", ; : ، ؛ 、 ， ； ：",
    STOP: ". ! ? … 。 ！ ？ । ؟ .. ... .... ..... !! !!! !!!! !!!!! ?? ??? ???? ????? ?! !? ?!? !?! ……",
    OPEN: "( [ { ¿ ¡ „ “ « ‹ ‚ ‘ # $ £ € ¥ 「 『 《 〈 【 （ ［ (( [[ {{ $$ ##",
    CLOSE: ") ] } ” » › % ° ™ ® © ² ³ ¹ ª º ‰ ′ ″ 」 』 》 〉 】 ） ］ )) ]] }} () [] {}",
    QUOTE: "\" ` \"\" `` ```",
    TIE: "' ’ - / _ @ \\ ^ ‐ ‑ :// // :: '' __ \\\\ ../ ./ /* */",
    DASH: "– — -- --- ---- ----- & && + ++ = == === ==== * ** *** < > << >> <= >= != += -= -> <- => | || ~ ~~ ── ― − × ÷ ± · • § ¶ ¦ ¬ "
          "¢ ¤ ¨ ¯ ´ ¸ ¼ ½ ¾ → ← ↑ ↓ ↔ ⇒ ≈ ≠ ≤ ≥ ∞ √ ∑ ∂ ∆ ∈ ∅ ● ○ ■ □ ▪ ▲ ▼ ► ◄ ★ ☆ ✓ ✔ ✗ † ‡ № ¯ ＝ ＋ ～ ‖ ━ ─ │ ═ █ ░ ◆ ◇ ※ ♪",
    EMOJI: ":) :( ;) :-) :-( ;-) :/ :| :] :[ =) =( <3 </3 :)) :))) ^^ ^_^ -_- :'( >:( ¯\\_(ツ)_/¯",
}
BLANKS = [" " * n for n in range(1, 17)] + ["\n" * n for n in range(1, 5)] + ["\t" * n for n in range(1, 5)]
BLANKS += ["\r\n", "\r\n\r\n", "\r", "\u00a0", "\u3000", "\u202f", "\u2009"] + ["\n" + " " * n for n in range(1, 9)] + ["\n\t", "\n\t\t"]


def canonical(text):
    return unicodedata.normalize("NFC", text.lower())


def casing(spelled, lower):
    """0 lower, 1 first letter capital, 2 all capitals, None: another. A single capital letter is 1."""
    if spelled == lower:
        return 0
    if spelled[0] != lower[0] and spelled[1:] == lower[1:]:
        return 1
    return 2 if spelled.upper() == spelled and len(spelled) > 1 else None


def letter_ranges():
    """The inside of a regular expression's class: (letters, letters and marks)."""
    classes = {"L": [], "LM": []}
    for name, found in classes.items():
        begin = None
        for code in range(sys.maxunicode + 2):
            inside = code <= sys.maxunicode and unicodedata.category(chr(code))[0] in name
            if inside and begin is None:
                begin = code
            elif not inside and begin is not None:
                found.append(f"\\U{begin:08x}-\\U{code - 1:08x}")
                begin = None
    return "".join(classes["L"]), "".join(classes["LM"])


LETTER, LETTER_MARK = letter_ranges()
WORD_PATTERN = f"[{LETTER}][{LETTER_MARK}]*(?:'[{LETTER}][{LETTER_MARK}]*)*"
_word = re.compile(WORD_PATTERN).fullmatch
_ideo = re.compile("[" + "".join(f"\\U{a:08x}-\\U{b:08x}" for a, b in IDEO_RANGES) + "]")


def word_class(form):
    """WORD, IDEO, or None for what is no single word. A word mixes no script without spaces with one that has them."""
    if not _word(form):
        return None
    if not _ideo.search(form):
        return WORD
    return IDEO if len(_ideo.findall(form)) == len(form) else None


def symbol_forms():
    """Every token that is no word, number or phrase and is known by its own look: {form: class}."""
    forms = {form: cls for cls, row in SYMBOLS.items() for form in row.split()}
    forms.update((form, BLANK) for form in BLANKS)
    return forms


def number_forms():
    """1 to 4 digits, with zeros in front too: 11,110 of them."""
    return [str(value).zfill(width) for width in range(1, 5) for value in range(10 ** width)]


def byte_class(byte, symbols):
    """The class of a one-byte token."""
    char = chr(byte)
    if byte < 128 and char in symbols:
        return symbols[char]
    if "a" <= char <= "z":
        return WORD
    return NUMBER if "0" <= char <= "9" else BYTE
