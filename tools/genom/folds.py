"""folds.py - gives words back what their list has folded away: German ß (written ss there) and the Greek final sigma."""
import re

# Stems whose ss is ß; the first letters of a compound may stand before them. Where both spellings are words (Masse, Maße) the
# list of German nouns decides, not this one.
ESZETT = ("gross gröss weiss heiss ausser äusser draussen bloss strasse strässchen fuss füss fliess schliess giess geniess schiess stoss "
          "stöss süss mässig massnahm massgeb massstab gruss grüss spass dreissig beiss zerreiss reissen reisst scheiss schweiss fleiss "
          "strauss hiess liess stiess gemäss gefäss preuss spiess griess schliess aussen entblöss").split()
WHOLE = "sass sassen besass besassen vergass vergassen mass grosse weiss".split()
SWISS = 70
_stem = re.compile("|".join(ESZETT))


def eszett(form):
    """The spelling with ß of a folded German word that has one of the stems, else None."""
    if form in WHOLE:
        return form.replace("ss", "ß")
    changed = _stem.sub(lambda match: match[0][::-1].replace("ss", "ß", 1)[::-1] if match[0] != "massstab" else "maßstab", form)
    return changed if changed != form else None


def unfold_german(words, nouns):
    """words: {form: centibels}, changed in place. nouns: German nouns as they are spelled."""
    with_eszett = {form.replace("ß", "ss"): form for form in sorted(nouns) if "ß" in form}
    for form, level in sorted(words.items()):
        if "ss" not in form:
            continue
        better = with_eszett.get(form) or eszett(form)
        if better:
            words[better] = min(words.get(better, 9999), level)
            words[form] = level + (30 if form in nouns else SWISS)


def unfold_greek(words):
    for form in [form for form in words if form.endswith("σ") and len(form) > 1]:
        level = words.pop(form)
        words[form[:-1] + "ς"] = min(words.get(form[:-1] + "ς", 9999), level)
