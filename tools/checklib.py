"""checklib.py: what the checks share: which files there are, and C source without its comments and strings."""
import pathlib
import re
import subprocess
import sys

ROOMS = ["genom", "core", "bus", "account", "node", "ai", "social", "gate", "shell", "main", "web"]


def tree_root():
    """The tree to look at: the first argument (the tests of the checks give one), else the project's own."""
    return pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent).resolve()


def files(root, *patterns):
    """Paths below root that git has or would take, as pathlib paths relative to root."""
    found = subprocess.run(["git", "-C", str(root), "ls-files", "-coz", "--exclude-standard", "--", *patterns], capture_output=True,
                           check=False)
    if found.returncode == 0:
        names = found.stdout.decode().split("\0")
    else:
        names = [str(path.relative_to(root)) for pattern in patterns or ["*"] for path in root.rglob(pattern)]
    return sorted(pathlib.Path(name) for name in set(names) if name and (root / name).is_file() and not (root / name).is_symlink())


def read(root, path):
    """The text of a file; nothing if it went away since it was listed (a program at work beside the check)."""
    try:
        return (root / path).read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return ""


TOKEN = re.compile(r"""//[^\n]* | /\*.*?\*/ | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'""", re.X | re.S)


def bare_c(text, keep_strings=False):
    """C source with comments (and the insides of strings) blanked, every line break kept where it was."""

    def blank(match):
        token = match.group()
        if token[0] in "\"'":
            return token if keep_strings else token[0] + re.sub(r"[^\n]", " ", token[1:-1]) + token[0]
        return re.sub(r"[^\n]", " ", token)

    return TOKEN.sub(blank, text)


def finish(name, problems):
    """Prints what was found, one problem a line, and ends the program."""
    for problem in problems:
        print(problem)
    if problems:
        print(f"{name}: {len(problems)} problem{'s' if len(problems) > 1 else ''}")
    sys.exit(1 if problems else 0)
