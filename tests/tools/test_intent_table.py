"""tools/intent-table: the table in the tree is the one that the lists of phrases make."""
import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class IntentTable(unittest.TestCase):
    def test_table_is_of_the_lists(self):
        done = subprocess.run([ROOT / "tools/intent-table", "--check"], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
