"""What is made of the tables of --help: manual pages without a warning, completions in the real shells, a configuration file."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from support import SKY

DOCS = SKY.parent / "shell"
ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TERM": "dumb", "MANWIDTH": "100"}

BASH = """
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_sky
printf '%s\\n' "${COMPREPLY[@]}"
"""

# compadd is what all of zsh's helpers end in; what it would offer goes to the file, the line stays as it is.
ZSH = """
fpath=("$1" $fpath)
autoload -U compinit
compinit -u -d "$2/dump"
zle -C offer complete-word offers
offers() {
	compadd() {
		local -a hits
		if [[ ${@[(I)-[OAD]*]} -eq 0 ]]; then
			builtin compadd -O hits "$@"
			print -rl -- $hits >> $OFFERS
		fi
		builtin compadd "$@"
	}
	_main_complete
	unfunction compadd
	print -r -- . >> $OFFERS
	exit
}
bindkey '^X' offer
"""


def run(*words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, env=ENV, timeout=60, check=False, **options)


def sky(*words):
    return subprocess.run([SKY, *words], capture_output=True, text=True, timeout=60, check=False)


def commands():
    return re.findall(r"^  (\w+) ", sky("help").stdout, re.M)


class Manuals(unittest.TestCase):
    pages = ("sky.1", "sky.conf.5")

    def text(self, page):
        return re.sub(".\b", "", run("mandoc", "-Tutf8", "-Owidth=200", DOCS / page).stdout)

    def test_no_warning(self):
        for page in self.pages:
            with self.subTest(page):
                done = run("mandoc", "-Tlint", "-Wall", DOCS / page)
                self.assertEqual((done.stdout, done.returncode), ("", 0))
                done = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", DOCS / page)
                self.assertEqual((done.stderr, done.returncode), ("", 0))

    def test_all_that_help_says(self):
        page = self.text("sky.1")
        for command in commands():
            help_text = sky(command, "--help").stdout
            with self.subTest(command):
                for form in re.match(r"Usage: (.*)", help_text)[1].split(" | "):
                    self.assertIn(form, page)
                for option in re.findall(r"^  (--?[\w\[\]-]+)", help_text, re.M):
                    self.assertIn(option, page)

    def test_every_key(self):
        page = self.text("sky.conf.5")
        for variable in re.findall(r"(SKY_\w+)", " ".join(sky("serve", "--help").stdout.split())):
            if variable != "SKY_CONFIG":
                self.assertIn(variable, page)


class Configuration(unittest.TestCase):
    def loads(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
            file.write(text)
            file.flush()
            return sky("version", "--config", file.name)

    def test_every_line_may_be_switched_on(self):
        text = (DOCS / "sky.conf").read_text()
        keys = len(set(re.findall(r"SKY_\w+", sky("serve", "--help").stdout))) - 1
        on, count = re.subn(r"^#(?=[\w-]+ =)", "", text, flags=re.M)
        self.assertEqual(count, keys)
        for variant in (text, on):
            done = self.loads(variant)
            self.assertEqual((done.stderr, done.returncode), ("", 0))
        self.assertEqual(self.loads(on + "nonsense = 1\n").returncode, 2)


class Completions(unittest.TestCase):
    def bash(self, *words):
        return run("bash", "-c", BASH, "bash", DOCS / "sky", *words).stdout.split()

    def fish(self, *words):
        done = run("fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", DOCS / "sky.fish", " ".join(words))
        return [line.split("\t")[0] for line in done.stdout.splitlines()]

    def zsh(self, *words):
        with tempfile.TemporaryDirectory() as folder:
            offers = pathlib.Path(folder) / "offers"
            script = pathlib.Path(folder) / "script"
            script.write_text(ZSH)
            line = " ".join(words)
            # A terminal of zsh's own, since it completes nowhere else.
            driver = ('zmodload zsh/zpty; zpty s "OFFERS=$3 zsh -f -i"; zpty -w s "source $4 $1 $2"; '
                      'zpty -w -n s "$5"$\'\\x18\'; while [[ ! -e $3 ]] || ! grep -qx "\\." $3; do sleep 0.05; done; zpty -d s')
            done = run("zsh", "-f", "-c", driver, "zsh", DOCS, folder, offers, script, line)
            self.assertEqual(done.returncode, 0, done.stderr)
            return [entry.rstrip("=") for entry in offers.read_text().splitlines()[:-1] if entry]

    def in_all(self, wanted, *words, exact=True):
        for shell in ("bash", "fish", "zsh"):
            with self.subTest(shell, words=words):
                offered = getattr(self, shell)(*words)
                if exact:
                    self.assertEqual(sorted(set(offered)), sorted(wanted))
                else:
                    self.assertLessEqual(set(wanted), set(offered))

    def test_commands(self):
        self.in_all(commands(), "sky", "", exact=False)
        self.in_all(commands(), "sky", "help", "", exact=False)

    def test_words_of_a_command(self):
        self.in_all(["token", "link"], "sky", "user", "", exact=False)
        self.in_all(["provider", "audit"], "sky", "admin", "", exact=False)
        self.in_all(["list", "add", "remove", "test"], "sky", "admin", "provider", "")
        self.in_all(["verify", "list"], "sky", "admin", "audit", "")

    def test_options(self):
        self.in_all(["--json", "--help", "--data", "--level-max", "--no-cache"], "sky", "ask", "--", exact=False)
        self.in_all(["--wait-vectors"], "sky", "learn", "--wa")

    def test_values_of_options(self):
        self.in_all(["error", "warn", "info", "debug"], "sky", "serve", "--log-level", "")
        self.in_all(["text", "json"], "sky", "ask", "--log-format", "")
        self.assertEqual(self.bash("sky", "serve", "--log-level", "=", "d"), ["debug"])
        self.in_all([], "sky", "serve", "--nod", "")

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            name = os.path.join(folder, "letters.txt")
            pathlib.Path(name).touch()
            self.assertEqual(self.bash("sky", "learn", folder + "/le"), [name])
            self.assertEqual(self.bash("sky", "serve", "--learn", "=", folder, ":", folder + "/le"), [name])
            self.assertEqual(self.fish("sky", "learn", folder + "/le"), [name])
            self.assertIn("letters.txt", self.zsh("sky", "learn", folder + "/le"))
            self.assertEqual(self.bash("sky", "ask", folder + "/le"), [])


if __name__ == "__main__":
    unittest.main()
