"""test_cli.py: the command line as people and scripts use it: pipes, terminals, Ctrl-C."""
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import time
import unittest

import fcntl

from support import ANSWER_S, DATA, ENGINE, SKY, START_S, Server, ServerTest, run

COMMANDS = ("serve", "ask", "chat", "learn", "search", "encode", "decode", "lookup", "nearest", "translate", "intent", "user", "doctor", "version", "help")


class Terminal:
    """A program on a terminal of a given width."""

    def __init__(self, *arguments, columns=80, env=None):
        inherited = {name: value for name, value in os.environ.items()
                     if name not in ("COLUMNS", "NO_COLOR")}
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            # Before the program runs, which asks for the width when it likes.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            os.execve(str(SKY), ["sky", *map(str, arguments)],
                      {**inherited, "TERM": "xterm", **(env or {})})
        self.seen = ""

    def read_until(self, pattern, timeout=ANSWER_S):
        end = time.monotonic() + timeout
        while not re.search(pattern, self.seen):
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"{pattern!r} not seen in {self.seen!r}")
            if select.select([self.fd], [], [], min(left, 0.2))[0] and not self.more():
                if re.search(pattern, self.seen):
                    break
                raise EOFError(self.seen)
        return self.seen

    def more(self):
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.seen += data.decode(errors="replace")
        return bool(data)

    def type(self, text):
        self.seen = ""
        os.write(self.fd, text.encode())

    def wait(self, timeout=ANSWER_S):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if select.select([self.fd], [], [], 0.05)[0]:
                self.more()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                while select.select([self.fd], [], [], 0)[0] and self.more():
                    pass
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, signal.SIGKILL)
        raise TimeoutError(self.seen)


def catches(pid, signo):
    """Has the process a handler for the signal?"""
    caught = re.search(r"^SigCgt:\s*([0-9a-f]+)$", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M)
    return bool(int(caught[1], 16) >> (signo - 1) & 1)


class Usage(unittest.TestCase):
    def test_help_of_everything(self):
        whole = run("--help")
        self.assertEqual((whole.returncode, whole.stderr), (0, ""))
        for command in COMMANDS:
            self.assertIn(command, whole.stdout)
            for arguments in ((command, "--help"), ("help", command)):
                one = run(*arguments)
                self.assertEqual((one.returncode, one.stderr), (0, ""), arguments)
                self.assertTrue(one.stdout.startswith("Usage: sky " + command))

    def test_help_lists_the_settings_of_the_server_for_it_alone(self):
        for command in COMMANDS[1:]:
            text = run(command, "--help").stdout
            options = re.findall(r"^  (--?[\w-]+)", text[text.index("\nOptions:\n"):], re.M)
            self.assertEqual(options[-3:], ["--config", "--data", "-h"], text)
            self.assertIn("`sky serve --help` lists the settings of the server", text)
            self.assertLess(len(text.splitlines()), 30, text)
        self.assertEqual(run("version", "--http", "off", "--no-cache").returncode, 0)  # they are accepted as before

    def test_help_of_the_words_of_a_command(self):
        add = run("admin", "provider", "add", "--help")
        self.assertEqual((add.returncode, add.stderr), (0, ""))
        self.assertTrue(add.stdout.startswith("Usage: sky admin provider list|add|remove|test …\n\nRemote models"), add.stdout)
        self.assertIn("\n  provider add NAME URL KEY", add.stdout)
        self.assertIn("\n  sky admin provider add home", add.stdout)
        for other in ("provider list", "audit", "backup", "-k"):
            self.assertNotIn("  " + other, add.stdout)
        listed = run("admin", "audit", "list", "-h").stdout
        self.assertRegex(listed, r"\n  -k N +how many are listed")
        self.assertNotIn("audit verify ", listed)
        backup = run("admin", "backup", "x.skybak", "--help").stdout
        self.assertIn("  --with-keys", backup)
        self.assertNotIn("  --keep-schema", backup)
        self.assertEqual(run("user", "link", "--help").stdout.split("\n", 3)[:2], ["Usage: sky user link", ""])
        for whole in (("admin", "nonsense"), ("admin", "--data", "x", "backup")):
            self.assertIn("migrate FROM TO", run(*whole, "--help").stdout)
        self.assertEqual(run("translate", "text", "ids", "--help").stdout, run("help", "translate").stdout)

    def test_options_of_other_words_are_refused(self):
        for line, told in ((("provider", "list", "--with-keys"), "--with-keys is for `backup`; `provider list` takes --json"),
                           (("audit", "list", "--passphrase"), "--passphrase is for `backup|verify|restore`; `audit list` takes --json, -k"),
                           (("audit", "verify", "-k", "7", "--keep-schema"), "-k is for `audit list`; `audit verify` takes --json"),
                           (("backup", "--keep-schema", "x.skybak"), "--keep-schema is for `restore`")):
            done = run("admin", *line)
            self.assertEqual((done.returncode, done.stdout), (2, ""), line)
            self.assertIn(told, " ".join(done.stderr.split()))

    def test_levels_of_later_versions_are_said_to_be_none(self):
        self.assertIn("L4 and L5 are not in this version", " ".join(run("serve", "--help").stdout.split()))
        self.assertRegex(run("ask", "--help").stdout, r"L4\s+and L5 of tiers and models are not in this version")
        refused = run("ask", "--level-max", "L4", "x")
        self.assertEqual((refused.returncode, refused.stdout), (2, ""))
        self.assertIn("one of L0, L1, L2, L3", refused.stderr)

    def test_serve_help_lists_every_key(self):
        keys = re.findall(r'X\(\w+, "([^"]+)"',
                          (pathlib.Path(__file__).parents[2] / "core/config_table.h").read_text())
        self.assertGreater(len(keys), 10)
        text = run("serve", "--help").stdout
        for key in keys:
            self.assertRegex(text, r"--(\[no-\])?" + re.escape(key.replace(".", "-")))
            self.assertIn("SKY_" + key.upper().replace(".", "_").replace("-", "_"), text)

    def test_the_list_of_commands_hangs_under_its_second_column(self):
        for columns in (80, 40):
            terminal = Terminal("--help", columns=columns)
            self.assertEqual(terminal.wait(), 0)
            items = re.search(r"Commands:\r\n((?:  .*\r\n)+)", terminal.seen)[1].splitlines()
            self.assertEqual({re.match(r"  (\w+)? +", item).end() for item in items}, {13}, items)

    def test_nearest_is_a_table_with_a_heading(self):
        for options in ((), ("--plane",)):
            heading, *rows = run("nearest", "-k", "50", *options, "monday").stdout.splitlines()
            self.assertRegex(heading, r"^(similarity|distance) +token +hex +sector +quadrant, place +word$")
            self.assertGreater(len({len(re.search(r"T-\d+", row)[0]) for row in rows}), 1, rows)
            for name, cell in (("token", r"T-\d"), ("hex", "0x"), ("quadrant", r"q\d  r \d")):
                found = {re.search(cell, row).start() for row in rows}
                self.assertEqual(found, {heading.index(name)}, (name, rows))

    def test_the_example_of_nearest_finds_what_it_asks_for(self):
        self.assertIn('sky nearest --plane "red green blue"', run("nearest", "--help").stdout)
        found = run("nearest", "--plane", "red green blue").stdout.split()
        self.assertLess({"black", "white"}, set(found))

    def test_wrong_usage_is_2_with_one_line(self):
        for arguments in ((), ("nonsense",), ("aks", "x"), ("ask",), ("learn",), ("user",),
                          ("user", "x"), ("search", "-k", "0", "x"), ("search", "-k"),
                          ("version", "x"), ("ask", "--no-such", "x"), ("serve", "extra"),
                          ("learn", "https://example.org/"), ("doctor", "--nod=x")):
            done = run(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            if arguments:
                self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        self.assertIn("`ask`", run("aks").stderr)

    def test_a_missing_argument_of_admin_is_named(self):
        for words, names in (("backup", "FILE"), ("verify", "FILE"), ("restore", "FILE"), ("audit", "verify|list"),
                             ("provider", "list|add|remove|test"), ("provider remove", "NAME"), ("provider test", "NAME"),
                             ("provider add", "NAME URL KEY MODEL=IN/OUT"), ("migrate", "FROM TO")):
            names = names.split()
            for given, missing in enumerate(names):
                done = run("admin", *words.split(), *"abc"[:given])
                whole = f"sky admin {words}: {missing} is missing: sky admin {words} {' '.join(names)}"
                self.assertEqual((done.returncode, " ".join(done.stderr.split())), (2, whole))

    def test_an_argument_of_admin_that_is_too_many_or_unknown_is_named(self):
        for arguments, said in ((("backup", "a", "b"), "sky admin backup: `b` is not expected: sky admin backup FILE"),
                                (("provider", "list", "a"), "sky admin provider list: `a` is not expected: sky admin provider list"),
                                (("provider", "a"), "sky admin: `provider a` is not known: sky admin provider list|add|remove|test"),
                                (("audit", "a"), "sky admin: `audit a` is not known: sky admin audit verify|list"),
                                (("audit", "list", "a"), "sky admin audit: `a` is not expected: sky admin audit verify|list")):
            done = run("admin", *arguments)
            self.assertEqual((done.returncode, " ".join(done.stderr.split())), (2, said))

    def test_version(self):
        self.assertRegex(run("version").stdout, r"^sky \d+\.\d+\.\d+ \(OpenSSL 3\.\d+")
        self.assertIn("version", json.loads(run("version", "--json").stdout))
        self.assertEqual(run("--version").stdout, run("version").stdout)

    def test_a_path_that_is_not_there(self):
        done = run("learn", "/no/such/path", data=tempfile.gettempdir() + "/sky-never")
        self.assertEqual(done.returncode, 1)
        self.assertIn("/no/such/path", done.stderr)

    def test_a_data_folder_that_is_not_there_is_not_made_to_be_asked(self):
        with tempfile.TemporaryDirectory() as folder:
            missing = pathlib.Path(folder) / "mistyped"
            env = {**os.environ, "SKY_DATA": str(missing)}
            said = f"there is no data folder at {missing}: `sky serve --data {missing}` makes one\n"
            for arguments in (("ask", "Who?"), ("search", "x"), ("chat",)):
                for done in (run(*arguments, data=missing), run(*arguments, env=env)):
                    self.assertEqual((done.returncode, done.stderr), (1, f"sky {arguments[0]}: {said}"))
            self.assertEqual(os.listdir(folder), [])
            # Where none was named, the one that would be made anyway is.
            env = {**{name: value for name, value in os.environ.items() if name != "SKY_DATA"}, "XDG_DATA_HOME": folder}
            self.assertEqual(run("search", "x", env=env).returncode, 0)
            self.assertEqual(os.listdir(folder), ["sky"])

    def test_an_unknown_letter_is_wrong_usage(self):
        done = run("ask", "-x", "anything")
        self.assertEqual(done.returncode, 2)
        self.assertIn("-x", done.stderr)

    def test_searching_nothing_is_wrong_usage(self):
        self.assertEqual(run("search", "  ").returncode, 2)

    def test_errors_are_one_line_whatever_a_file_is_called(self):
        for arguments in (("learn", "/no\nsuch\x1b[2Jfile"),
                          ("serve", "--http", "127.0.0.1:0", "--model-path", "/no\nsuch\x1bfile")):
            done = run(*arguments)
            self.assertEqual(done.returncode, 1, arguments)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
            self.assertNotIn("\x1b", done.stderr)

    def test_output_that_cannot_be_written_is_a_failure(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([SKY, "version"], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("could not be written", done.stderr)


class AgainstServer(ServerTest):
    def sky(self, *arguments, **options):
        return run(*arguments, data=self.server.data, **options)

    def test_user_token(self):
        done = self.sky("user", "token")
        self.assertEqual((done.returncode, done.stdout), (0, self.server.token + "\n"))

    def test_user_link_logs_in(self):
        url = self.sky("user", "link").stdout.strip()
        self.assertTrue(url.startswith(self.server.http + "/login?code="), url)
        status, headers, _ = self.server.get(url[len(self.server.http):], token=False)
        self.assertEqual((status, headers["location"]), (303, "/"))

    def test_ask(self):
        done = self.sky("ask", "Which", "port", "does the lantern service listen on?")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("7411", done.stdout)
        self.assertRegex(done.stderr, r"^L[0-2] · (\d+ ms|\d+\.\d s) · free · \d+ sources?\n")
        self.assertIn(str(DATA / "docs" / "lantern.md"), done.stderr)
        self.assertNotIn("\033", done.stdout + done.stderr)

    def test_a_slip_of_the_finger_is_read_as_what_was_meant(self):
        done = self.sky("ask", "--level-max", "L1", "Which port does the lantern sevrice listne on?")
        self.assertIn("7411", done.stdout)
        self.assertRegex(done.stderr, "^“sevrice” read as “service”, “listne” read as “listen”\n")
        body = json.loads(self.sky("ask", "--json", "--level-max", "L1", "Which page needs no pasword?").stdout)
        self.assertEqual(body["receipt"]["read_as"], [{"typed": "pasword", "as": "password"}])

    def test_a_search_finds_what_was_meant_and_says_so(self):
        done = self.sky("search", "sluice", "gaets")
        self.assertEqual(done.stderr, "“gaets” read as “gates”\n")
        self.assertIn("gates", done.stdout)

    def test_a_refusal_lists_passages_not_sources(self):
        self.server.wait_vectors()
        done = self.sky("ask", "--level-max", "L1", "Is the gateway made of copper?")
        self.assertIn("do not answer", done.stdout)
        self.assertRegex(done.stderr, r" · (1 closest passage|\d+ closest passages)\n")

    def test_ask_for_programs(self):
        done = self.sky("ask", "--json", "--level-max", "L1", "Which port does lantern listen on?")
        body = json.loads(done.stdout)
        self.assertIn(body["receipt"]["level"], ("L0", "L1"))
        self.assertEqual(done.stderr, "")

    def test_ask_from_stdin(self):
        done = subprocess.run([SKY, "ask", "-", "--data", self.server.data], text=True,
                              input="Which port does the lantern service listen on?\n",
                              capture_output=True, timeout=ANSWER_S)
        self.assertIn("7411", done.stdout)
        empty = subprocess.run([SKY, "ask", "-", "--data", self.server.data], text=True, input=" \n",
                               capture_output=True, timeout=ANSWER_S)
        self.assertEqual(empty.returncode, 2)

    def test_search(self):
        done = self.sky("search", "lantern", "port", "-k", "2")
        self.assertEqual(done.returncode, 0)
        self.assertIn("lantern.md", done.stdout)
        self.assertEqual(done.stderr, "")
        body = json.loads(self.sky("search", "--json", "-k", "2", "lantern port").stdout)
        self.assertTrue(0 < len(body["results"]) <= 2)

    def test_a_search_shows_the_words_and_says_when_there_are_none(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-cli-"))
        self.addCleanup(shutil.rmtree, folder)
        (folder / "lease.txt").write_text("The cellar is dry and has a window to the yard. " * 9 + "The dépôt costs 970 euros.\n")
        self.assertEqual(self.sky("learn", "--wait-vectors", folder).returncode, 0)
        done = self.sky("search", "-k", "1", "DEPOT")
        self.assertRegex(done.stdout, r"\n   ….*The dépôt costs 970 euros\.\n")
        self.assertEqual(done.stderr, "")
        none = self.sky("search", "-k", "1", "zzzzqqqq")
        self.assertEqual(none.stderr, "no passage has these words; nearest by meaning:\n")
        self.assertTrue(none.stdout)

    def test_learn_in_a_pipe_prints_a_summary_only(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-cli-"))
        self.addCleanup(shutil.rmtree, folder)
        (folder / "one.txt").write_text("The crimson ibis is early.\n")
        (folder / "bad.pdf").write_bytes(b"%PDF-1.4 no")
        done = self.sky("learn", folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, "1 added, 0 updated, 0 unchanged, 0 removed, 1 failed\n")
        self.assertIn("bad.pdf", done.stderr)
        again = json.loads(self.sky("learn", "--json", "--wait-vectors", folder).stdout)
        self.assertEqual(again["unchanged"], 1)
        learning = self.server.get("/api/status")[2]["learning"]
        self.assertEqual((learning["vectors_pending"], learning["second_pending"]), (0, 0))

    def test_learn_on_a_narrow_terminal(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-cli-"))
        self.addCleanup(shutil.rmtree, folder)
        for i in range(300):
            (folder / f"{i}.txt").write_text(f"File {i} speaks of the number {i * 7}.\n")
        terminal = Terminal("learn", "--data", self.server.data, folder, columns=40)
        self.assertEqual(terminal.wait(), 0)
        self.assertIn("300 added", terminal.seen)
        drawn = [part for part in re.split(r"[\r\n]", terminal.seen) if part.startswith("[")]
        self.assertTrue(drawn)
        for line in drawn:
            self.assertLess(len(line.replace("\033[K", "")), 40, line)

    def screen(self, *arguments, columns, env=None):
        """What a command left on a terminal: lines without sequences, what was drawn over gone."""
        terminal = Terminal(*arguments, "--data", self.server.data, columns=columns, env=env)
        status = terminal.wait()
        text = re.sub(r"\x1b\[[0-9;]*[mK]", "", terminal.seen).replace("\r\n", "\n")
        self.assertNotIn("\x1b", text)
        return status, [line.rsplit("\r", 1)[-1] for line in text.split("\n")], terminal.seen

    def test_no_line_is_wider_than_the_terminal_and_no_word_broken(self):
        commands = (("ask", "How are lantern backups kept?"), ("search", "lantern backups"),
                    ("search", "zzzzqqqq"), ("doctor",), ("learn", DATA / "docs"), ("learn", "/no/such"),
                    ("admin", "audit", "verify"),
                    ("user", "nonsense"), ("search", "-k", "1000", "x"),
                    *(("help", command) for command in COMMANDS), ("help",))
        self.server.wait_vectors()  # what other tests taught, or searches would find more each time
        for arguments in commands:
            whole = self.sky(*arguments)
            words = set((whole.stdout + whole.stderr).split())
            for columns in (80, 40):
                _, lines, _ = self.screen(*arguments, columns=columns)
                for line in lines:
                    self.assertTrue(len(line) <= columns or " " not in line.strip(), line)
                    for word in line.split():
                        self.assertTrue(word in words or re.match(r"…|\d|L[0-2]$|m?s$", word),
                                        (arguments, word))

    def test_colours_only_where_they_are_wanted(self):
        question = "Which port does the lantern service listen on?"
        for arguments in (("ask", question), ("search", "lantern"), ("doctor",)):
            coloured = self.screen(*arguments, columns=80)[2]
            self.assertRegex(coloured, r"\x1b\[\d+m", arguments)
            plain = self.screen(*arguments, columns=80, env={"NO_COLOR": "1"})[2]
            self.assertNotRegex(plain, r"\x1b\[\d+m", arguments)
            dumb = self.screen(*arguments, columns=80, env={"TERM": "dumb"})[2]
            self.assertNotIn("\x1b", dumb, arguments)
            self.assertNotIn("\x1b", self.sky(*arguments).stdout, arguments)

    def test_waiting_that_is_stopped_leaves_a_clean_line(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-cli-"))
        self.addCleanup(shutil.rmtree, folder)
        (folder / "long.txt").write_text("\n\n".join(
            f"Paragraph {i} speaks of the number {i * 7}. " * 30 for i in range(40)))
        terminal = Terminal("learn", "--wait-vectors", "--data", self.server.data, folder, columns=40)
        terminal.read_until("passages")
        os.write(terminal.fd, b"\x03")
        self.assertEqual(terminal.wait(), 130)
        self.assertRegex(terminal.seen, r"\r\x1b\[Knot waited for: .*\r\n")
        self.assertNotRegex(terminal.seen, r"passages[^\r\n]*$")
        self.server.wait_vectors()

    def test_doctor_beside_a_server(self):
        done = self.sky("doctor")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("✓ server", done.stdout)
        self.assertTrue(json.loads(self.sky("doctor", "--json").stdout)["healthy"])

    def test_chat_in_a_pipe(self):
        done = subprocess.run([SKY, "chat", "--data", self.server.data], text=True,
                              input="Which port does the lantern service listen on?\n/sources\n"
                                    "/nonsense\n/quit\nnever asked\n",
                              capture_output=True, timeout=ANSWER_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("7411", done.stdout)
        self.assertIn("There is no such command", done.stdout)
        self.assertNotIn("\033", done.stdout)

    def test_chat_asks_a_line_whose_rest_does_not_come(self):
        for typed in ("Which port does the lantern service listen on?\\", "Which port does\\\nthe lantern service listen on?\\\n"):
            done = subprocess.run([SKY, "chat", "--data", self.server.data], text=True, input=typed, capture_output=True, timeout=ANSWER_S)
            self.assertEqual((done.returncode, "7411" in done.stdout), (0, True), done)

    def test_chat_ends_when_nobody_reads(self):
        question = "Which port does the lantern service listen on?\n"
        chat = subprocess.Popen([SKY, "chat", "--data", self.server.data], text=True, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        chat.stdin.write(question)
        chat.stdin.flush()
        self.assertIn("7411", chat.stdout.readline())
        chat.stdout.close()
        _, told = chat.communicate(3 * question, timeout=ANSWER_S)
        self.assertEqual(chat.returncode, 0, told)
        talk = self.server.get("/api/chat/history")[2]["conversations"][0]["id"]
        messages = self.server.get(f"/api/chat/history?conversation_id={talk}")[2]["messages"]
        self.assertEqual(len(messages), 2)
        self.assertNotIn("sky chat:", told)

    def test_every_line_of_a_source_is_put_in(self):
        done = subprocess.run([SKY, "chat", "--data", self.server.data], text=True,
                              input="How often are bulbs, relays and batteries of the lantern replaced?\n/sources\n",
                              capture_output=True, timeout=ANSWER_S)
        sources = done.stdout[done.stdout.index("  1. "):].splitlines()
        self.assertIn("     relay | 6 | 5 years", sources)
        for line in sources:
            self.assertRegex(line, r"^(|  \d\. .*|     .*)$")

    def test_chat_on_a_terminal(self):
        terminal = Terminal("chat", "--data", self.server.data)
        terminal.read_until("> ")
        terminal.type("Which port does the lantern service \\\n")
        terminal.read_until(r"\. ")
        terminal.type("listen on?\n")
        terminal.read_until(r"sources?\r?\n(.|\n)*> ")
        terminal.type("\x03")
        terminal.read_until("Ctrl-D leaves(.|\n)*> ")
        terminal.type("/help\n")
        terminal.read_until(r"leave\r?\n> $")  # before, Ctrl-D would be the line discipline's
        terminal.type("\x04")
        self.assertEqual(terminal.wait(), 0)
        history = self.server.data / "chat_history"
        self.assertEqual(history.stat().st_mode & 0o777, 0o600)
        self.assertIn("lantern", history.read_text())

    def test_an_interrupt_right_after_the_prompt_is_noticed(self):
        terminal = Terminal("chat", "--data", self.server.data)
        terminal.read_until("> ")
        for _ in range(200):  # each falls into another moment between prompt and read
            terminal.type("\x03")
            terminal.read_until("Ctrl-D leaves(.|\n)*> ", timeout=30)
        terminal.type("\x04")
        self.assertEqual(terminal.wait(), 0)

    def test_letters_of_all_alphabets_are_typed(self):
        terminal = Terminal("chat", "--data", self.server.data)
        terminal.read_until("> ")
        os.write(terminal.fd, b"/\xff")  # no letter of any
        terminal.type("žluťoučký 灯 🏮\n")
        terminal.read_until("There is no such command")
        self.assertIn("/žluťoučký 灯 🏮", terminal.seen)
        terminal.type("/quit\n")
        self.assertEqual(terminal.wait(), 0)

    def held(self):
        """The server answers nobody until the test ends or lets it go on."""
        process = self.server.process
        process.send_signal(signal.SIGSTOP)
        self.addCleanup(process.send_signal, signal.SIGCONT)

    def test_interrupt_stops_the_answer_not_the_chat(self):
        terminal = Terminal("chat", "--data", self.server.data, "--no-cache")
        terminal.read_until("> ")
        self.held()
        terminal.type("How are lantern backups kept?\n")
        terminal.read_until("…")
        terminal.type("\x03")
        terminal.read_until(r"\(stopped\)(.|\n)*> ")
        self.server.process.send_signal(signal.SIGCONT)
        terminal.type("Which port does the lantern service listen on?\n")
        terminal.read_until("7411(.|\n)*source")
        terminal.type("/quit\n")
        self.assertEqual(terminal.wait(), 0)

    def test_interrupt_ends_ask_with_130(self):
        self.held()
        process = subprocess.Popen([SKY, "ask", "--data", self.server.data, "What is a lantern?"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while not catches(process.pid, signal.SIGINT):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=ANSWER_S)
        self.assertEqual(process.returncode, 130)


class WithoutServer(unittest.TestCase):
    def setUp(self):
        # Commands heed nohup; whoever runs these tests may have said it.
        self.addCleanup(signal.signal, signal.SIGHUP, signal.signal(signal.SIGHUP, signal.SIG_DFL))
        self.data = pathlib.Path(tempfile.mkdtemp(prefix="sky-cli-"))
        self.addCleanup(shutil.rmtree, self.data, ignore_errors=True)

    def nothing_runs(self, within=START_S):
        if not (self.data / "lock").exists():
            return  # it had not come that far
        end = time.monotonic() + within
        while time.monotonic() < end:
            with open(self.data / "lock") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return
                except BlockingIOError:
                    time.sleep(0.05)
        self.fail("a server was left running")

    def test_an_interrupt_does_not_wait_for_a_server_that_cannot_start(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            store = f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/x"
            process = subprocess.Popen([SKY, "ask", "--data", self.data, "--store", store, "What is a lantern?"],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            with silent.accept()[0]:  # it is at it, and hears nothing
                process.send_signal(signal.SIGINT)
                self.assertEqual(process.communicate(timeout=ANSWER_S), (b"", b""))
        self.assertEqual(process.returncode, 130)
        self.nothing_runs()

    def test_an_interrupt_while_a_server_starts_leaves_none(self):
        for arguments in (("ask", "What is a lantern?"), ("search", "lantern"), ("learn", DATA)):
            process = subprocess.Popen([SKY, *arguments, "--data", self.data],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            while not (self.data / "clients").exists() and process.poll() is None:
                time.sleep(0.001)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=ANSWER_S)
            self.assertEqual(process.returncode, 130, arguments)
            self.nothing_runs()
            (self.data / "clients").unlink()

    def chatting(self, **options):
        """A command that has started a server and waits for a line."""
        process = subprocess.Popen([SKY, "chat", "--data", self.data], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        self.served()
        return process

    def served(self):
        """A command's server is there, and noted as such."""
        end = time.monotonic() + START_S
        while not (self.data / "clients").exists() or not (self.data / "clients").read_text():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)

    def test_a_command_that_is_told_to_end_ends_its_server(self):
        for signo in (signal.SIGTERM, signal.SIGHUP):
            process = self.chatting()
            process.send_signal(signo)
            _, said = process.communicate(timeout=START_S)
            self.assertEqual((process.returncode, said), (128 + signo, b""))
            self.nothing_runs(within=0.5)  # as a server waits that a person starts now
            self.assertEqual((self.data / "clients").read_text(), "")

    def test_a_command_that_is_told_to_end_while_it_asks_ends_its_server(self):
        for signo in (signal.SIGTERM, signal.SIGHUP):
            process = subprocess.Popen([SKY, "ask", "--data", self.data, "What is a lantern?"],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.served()
            process.send_signal(signo)
            process.communicate(timeout=START_S)
            self.assertIn(process.returncode, (128 + signo, 0))  # it had its answer just before
            self.nothing_runs(within=0.5)

    def test_a_terminal_that_is_closed_ends_command_and_server(self):
        terminal = Terminal("chat", "--data", self.data)
        terminal.read_until("> ", timeout=START_S)
        os.close(terminal.fd)
        _, status = os.waitpid(terminal.pid, 0)
        self.assertEqual(os.waitstatus_to_exitcode(status), 128 + signal.SIGHUP)
        self.nothing_runs(within=0.5)

    def test_nohup_is_heeded(self):
        process = self.chatting(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        process.send_signal(signal.SIGHUP)
        process.communicate(b"/quit\n", timeout=START_S)
        self.assertEqual(process.returncode, 0)
        self.nothing_runs()

    def test_a_server_whose_last_command_is_killed_ends_itself(self):
        process, other = self.chatting(), self.chatting()
        process.kill()
        process.communicate()
        time.sleep(5)
        self.assertIsNone(other.poll())
        run_json = json.loads((self.data / "run.json").read_text())
        os.kill(run_json["pid"], 0)  # the other one's still
        other.kill()
        other.communicate()
        self.nothing_runs()
        self.assertEqual((self.data / "clients").read_text(), "")
        self.assertFalse((self.data / "run.json").exists())

    def test_commands_start_one_and_end_it(self):
        done = run("learn", DATA / "docs", data=self.data)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.nothing_runs()
        done = run("ask", "Which port does the lantern service listen on?", data=self.data)
        self.assertIn("7411", done.stdout, done.stderr)
        self.nothing_runs()
        self.assertFalse((self.data / "run.json").exists())

    def test_two_at_once_share_one(self):
        run("learn", DATA / "docs", data=self.data)
        commands = [subprocess.Popen([SKY, "ask", "--data", self.data, question],
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                    for question in ("Which port does the lantern service listen on?",
                                     "How long are lantern backups kept?") * 2]
        for command in commands:
            out, err = command.communicate(timeout=ANSWER_S)
            self.assertEqual(command.returncode, 0, err)
            self.assertTrue(out.strip())
        self.nothing_runs()

    def test_a_persons_server_is_left_alone(self):
        server = Server(data=self.data)
        try:
            run("search", "anything", data=self.data)
            self.assertEqual(server.get("/health")[0], 200)
        finally:
            server.stop()

    def test_closed_outputs_write_into_no_file(self):
        run("learn", DATA / "docs", data=self.data)
        done = subprocess.run([SKY, "ask", "--data", self.data,
                               "Which port does the lantern service listen on?"], timeout=ANSWER_S,
                              preexec_fn=lambda: [os.close(fd) for fd in (0, 1, 2)])
        self.assertEqual(done.returncode, 1)
        self.nothing_runs()
        for name in ("clients", "lock"):
            self.assertNotIn(b"lantern", (self.data / name).read_bytes())

    def test_a_reader_that_leaves_ends_the_answer_quietly(self):
        run("learn", DATA / "docs", data=self.data)
        ours, theirs = os.pipe()
        os.close(ours)
        with os.fdopen(theirs, "wb") as gone:
            done = subprocess.run([SKY, "ask", "--data", self.data, "How are backups kept?"],
                                  stdout=gone, stderr=subprocess.PIPE, text=True, timeout=ANSWER_S)
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("sky ask:", done.stderr)
        self.nothing_runs()

    def test_a_dumb_terminal_gets_no_sequences(self):
        run("learn", DATA / "docs", data=self.data)
        terminal = Terminal("ask", "--data", self.data, "How are backups kept?", columns=40,
                            env={"TERM": "dumb"})
        self.assertEqual(terminal.wait(), 0)
        self.assertNotIn("\x1b", terminal.seen)

    def test_doctor_makes_no_folder(self):
        done = run("doctor", data=self.data / "mistyped")
        self.assertEqual((done.returncode, (self.data / "mistyped").exists()), (1, False))
        self.assertIn("correct --data", done.stdout)

    def test_doctor_offline(self):
        done = run("doctor", data=self.data)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for check in ("cryptography", "certificate", "store"):
            self.assertIn("✓ " + check, done.stdout)

    @unittest.skipUnless(ENGINE == "sqlite", "in a database there is no file to damage")
    def test_doctor_names_a_damaged_file(self):
        self.assertEqual(run("doctor", data=self.data).returncode, 0)
        (self.data / "sky.db").write_bytes(b"broken " * 1000)
        done = run("doctor", data=self.data)
        self.assertEqual(done.returncode, 1)
        self.assertIn("✗", done.stdout)
        self.assertIn("sky.db", done.stdout)

    def test_a_data_folder_that_takes_no_part_in_a_migration_is_left_alone(self):
        places = ("admin", "migrate", self.data, "postgresql://nobody@127.0.0.1:1/x")
        with tempfile.TemporaryDirectory() as home:
            env = {name: value for name, value in os.environ.items() if not name.startswith("SKY_")}
            env |= {"XDG_DATA_HOME": home, "XDG_CONFIG_HOME": home}
            self.assertEqual(run(*places, env=env).returncode, 1)
            self.assertEqual(os.listdir(home), [])
            folder = pathlib.Path(home) / "sky"
            folder.mkdir()
            with open(folder / "lock", "w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self.assertNotIn("another server", run(*places, env=env).stderr)
                # Where its rows are in a database, it may be this one.
                self.assertIn("another server", run(*places, env={**env, "SKY_STORE": "postgresql://x@127.0.0.1:1/x"}).stderr)
                self.assertIn("another server", run(*places, data=folder, env=env).stderr)

    def test_token_before_the_first_start(self):
        done = run("user", "token", data=self.data)
        self.assertEqual(done.returncode, 1)
        self.assertIn("sky serve", done.stderr)


if __name__ == "__main__":
    unittest.main()
