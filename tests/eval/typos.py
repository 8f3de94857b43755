#!/usr/bin/env python3
"""Measures what a slip of the finger costs: the questions of tests/eval, and the same with one word of each mistyped.

    typos.py [--data FOLDER] [--misses]

A word of five or more small letters gets two letters in the wrong order, one too many, one too few, or a neighbour on the
keyboard; always the same ones, thrown by dice with a seed. No server may run on the folder (build/eval, which `make eval`
fills). Refused are questions that the documents answer; changed are words of questions that nobody mistyped. Results go to
bench/results/typos.json.
"""
import argparse
import pathlib
import random
import re
import subprocess

from eval import GIVEN, ROOT, SETS, Group, load, threshold

SEED = 7
NEIGHBOURS = {"a": "sq", "c": "xv", "d": "sf", "e": "rw", "g": "fh", "h": "gj", "i": "ou", "l": "ko", "m": "n", "n": "mb", "o": "pi",
              "p": "o", "r": "te", "s": "ad", "t": "ry", "u": "yi"}


def slip(word, dice):
    kind, i = dice.choice("swap drop near twice".split()), dice.randrange(1, len(word) - 1)
    if kind == "swap" and word[i] != word[i + 1]:
        return word[:i] + word[i + 1] + word[i] + word[i + 2:]
    if kind == "drop":
        return word[:i] + word[i + 1:]
    if kind == "near":
        return word[:i] + dice.choice(NEIGHBOURS.get(word[i], "e")) + word[i + 1:]
    return word[:i] + word[i] + word[i:]


def mistype(question, dice):
    """None: it has no word for that."""
    words = [m for m in re.finditer(r"[a-zA-Z]{5,}", question) if m.group().islower()]
    if not words:
        return None
    word = dice.choice(words)
    return question[:word.start()] + slip(word.group(), dice) + question[word.end():]


def judge(args, questions):
    """(share refused, the questions that were read as others) of questions; `questions` are (class, documents, fact, text)."""
    build = ROOT / "build"
    given = [build / "deps" / part for part in GIVEN]
    said = subprocess.run([build / "eval-features", args.data, *given], input="".join("\t".join(q) + "\n" for q in questions), capture_output=True,
                          check=True, text=True, errors="replace").stdout
    lines = [line.split("\t") for line in said.splitlines()]
    probable = [float(fields[2]) for fields in lines if fields[0] == "A"]
    read = {int(fields[1]): fields[2] for fields in lines if fields[0] == "R"}
    wanted = [p for p, (cls, *_) in zip(probable, questions, strict=True) if cls != "none"]
    limit = threshold()
    return sum(p < limit for p in wanted) / len(wanted), read


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default=str(ROOT / "build" / "eval"))
    parser.add_argument("--misses", action="store_true", help="list what was read as something else, and what was not")
    args = parser.parse_args()
    subprocess.run(["ninja", "-C", ROOT / "build", "eval-features"], stdout=subprocess.DEVNULL, check=True)
    group, dice = Group("typos", "make eval-typos"), random.Random(SEED)
    for name, path in SETS.items():
        right = [(cls, "|".join(documents), fact, text) for cls, documents, fact, text in load(path)]
        pairs = [(q, typo) for q in right if (typo := mistype(q[3], dice))]
        right = [q for q, _ in pairs]
        refused, changed = judge(args, right)
        refused_mistyped, read = judge(args, [(*q[:3], typo) for q, typo in pairs])
        group.add(f"answerable refused, as asked ({name}, {len(right)} questions)", [refused], "", None)
        group.add(f"answerable refused, a word mistyped ({name})", [refused_mistyped], "", None)
        group.add(f"questions changed that nobody mistyped ({name})", [len(changed) / len(right)], "", None)
        group.add(f"mistyped ones read as they were asked ({name})", [sum(read.get(i) == q[3] for i, q in enumerate(right)) / len(right)], "", None)
        if args.misses:
            for i, text in changed.items():
                print(f"- {right[i][3]}\n  read as {text}")
            for i, (q, typo) in enumerate(pairs):
                if read.get(i) != q[3]:
                    print(f"- {typo}\n  read as {read.get(i)}")
    group.write()


if __name__ == "__main__":
    main()
