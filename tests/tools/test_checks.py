"""Each check passes a sound little tree and fails the same tree with one thing wrong, naming file and line."""
import pathlib
import subprocess
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"

SOUND = {
    "core/buf.h": "#ifndef CORE_BUF_H\n#define CORE_BUF_H\n\n#include <stddef.h>\n\nsize_t core_buf_len(void);\n\n#endif\n",
    "core/buf.c": '#include "core/buf.h"\n\nsize_t core_buf_len(void)\n{\n    return 0;\n}\n',
    "bus/frame.c": '#include "core/buf.h"\n',
    "docs/core.md": "# The core\n\nSee [itself](core.md#the-core) and [code](../core/buf.h).\n",
    "tools/hello.sh": "echo hello\n",
}


class Tree(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        for name, text in SOUND.items():
            self.write(name, text)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def check(self, name):
        done = subprocess.run([TOOLS / f"check-{name}", self.root], capture_output=True, text=True, check=False)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout

    def passes(self, name):
        status, output = self.check(name)
        self.assertEqual((status, output), (0, ""))

    def fails(self, name, *wanted):
        status, output = self.check(name)
        self.assertEqual(status, 1, output)
        for text in wanted:
            self.assertIn(text, output)


class Sound(Tree):
    def test_every_check_passes_the_sound_tree(self):
        names = [path.name.removeprefix("check-") for path in TOOLS.glob("check-*")]
        self.assertGreaterEqual(len(names), 8)
        for name in names:
            with self.subTest(name):
                self.passes(name)


class Imports(Tree):
    def test_upward_import(self):
        self.write("core/up.c", '#include "core/buf.h"\n#include "bus/frame.h"\n')
        self.write("bus/frame.h", "")
        self.fails("imports", "core/up.c:2: core may not include bus")

    def test_inside_of_another_room(self):
        self.write("node/node.c", '#include "account/inner.h"\n')
        self.write("account/inner.h", "")
        self.fails("imports", "node/node.c:1: node may not include account")
        self.write("node/node.c", "")
        self.write("gate/gate.c", '#include "account/inner.h"\n')
        self.fails("imports", 'only include the face of account, "account/account.h"')

    def test_inside_of_the_store(self):
        self.write("core/store/engine.h", "")
        self.write("ai/a.c", '#include "core/store/engine.h"\n')
        self.fails("imports", "ai/a.c:1:")

    def test_folders_of_a_room(self):
        self.write("ai/text/text.h", "")
        self.write("ai/find/retrieve.h", "")
        self.write("ai/find/retrieve.c", '#include "ai/text/text.h"\n')
        self.passes("imports")
        self.write("ai/text/text.c", '#include "ai/find/retrieve.h"\n')
        self.fails("imports", 'ai/text/text.c:1: ai/text may not include ai/find ("ai/find/retrieve.h")')

    def test_missing_and_relative_header(self):
        self.write("core/x.c", '#include "buf.h"\n')
        self.fails("imports", 'core/x.c:1: "buf.h" does not exist')

    def test_comment_is_no_import(self):
        self.write("core/x.c", '/*\n#include "bus/frame.h"\n*/\n')
        self.passes("imports")


class Banned(Tree):
    def test_never(self):
        self.write("tests/unit/core/x.c", "void f(char *a)\n{\n    strcpy(a, a);\n}\n")
        self.fails("banned", "tests/unit/core/x.c:3: strcpy() is banned")

    def test_clock_outside_env(self):
        self.write("node/x.c", "long f(void)\n{\n    return time(0);\n}\n")
        self.write("core/env_real.c", "long g(void)\n{\n    return time(0);\n}\n")
        self.fails("banned", "node/x.c:3: time()", "1 problem\n")

    def test_wrapped_library(self):
        for call in ("sqlite3_open(p)", "uv_run(p)", "EVP_sha256()", "llama_decode(p)", "curl_easy_init()", "yyjson_read(p)",
                     "nghttp2_session_del(p)", "llhttp_init(p)", "pthread_mutex_lock(p)"):
            with self.subTest(call):
                self.write("gate/x.c", f"void f(void *p)\n{{\n    {call};\n}}\n")
                self.fails("banned", f"gate/x.c:3: {call.split('(')[0]}() belongs to")

    def test_strings_comments_members_and_longer_names(self):
        self.write("gate/x.c", 'void f(void)\n{\n    /* strcpy(a) */\n    g("system(x)");\n    env->time(1);\n    x.rand();\n    my_system(2);\n}\n')
        self.passes("banned")


class Headers(Tree):
    def test_does_not_compile_alone(self):
        self.write("core/lone.h", "#ifndef CORE_LONE_H\n#define CORE_LONE_H\n\nsize_t f(void);\n\n#endif\n")
        self.fails("headers", "core/lone.h: does not compile alone", "size_t")

    def test_guard(self):
        self.write("core/lone.h", "#ifndef LONE_H\n#define LONE_H\n#endif\n")
        self.fails("headers", "core/lone.h:1: wants the guard CORE_LONE_H")

    def test_table_is_exempt(self):
        self.write("core/table.h", "X(A, 1)\n")
        self.passes("headers")


def function(lines, head="int f(int a,\n      int b)\n{\n"):
    return head + "    a++;\n" * (lines - 2) + "}\n"


class Sizes(Tree):
    def test_function(self):
        self.write("core/x.c", function(70))
        self.passes("sizes")
        self.write("core/x.c", function(71))
        self.fails("sizes", "core/x.c:3: f() has 71 lines")

    def test_function_with_its_brace_on_the_same_line(self):
        self.write("core/x.c", function(71, "static void *g(void) {\n"))
        self.fails("sizes", "core/x.c:1: g() has 71 lines")

    def test_excuse(self):
        self.write("core/x.c", function(90))
        self.write("tools/long-functions", "core/x.c f one case a message\n")
        self.passes("sizes")
        self.write("core/x.c", function(10))
        self.fails("sizes", "needs no excuse")

    def test_file(self):
        self.write("core/x.c", "int a;\n" * 801)
        self.fails("sizes", "core/x.c: 801 lines")
        self.write("core/x.c", "/* Generated by tools/x. */\n" + "int a;\n" * 801)
        self.passes("sizes")


class Words(Tree):
    def test_forbidden(self):
        for word in ("https://py" + "pi.org/simple", "/wo" + "rk/main", "# TO" + "DO later", "/ro" + "ot/x", "/tm" + "p/x"):
            with self.subTest(word):
                self.write("docs/x.md", f"# X\n\n{word}\n")
                self.fails("words", "docs/x.md:3:")

    def test_harmless(self):
        self.write("docs/x.md", "# X\n\n$HOME/work/ network/x TODOS ${TMPDIR}/x build/root/x\n")
        self.passes("words")


class Links(Tree):
    def test_file_and_heading(self):
        self.write("docs/x.md", "# X\n\n[a](nowhere.md)\n[b](core.md#no-such)\n`[c](nowhere.md)`\n")
        self.fails("links", "docs/x.md:3: nowhere.md leads nowhere", "docs/x.md:4: core.md#no-such has no such heading", "2 problems")


class Format(Tree):
    def test_c(self):
        self.write("core/x.c", "int f(void) {\n  return 0; }\n")
        self.fails("format", "core/x.c:1: not formatted")

    def test_text(self):
        self.write("docs/x.md", "# X \n")
        self.write("docs/y.md", "# Y")
        self.write("docs/z.md", b"\xff\n")
        self.fails("format", "docs/x.md:1: blanks", "docs/y.md: must end", "docs/z.md: not UTF-8")


class Scripts(Tree):
    def test_syntax(self):
        self.write("tools/bad.sh", "if true; then\n")
        self.write("tools/bad.py", "def f(:\n")
        self.write("tools/run", "#!/bin/sh\necho\n")
        self.fails("scripts", "bad.sh", "tools/bad.py:1:", "tools/run: begins with #!")


class Driver(Tree):
    def test_counts_every_check(self):
        self.write("core/x.c", "int f(void) {\n  return 0; }\n")
        done = subprocess.run([TOOLS / "check", self.root], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("FAIL format\n", done.stdout)
        self.assertIn("ok imports\n", done.stdout)


if __name__ == "__main__":
    unittest.main()
