"""tables.py - the reviewed tables beside this file: sectors, families of languages, sectors and casings of single words."""
import pathlib

HERE = pathlib.Path(__file__).resolve().parent

LEXICOGRAPHER_FILES = (
    "adj.all adj.pert adv.all noun.Tops noun.act noun.animal noun.artifact noun.attribute noun.body noun.cognition noun.communication "
    "noun.event noun.feeling noun.food noun.group noun.location noun.motive noun.object noun.person noun.phenomenon noun.plant "
    "noun.possession noun.process noun.quantity noun.relation noun.shape noun.state noun.substance noun.time verb.body verb.change "
    "verb.cognition verb.communication verb.competition verb.consumption verb.contact verb.creation verb.emotion verb.motion "
    "verb.perception verb.possession verb.social verb.stative verb.weather adj.ppl").split()


def rows(name):
    lines = (HERE / name).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def sectors():
    """[(name, quadrant)] and {number of a lexicographer file: sector's index}."""
    names, of_file = [], {}
    for index, (quadrant, name, files) in enumerate(rows("sectors.tsv")):
        names.append((name, int(quadrant)))
        for file in files.split():
            if file != "-":
                of_file[LEXICOGRAPHER_FILES.index(file)] = index
    return names, of_file


def families():
    """[(name, quadrant or None, languages)]"""
    return [(name, None if quadrant == "-" else int(quadrant), [] if codes == "-" else codes.split())
            for quadrant, name, codes in rows("families.tsv")]


def words(name):
    """{word: label}"""
    return {word: label for label, line in rows(name) for word in line.split(" ")}


def casings():
    """{word: casing}, and the frequent German nouns."""
    labels = words("casing_words.tsv")
    fixed = {word: ("lower", "title", "upper").index(label) for word, label in labels.items() if label != "german"}
    return fixed, {word for word, label in labels.items() if label == "german"}


def irregular():
    """{form: base form}"""
    return {form: base for base, line in rows("irregular.tsv") for form in line.split(" ")}
