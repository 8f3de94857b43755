#!/usr/bin/env python3
"""Fits the weights of ai/find/passage_score.c.

    features DATA MINILM E5 DICTIONARY < questions.tsv > features.txt
    features HOME MINILM E5 DICTIONARY < home.tsv > home.txt
    fit.py questions.tsv features.txt home.tsv home.txt

Prints the weights as C, and how good they are. Questions with even numbers tune, the others test
(--all tunes on everything, for the numbers that ship). Plain gradient ascent; no packages needed.
"""
import math
import re
import sys

SCORE = ("COSINE WINDOW TERMS ALL TYPE RANK KEYWORD HEADING NAME SHORT LONG CODE TERMED OPTION DEFINES LABEL").split()
CONFIDENCE = "SCORE COSINE WINDOW COVERED MISSING UNKNOWN NAME TYPE BOTH FOREIGN".split()


def read(questions, features):
    asked = []
    for line in open(questions, encoding="utf-8"):
        if not line.startswith("#"):
            asked.append(line.rstrip("\n").split("\t"))
    found = [dict(cls=c, docs=d.split("|"), fact=f, text=q, passages=[], conf=None, chunks=[])
             for c, d, f, q in asked]
    for line in open(features, encoding="utf-8", errors="replace"):
        t = line.rstrip("\n").split("\t")
        q = found[int(t[1])]
        if t[0] == "Q":
            q["conf"] = [float(x) for x in t[2:]]
        elif t[0] == "C":
            q["chunks"].append(t[2])
        elif t[0] == "P":
            n = len(SCORE)
            text = "\t".join(t[3 + n:])
            good = q["cls"] != "none" and any(d in t[2] for d in q["docs"]) and \
                re.search(q["fact"], text, re.I) is not None
            q["passages"].append(([float(x) for x in t[3:3 + n]], good, text, t[2]))
    return found


def dot(w, x):
    return sum(a * b for a, b in zip(w, x))


def fit_ranking(questions, rounds=400, rate=.5, keep=.02):
    """Softmax over the passages of a question; the good ones share the target."""
    n = len(SCORE)
    prior = [4, 1.5, 2, 1, 1.2, 1.2, .5, .8, .5, -.7, -.3, -.3, .7, 3, 1, 1]
    w = list(prior)
    sets = [q["passages"] for q in questions if any(p[1] for p in q["passages"])]
    for _ in range(rounds):
        grad = [-keep * (a - b) for a, b in zip(w, prior)]
        for ps in sets:
            z = [dot(w, p[0]) for p in ps]
            top = max(z)
            e = [math.exp(v - top) for v in z]
            total, good = sum(e), sum(v for v, p in zip(e, ps) if p[1])
            for v, p in zip(e, ps):
                d = (v / good if p[1] else 0) - v / total
                for i in range(n):
                    grad[i] += d * p[0][i] / len(sets)
        w = [a + rate * g for a, g in zip(w, grad)]
    return w


def fit_logistic(xs, ys, rounds=3000, rate=.3, keep=.002, start=None):
    n = len(xs[0])
    w = list(start or [0] * n)
    for _ in range(rounds):
        grad = [-keep * a for a in w]
        grad[-1] = 0
        for x, y in zip(xs, ys):
            d = y - 1 / (1 + math.exp(-max(-30, min(30, dot(w, x)))))
            for i in range(n):
                grad[i] += d * x[i] / len(xs)
        w = [a + rate * g for a, g in zip(w, grad)]
    return w


def best(w, q):
    return max(q["passages"], key=lambda p: dot(w, p[0])) if q["passages"] else None


def confidence_x(w, bias, q):
    """The features as the program would see them with these weights."""
    ps = sorted(q["passages"], key=lambda p: -dot(w, p[0]))
    x = list(q["conf"])
    if ps:
        x[0] = 1 / (1 + math.exp(-(dot(w, ps[0][0]) + bias)))
        x[1], x[3], x[7] = ps[0][0][0], ps[0][0][3], ps[0][0][4]
    return x + [1]


def report(name, questions, w, bias, conf):
    for cls in ("plain", "reworded", "cs", "de"):
        qs = [q for q in questions if q["cls"] == cls]
        if not qs:
            continue
        at = lambda k: sum(any(any(d in c for d in q["docs"]) for c in q["chunks"][:k]) for q in qs)
        one = sum(best(w, q)[1] for q in qs if q["passages"])
        three = sum(any(p[1] for p in sorted(q["passages"], key=lambda p: -dot(w, p[0]))[:3]) for q in qs)
        some = sum(any(p[1] for p in q["passages"]) for q in qs)
        print(f"{name} {cls}: {len(qs)} hit@1 {at(1)} hit@5 {at(5)} fact@1 {one} fact@3 {three} any {some}")
    rows = []
    for q in questions:
        good = q["cls"] != "none" and bool(q["passages"]) and best(w, q)[1]
        rows.append((probability(w, bias, conf, q), good))
    for t in (.2, .3, .4, .5, .6, .7, .8):
        shown = [g for p, g in rows if p >= t]
        print(f"{name}   confident from {t}: {len(shown)} quoted, {sum(shown)} of them with the fact")


def probability(w, bias, weights, q):
    return 1 / (1 + math.exp(-dot(weights, confidence_x(w, bias, q))))


def refusals(name, questions, w, bias, answerable):
    rows = [(probability(w, bias, answerable, q), q["cls"] != "none") for q in questions]
    pos = [p for p, a in rows if a]
    neg = [p for p, a in rows if not a]
    auc = sum((x > y) + .5 * (x == y) for x in pos for y in neg) / max(1, len(pos) * len(neg))
    print(f"{name} answerable or not: AUC {auc:.3f}")
    for t in (.4, .5, .6, .65, .7, .75, .8):
        print(f"{name}   answered from {t}: refused {sum(p < t for p in pos)}/{len(pos)} of the answerable, "
              f"{sum(p < t for p in neg)}/{len(neg)} of the others")


def table(name, prefix, labels, w):
    print(f"static const double {name}[{prefix}_FEATURES + 1] = {{")
    for label, value in zip(labels, w):
        print(f"    [{prefix}_{label}] = {value:.3f},")
    print(f"    [{prefix}_FEATURES] = {w[len(labels)]:.3f},\n}};")


def main():
    args = [a for a in sys.argv[1:] if not a.startswith("--")]
    questions = [q for i in range(0, len(args), 2) for q in read(args[i], args[i + 1])]
    questions = [q for q in questions if q["conf"]]
    tune = questions if "--all" in sys.argv else questions[0::2]
    test = questions[1::2]
    w = fit_ranking(tune)
    # The scale and the bias that make the score a probability.
    xs = [[dot(w, p[0]), 1] for q in tune for p in q["passages"]]
    ys = [float(p[1]) for q in tune for p in q["passages"]]
    scale, bias = fit_logistic(xs, ys, rounds=2000, rate=.1, keep=0, start=[1, -6])
    w = [a * scale for a in w]
    cx = [confidence_x(w, bias, q) for q in tune]
    cy = [float(q["cls"] != "none" and bool(q["passages"]) and best(w, q)[1]) for q in tune]
    conf = fit_logistic(cx, cy)
    answerable = fit_logistic(cx, [float(q["cls"] != "none") for q in tune])
    for name, part in (("tune", tune), ("test", test)):
        report(name, part, w, bias, conf)
        refusals(name, part, w, bias, answerable)
    table("score_weights", "AI_PASSAGE", SCORE, w + [bias])
    table("confidence_weights", "AI_CONFIDENCE", CONFIDENCE, conf)
    table("answerable_weights", "AI_CONFIDENCE", CONFIDENCE, answerable)
    if "--misses" in sys.argv:
        for i, q in enumerate(questions):
            b = best(w, q)
            p = probability(w, bias, answerable, q)
            if (q["cls"] == "none" and p > .7) or (q["cls"] != "none" and (not b or not b[1])):
                rank = next((n for n, c in enumerate(q["chunks"]) if any(d in c for d in q["docs"])), -1)
                print(f"MISS {q['cls']} p={p:.2f} doc@{rank + 1} {q['text']}\n     "
                      f"{b[3].split('/')[-1] if b else ''}: {b[2][:200] if b else ''}")


main()
