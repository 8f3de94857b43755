"""tools/genom: its pieces on small inputs, and every promise of docs/genom.md about the finished file, where it has been built."""
import array
import math
import pathlib
import re
import struct
import subprocess
import sys
import unicodedata
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/genom"))

import container
import fast
import folds
import forms
import languages
import tables
import text

DICT = ROOT / "build/deps/genom/genom.dict"
PYTHON = ROOT / "build/deps/python/bin/python"
DOC = (ROOT / "docs/genom.md").read_text("utf-8")


class Hash(unittest.TestCase):
    def test_the_values_in_the_documentation(self):
        rows = re.findall(r"^\| `([0-9a-f]*)` \| `([0-9a-f]{16})` \| (\d+) \| (\d+) \|$", DOC, re.M)
        self.assertGreaterEqual(len(rows), 8)
        for form, value, slot, tag in rows:
            with self.subTest(form):
                found = container.form_hash(bytes.fromhex(form))
                self.assertEqual((f"{found:016x}", found % (1 << 21), found >> 52), (value, int(slot), int(tag)))

    def test_forms_of_one_slot_are_all_found(self):
        words = [b""] + [f"w{i}".encode() for i in range(3000)]
        table = container.hash_table(words)
        self.assertEqual(sum(slot != container.EMPTY for slot in table), 3000)
        for number, word in enumerate(words[1:], 1):
            self.assertEqual(container.lookup(table, word, words.__getitem__), number)
        self.assertIsNone(container.lookup(table, b"absent", words.__getitem__))


class File(unittest.TestCase):
    SECTIONS = {"AAAA": b"first", "BBBB": b"", "CCCC": bytes(100)}

    def test_checksum_of_the_standard(self):
        self.assertEqual(container.crc32c(b"123456789"), 0xE3069283)
        self.assertEqual(container.crc32c(bytes(32)), 0x8A9136AA)

    def test_table(self):
        data = container.assemble(self.SECTIONS, 7)
        self.assertEqual(struct.unpack_from("<8sIIQI", data), (b"GENOMDIC", 1, 3, len(data), 7))
        tag, crc, at, length = struct.unpack_from("<4sIQQ", data, 64)
        self.assertEqual((tag, crc, at, length), (b"AAAA", container.crc32c(b"first"), 192, 5))
        self.assertEqual(data[192:197], b"first")
        self.assertEqual({tag: bytes(part) for tag, part in container.read(data).items()}, self.SECTIONS)

    def test_any_changed_byte_is_noticed(self):
        data = container.assemble(self.SECTIONS, 7)
        for at in range(len(data)):
            changed = bytearray(data)
            changed[at] ^= 1
            with self.subTest(at), self.assertRaises((ValueError, struct.error)):
                container.read(bytes(changed))


class Forms(unittest.TestCase):
    def test_canonical_is_nfc_and_lower(self):
        self.assertEqual(forms.canonical("E\u0301TE\u0301"), "été")

    def test_words_keep_marks_and_inner_apostrophes(self):
        for word in ("don't", "हिन्दी", "žluťoučký", "x"):
            self.assertEqual(forms.word_class(word), forms.WORD, word)
        for word in ("你好", "ภาษา", "ひらがな"):
            self.assertEqual(forms.word_class(word), forms.IDEO, word)
        for other in ("", "'tis", "rock'", "a1", "ice cream", "a-b", "日本a", "\u0301a"):
            self.assertIsNone(forms.word_class(other), other)

    def test_casing(self):
        spelled = {"word": 0, "Word": 1, "WORD": 2, "wOrd": None, "I": 1, "McDonald": None, "Été": 1}
        for word, casing in spelled.items():
            self.assertEqual(forms.casing(word, word.lower()), casing, word)

    def test_numbers_and_symbols(self):
        self.assertEqual(len(set(forms.number_forms())), 11110)
        symbols = forms.symbol_forms()
        self.assertEqual([symbols[form] for form in (",", "...", "¿", "»", '"', "://", "–", "\r\n")],
                         [forms.COMMA, forms.STOP, forms.OPEN, forms.CLOSE, forms.QUOTE, forms.TIE, forms.DASH, forms.BLANK])
        for byte in range(33, 127):
            if not chr(byte).isalnum():
                self.assertNotEqual(forms.byte_class(byte, symbols), forms.BYTE, chr(byte))
        self.assertEqual([forms.byte_class(byte, symbols) for byte in b"a7A\0\xff\n"],
                         [forms.WORD, forms.NUMBER, forms.BYTE, forms.BYTE, forms.BYTE, forms.BLANK])

    def test_what_the_word_lists_folded(self):
        words = {"strasse": 373, "fluss": 500, "masse": 480, "massstab": 600, "schliessen": 450}
        folds.unfold_german(words, {"fluss", "masse", "maße", "straße"})
        self.assertEqual({form: words.get(form) for form in ("straße", "maße", "maßstab", "schließen", "fluss")},
                         {"straße": 373, "maße": 480, "maßstab": 600, "schließen": 450, "fluss": 500})
        self.assertGreater(words["strasse"], words["masse"] - 100)
        self.assertNotIn("fluß", words)
        greek = {"τησ": 200, "σ": 300}
        folds.unfold_greek(greek)
        self.assertEqual(greek, {"της": 200, "σ": 300})

    def test_tables_name_what_exists(self):
        names, of_file = tables.sectors()
        self.assertEqual(sorted(of_file), list(range(45)))
        known = {name for name, _ in names}
        self.assertEqual(set(tables.words("sector_words.tsv").values()) - known, set())
        self.assertEqual({quadrant for _, quadrant in names}, {1, 2, 3, 4})
        self.assertEqual((tables.words("sector_words.tsv")["hello"], tables.words("sector_words.tsv")["world"]), ("social", "concept"))
        self.assertEqual(set(languages.LANGUAGES) - {code for _, _, codes in tables.families() for code in codes}, set())


class Pieces(unittest.TestCase):
    def setUp(self):
        classes = dict(forms.symbol_forms(), hello=forms.WORD, world=forms.WORD, don=forms.WORD, it=forms.WORD)
        self.cutter = text.Cutter(classes)

    def cut(self, line):
        return [(piece.form, piece.known, piece.casing, piece.space) for piece in self.cutter.pieces(line)]

    def test_sentence(self):
        self.assertEqual(self.cut("Hello WORLD... 12345 xyZ"),
                         [("hello", True, 1, False), ("world", True, 2, True), ("...", True, 0, False), ("1234", True, 0, True),
                          ("5", True, 0, False), ("xyZ", False, 0, True)])

    def test_unknown_word_is_cut_at_its_apostrophe(self):
        self.assertEqual([form for form, *_ in self.cut("don'it")], ["don", "'", "it"])

    def test_before(self):
        before = text.Before()
        self.assertEqual((before.symbol_context(), before.case_context(0)), (0, 3))
        seen = []
        for piece in self.cutter.pieces("Hello, world.\n"):
            before.pass_over(piece)
            seen.append((before.symbol_context(), before.case_context(1)))
        self.assertEqual(seen, [(2, 7), (4, 7), (1, 6), (5, 9), (6, 9)])


class Statistics(unittest.TestCase):
    def test_bounds_are_the_documented_ones(self):
        printed = [int(value) for value in re.search(r"^((?:\d+, )+\d+)\.?$", DOC.replace(",\n", ", "), re.M)[1].split(", ")]
        self.assertEqual(printed, fast.BOUNDS)
        for i, bound in enumerate(fast.BOUNDS):
            self.assertTrue(bound ** 4 <= 128 ** 4 << i < (bound + 1) ** 4)

    def test_bucket(self):
        for value in list(range(128, 3000)) + [fast.BOUNDS[i] + off for i in range(40, 52) for off in (-1, 0)]:
            i = fast.bucket(value)
            self.assertTrue(fast.BOUNDS[i] <= value < fast.BOUNDS[i + 1])

    def test_symbols(self):
        self.assertEqual([fast.word_symbol(900_000, rank) for rank in (0, 127, 128, 65534)], [160, 287, 288, 323])
        self.assertEqual([fast.word_symbol(number, None) for number in (255, 256, 999_999)], [324, 325, 372])
        plain = [("7", forms.NUMBER), ("0123", forms.NUMBER), ("2024", forms.NUMBER), (".", forms.STOP)]
        self.assertEqual([fast.plain_symbol(form, cls, 5) for form, cls in plain], [2, 5, 6, 78])
        can = fast.possible(200)
        self.assertEqual([can[i] for i in (0, 6, 7, 31, 32 + 65, 32 + 33, 287, 290, 291, 372, 373)],
                         [True, True, False, False, False, True, True, True, False, True, False])

    def test_quantised_sums(self):
        for weights in ([0.0] * 5, [1.0, 0.0, 1e9, 3.0, 0.5], [1e-9] * 5):
            parts = fast.quantise(weights, [True, True, True, False, True])
            self.assertEqual((sum(parts), parts[3], min(parts[:3]) >= 1), (1 << 15, 0, True))


class Numeric(unittest.TestCase):
    def test_parts_that_need_numpy(self):
        done = subprocess.run([PYTHON, "-m", "unittest", "-q", ROOT / "tests/tools/genom_numeric.py"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"Ran [1-9]\d* tests")


class Built(unittest.TestCase):
    """What a reader relies on."""

    @classmethod
    def setUpClass(cls):
        cls.data = DICT.read_bytes()
        cls.part = container.read(cls.data)
        offsets, strings = cls.part["OFFS"].cast("I"), bytes(cls.part["STRS"])
        cls.count = len(offsets) - 1
        cls.forms = [strings[offsets[i]:offsets[i + 1]] for i in range(cls.count)]
        cls.total = offsets[cls.count]

    def test_size_and_count(self):
        self.assertEqual(self.count, 1_000_000)
        self.assertLessEqual(len(self.data), 64_000_000)
        self.assertEqual(self.total, len(self.part["STRS"]))
        self.assertEqual(len(set(self.forms[16:])), self.count - 16)
        self.assertEqual(set(self.forms[:16]), {b""})
        self.assertEqual([len(self.part[tag]) for tag in ("KIND", "SECT", "INFO", "POSN", "RING")],
                         [self.count, self.count, 2 * self.count, 4 * self.count, 4 * self.count])

    def test_every_form_is_found(self):
        table = array.array("I", bytes(self.part["HASH"]))
        self.assertEqual(table, array.array("I", container.hash_table(self.forms)))
        for number in range(16, self.count, 37):
            self.assertEqual(container.lookup(table, self.forms[number], self.forms.__getitem__), number)

    def test_forms_are_canonical_and_of_their_class(self):
        kind, symbols, known = self.part["KIND"], forms.symbol_forms(), set(self.forms)
        self.assertTrue(all(bytes([byte]) in known for byte in range(256)))
        for number in range(16, self.count):
            form, cls = self.forms[number], kind[number] & 15
            if cls == forms.BYTE:
                self.assertEqual(len(form), 1)
                continue
            word = form.decode()
            if cls in (forms.WORD, forms.IDEO, forms.PHRASE):
                self.assertEqual(unicodedata.normalize("NFC", word), word)
            if cls in (forms.WORD, forms.IDEO):
                self.assertEqual(forms.word_class(word), cls)
                self.assertEqual(word.lower(), word)
            elif cls not in (forms.EMOJI, forms.PHRASE, forms.NUMBER):
                self.assertEqual(symbols[word], cls)
        self.assertEqual(sum(kind[number] & 15 == forms.PHRASE for number in range(self.count)), 50_000)
        self.assertEqual({kind[number] & 15 for number in range(self.count)} | {forms.START}, set(range(16)))

    def test_ids_are_ranks(self):
        info = self.part["INFO"].cast("H")
        self.assertTrue(all(info[i] <= info[i + 1] for i in range(16, self.count - 1)))
        sum_of_shares = sum(2.0 ** (-value / 1024) for value in info)
        self.assertTrue(0.99 < sum_of_shares < 1.01, sum_of_shares)

    def test_ring_and_arcs(self):
        ring, position, sector = self.part["RING"].cast("I"), self.part["POSN"].cast("I"), self.part["SECT"]
        self.assertEqual(len(set(ring)), self.count)
        self.assertTrue(all(position[number] == at for at, number in enumerate(ring)))
        at, names = 0, {}
        for i, (name, quadrant, first, count) in enumerate(struct.iter_unpack("<20sIII", self.part["ARCS"])):
            names[name.rstrip(b"\0").decode()] = i
            self.assertEqual(first, at)
            self.assertTrue((quadrant - 1) * self.count // 4 <= first and first + count <= quadrant * self.count // 4)
            self.assertTrue(all(sector[ring[place]] == i for place in range(first, first + count)))
            at += count
        self.assertEqual(at, self.count)
        self.assertLessEqual(len(names), 64)
        ids = {form: number for number, form in enumerate(self.forms)}
        for word, name in (("hello", "social"), ("world", "concept"), ("cat", "nature"), ("prague", "place"), ("run", "motion"),
                           ("went", "motion"), ("iphone", "artifact"), ("andreas", "social"), ("že", "czech")):
            self.assertEqual(sector[ids[word.encode()]], names[name], word)

    def test_vectors(self):
        rows, dimensions = struct.unpack_from("<II", self.part["VECS"])
        ids, kind = self.part["VECS"][8:8 + 4 * rows].cast("I"), self.part["KIND"]
        self.assertEqual(list(ids), [number for number in range(self.count) if kind[number] & 128])
        values = self.part["VECS"][8 + 4 * rows:].cast("b")
        self.assertEqual(len(values), rows * dimensions)
        for row in range(0, rows, 997):
            length = math.sqrt(sum(value * value for value in values[row * dimensions:(row + 1) * dimensions]))
            self.assertTrue(122 < length < 132, length)

    def test_languages(self):
        part, kind = self.part["LANG"], self.part["KIND"]
        count, = struct.unpack_from("<I", part)
        heads = [struct.unpack_from("<8sII", part, 4 + 16 * i) for i in range(count)]
        self.assertEqual(heads[0][0], b"en\0\0\0\0\0\0")
        self.assertLessEqual(count, 16)
        at = 4 + 16 * count
        for code, ranks, _ in heads:
            ids, slots = part[at:at + 4 * ranks].cast("I"), part[at + 4 * ranks:at + 4 * ranks + (2 << 17)].cast("H")
            at += 4 * ranks + (2 << 17)
            self.assertLessEqual(ranks, 65535)
            self.assertEqual(len(set(ids)), ranks, code)
            self.assertTrue(all(kind[number] & 15 in (forms.WORD, forms.IDEO) for number in ids))
            self.assertEqual(list(slots), languages.slots(ids), code)
        self.assertEqual(at, len(part))

    def test_frequencies(self):
        part = self.part["FAST"].cast("H")
        count, = struct.unpack_from("<I", self.part["LANG"])
        for row in range(256):
            self.assertEqual((sum(part[256 * row:256 * row + 256]), min(part[256 * row:256 * row + 256]) > 0), (1 << 15, True))
        at = 65536
        self.assertEqual((sum(part[at:at + 64]), min(part[at:at + 64]) > 0), (1 << 15, True))
        at += 64
        for i in range(count):
            can = fast.possible(struct.unpack_from("<8sII", self.part["LANG"], 4 + 16 * i)[1])
            for _ in range(8):
                self.assertEqual(sum(part[at:at + 384]), 1 << 15)
                self.assertEqual([value > 0 for value in part[at:at + 384]], can)
                at += 384
            self.assertTrue(all(1 <= value <= 32767 for value in part[at:at + 256]))
            at += 256
            for _ in range(18):
                self.assertEqual((sum(part[at:at + 3]), min(part[at:at + 3]) > 0), (1 << 15, True))
                at += 3
        self.assertEqual(at, len(part))


if __name__ == "__main__":
    unittest.main()
