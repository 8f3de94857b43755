"""The parts of tools/genom that need numpy; test_genom.py runs this with the interpreter of deps/setup."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools/genom"))

import numpy as np

import ring
import sectors
import vectors


class Numeric(unittest.TestCase):
    def test_axes_of_a_known_matrix(self):
        values, axes = vectors.jacobi([[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 5.0]])
        for value, wanted in zip(values, (5.0, 3.0, 1.0)):
            self.assertAlmostEqual(value, wanted, 12)
        self.assertAlmostEqual(abs(axes[1][0]), 0.5 ** 0.5, 12)

    def test_unit_length(self):
        rows = vectors.unit(np.array([[3, 4], [0, 0], [1 << 40, 0]], dtype=np.int64))
        self.assertEqual(rows.tolist()[2], [127, 0])
        self.assertEqual(rows.tolist()[1], [0, 0])

    def test_solve(self):
        found = sectors.solve([[0.0, 2.0], [4.0, 1.0]], [[2.0], [9.0]])
        self.assertAlmostEqual(found[0][0], 2.0, 12)
        self.assertAlmostEqual(found[1][0], 1.0, 12)

    def test_base_forms(self):
        lemmas = {"run": 1, "make": 1, "city": 1, "happy": 1}
        forms = {"runs": "run", "running": "run", "making": "make", "cities": "city", "happier": "happy", "took": "take", "xs": None}
        self.assertEqual({form: sectors.base_form(form, lemmas) for form in forms}, forms)

    def test_regression_tells_two_groups_apart(self):
        rows = np.array([[100, i] for i in range(20)] + [[-100, i] for i in range(20)], dtype=np.int64)
        weights = sectors.learn(rows, [0] * 20 + [1] * 20, 2)
        self.assertEqual(sectors.infer(weights, np.array([[90, 3], [-80, 9]])).tolist(), [0, 1])

    def test_similar_stand_close(self):
        rows = np.array([[i * 7 % 101 - 50, 0] for i in range(101)], dtype=np.int64)
        low, high = np.array([-60, 0], dtype=np.int64), np.array([60, 0], dtype=np.int64)
        for left, right, wanted in ((low, high, list(range(-50, 51))), (high, low, list(range(50, -51, -1)))):
            order = np.concatenate(ring.arrange(np.arange(101), rows, left, right))
            self.assertEqual(rows[order, 0].tolist(), wanted)

    def test_synonyms_are_drawn_together(self):
        rows = vectors.unit(np.array([[1000, 0], [0, 1000], [0, -1000]], dtype=np.int64), vectors.FINE)
        moved = vectors.draw_together(rows, [(0, 1)])
        self.assertGreater(int(moved[0] @ moved[1]), vectors.FINE ** 2 // 2)
        self.assertEqual(moved[2].tolist(), rows[2].tolist())

    def test_quadrants_are_filled(self):
        names = [("a", 1), ("b", 2), ("c", 4), ("free", None), ("rest", None)]
        arcs = ring.plan([5, 3, 1, 24, 7], names, 10)
        self.assertEqual([sum(count for _, _, quadrant, count in arcs if quadrant == q) for q in (1, 2, 3, 4)], [10] * 4)
        self.assertEqual(sum(count for name, _, _, count in arcs if name.startswith("free")), 24)
        self.assertEqual([name for name, *_ in arcs if name.startswith("free")].count("free"), 1)


if __name__ == "__main__":
    unittest.main()
