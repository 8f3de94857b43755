"""Tests that a page names: `test_x.py`, `test_x.py: test_y` or `room/test_x.c: what_happens`, below tests/."""
import pathlib
import re

TESTS = pathlib.Path(__file__).resolve().parents[1]
FOLDERS = ("unit", "e2e", "fault", "tools")


def tests(text):
    """(file, test or "") of each"""
    return re.findall(r"`([^`:]+)(?:: ([^`]+))?`", text)


def missing(text):
    """Those that do not exist."""
    lost = []
    for file, test in tests(text):
        found = [path for folder in FOLDERS for path in [TESTS / folder / file] if path.is_file()]
        declared = "\n".join(path.read_text() for path in found)
        if not found or test and not re.search(rf"(def {test}\(|void {test}\(|'{re.escape(test)}')", declared):
            lost.append(f"{file}: {test}")
    return lost
