#!/usr/bin/env python3
"""Measures the intents of genom on messages labelled apart from the rules (tests/eval/intents.tsv says how).

    intents.py [--command "PROGRAM ARGUMENTS"]

The program, build/genom-intents if none is named, reads messages from its standard input, one a line, and prints a line
"name<TAB>confidence" for each. Printed are, overall and for each language, the share it names right, and what was taken
for what; the figures go to bench/results/intents.json, with a row for each message that names it by its line alone.

Nothing here prints a message: who saw which ones were missed would tune on them, and the set would measure no more. Ends
with 1 if a goal is missed. Only the standard library is used.
"""
import argparse
import collections
import math
import pathlib
import resource
import shlex
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "bench"))
from measure import Group  # noqa: E402

SET = HERE / "intents.tsv"
PROGRAM = "build/genom-intents"
TIMEOUT_S = 60
TIMES, REPEATS = 1000, 5
INTENTS = ["greeting", "farewell", "thanks", "question", "request", "statement", "affirm", "deny", "alert", "apology"]
LANGUAGES = {"en": "English", "cs": "Czech", "de": "German", "es": "Spanish"}
GOAL = ">= 0.85"
GOALS = {"en": ">= 0.9"}


def load():
    """The labelled messages; a line that is none ends the program, as it would shift every label below it."""
    rows = []
    with open(SET, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.startswith("#"):
                continue
            fields = line.rstrip("\n").split("\t")
            if len(fields) != 3 or fields[0] not in LANGUAGES or fields[1] not in INTENTS or not fields[2].strip():
                sys.exit(f"intents: {SET.name}:{number}: not language, intent, message")
            rows.append({"line": number, "language": fields[0], "intent": fields[1], "message": fields[2]})
    return rows


def classify(command, rows):
    """Adds what the program takes each message for and how sure it is."""
    text = "".join(row["message"] + "\n" for row in rows)
    try:
        done = subprocess.run(shlex.split(command), cwd=ROOT, input=text.encode(), stdout=subprocess.PIPE, check=True,
                              timeout=TIMEOUT_S)
    except (OSError, subprocess.SubprocessError) as error:
        sys.exit(f"intents: {error}")
    lines = done.stdout.decode().splitlines()
    if len(lines) != len(rows):
        sys.exit(f"intents: {len(rows)} messages, {len(lines)} answers")
    for number, (row, line) in enumerate(zip(rows, lines), 1):
        name, _, confidence = line.partition("\t")
        try:
            row["guess"], row["confidence"] = name, float(confidence)
        except ValueError:
            row["confidence"] = math.nan
        if name not in INTENTS or not 0 <= row["confidence"] <= 1:
            sys.exit(f"intents: answer {number} is no name<TAB>confidence: {line!r}")


def microseconds(command, rows):
    """Processor time a message, with reading it and writing the answer: the whole set many times over."""
    text = "".join(row["message"] + "\n" for row in rows).encode() * TIMES
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(shlex.split(command), cwd=ROOT, input=text, stdout=subprocess.DEVNULL, check=True, timeout=TIMEOUT_S)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1e6 / (len(rows) * TIMES)


def accuracy(rows):
    return sum(row["guess"] == row["intent"] for row in rows) / len(rows)


def confusion(rows):
    """How often each labelled intent was taken for each; the last column and row are recall and precision."""
    count = collections.Counter((row["intent"], row["guess"]) for row in rows)
    short = [name[:6] for name in INTENTS]
    print(f"\n{'labelled, taken for':20}" + "".join(f"{name:>8}" for name in short + ["found"]))
    for label in INTENTS:
        total = sum(count[label, guess] for guess in INTENTS)
        cells = "".join(f"{count[label, guess] or '.':>8}" for guess in INTENTS)
        print(f"{label:20}{cells}{share(count[label, label], total):>8}")
    right = (share(count[guess, guess], sum(count[label, guess] for label in INTENTS)) for guess in INTENTS)
    print(f"{'right when named':20}" + "".join(f"{part:>8}" for part in right))


def share(part, total):
    return f"{part / total:.2f}" if total else "-"


def figures(rows, command):
    """A group of results (bench/README.md), printed as it grows."""
    repeat = "python3 tests/eval/intents.py"
    group = Group("intents", repeat if command == PROGRAM else f"{repeat} --command {shlex.quote(command)}")
    group.add(f"intents named right, of {len(rows)} messages", [accuracy(rows)], "", GOAL)
    for language, name in LANGUAGES.items():
        part = [row for row in rows if row["language"] == language]
        group.add(f"intents named right, of {len(part)} in {name}", [accuracy(part)], "", GOALS.get(language))
    group.add("processor time of a message", [microseconds(command, rows) for _ in range(REPEATS)], "us", "<= 2")
    group.samples = [{key: value for key, value in row.items() if key != "message"} for row in rows]
    return group


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", default=PROGRAM, help="what to measure, run in the root of the repository")
    args = parser.parse_args()
    rows = load()
    classify(args.command, rows)
    group = figures(rows, args.command)
    confusion(rows)
    print()
    group.write()
    return 1 if any(figure["ok"] is False for figure in group.figures) else 0


if __name__ == "__main__":
    sys.exit(main())
