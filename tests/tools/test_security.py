"""docs/security.md answers every requirement, and the tests that it names exist."""
import pathlib
import re
import unittest

import named

ROOT = pathlib.Path(__file__).resolve().parents[2]
# How many requirements of levels 1 and 2 each section of ASVS 5.0 has; they are the first of it.
SECTIONS = {"6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
            "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
            "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3}


def rows():
    """(the requirements, what is shown by) of each row of the table"""
    text = (ROOT / "docs/security.md").read_text()
    for line in text[text.index("| ASVS 5.0 |"):].splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        ids = re.findall(r"\d+\.\d+\.\d+", cells[0])
        if " to " in cells[0]:
            section, first, last = ids[0].rpartition(".")[0], ids[0].rpartition(".")[2], ids[1].rpartition(".")[2]
            ids = [f"{section}.{n}" for n in range(int(first), int(last) + 1)]
        yield ids, cells[2]


def attacks():
    """(what is tried, what is shown by) of each row of the table of attacks"""
    text = (ROOT / "docs/security.md").read_text()
    for line in text[text.index("| attack |"):text.index("## Requirement")].strip().splitlines()[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


class Security(unittest.TestCase):
    def test_every_requirement_has_one_answer(self):
        wanted = [f"{section}.{n}" for section, count in SECTIONS.items() for n in range(1, count + 1)]
        self.assertEqual(sorted(id for ids, _ in rows() for id in ids), sorted(wanted))

    def test_the_tests_that_are_named_exist(self):
        for what, shown in [*((ids[0], shown) for ids, shown in rows()), *attacks()]:
            with self.subTest(what):
                self.assertTrue(named.tests(shown) or shown.startswith("–"), shown)
                self.assertEqual(named.missing(shown), [])


if __name__ == "__main__":
    unittest.main()
