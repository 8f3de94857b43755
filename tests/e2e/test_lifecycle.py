"""test_lifecycle.py: starting, refusing to start, stopping, being killed."""
import fcntl
import http.client
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import threading
import time
import unittest

from support import DATA, ENGINE, SKY, SLOW, START_S, Server, run, sql


def opened_by_another(path):
    for fd in pathlib.Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if fd.parts[2] != str(os.getpid()) and os.readlink(fd) == str(path):
                return True
        except OSError:  # gone meanwhile, or not ours
            continue
    return False


class Starting(unittest.TestCase):
    def setUp(self):
        self.data = pathlib.Path(tempfile.mkdtemp(prefix="sky-e2e-"))
        self.addCleanup(shutil.rmtree, self.data, ignore_errors=True)

    def refused(self, *options, names, env=None, status=1):
        """serve exits with that status and one line on stderr that holds all `names`."""
        done = run("serve", "--http", "127.0.0.1:0", "--https", "off", *options, data=self.data,
                   env={**os.environ, **(env or {})})
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stdout, "")
        lines = done.stderr.strip().splitlines()
        self.assertEqual(len(lines), 1, done.stderr)
        for name in names:
            self.assertIn(str(name), lines[0])

    def made(self):
        """A data folder that was served once."""
        server = Server(data=self.data)
        self.assertEqual(server.stop(), 0)

    def test_secrets_are_private(self):
        self.made()
        self.assertEqual(stat.S_IMODE(os.stat(self.data).st_mode) & 0o077, 0)
        store = ["sky.db"] if ENGINE == "sqlite" else []
        for path in ("owner.token", *store, "keys/node.key", "keys/tls.key"):
            self.assertEqual(stat.S_IMODE(os.stat(self.data / path).st_mode), 0o600, path)

    def test_run_json_is_there_while_it_runs(self):
        server = Server(data=self.data)
        try:
            info = json.loads((self.data / "run.json").read_text())
            self.assertEqual(info["pid"], server.process.pid)
            self.assertEqual(info["http"], server.http)
        finally:
            self.assertEqual(server.stop(), 0)
        self.assertFalse((self.data / "run.json").exists())

    def test_the_service_manager_is_told(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.bind(f"{folder}/notify")
            told.settimeout(START_S)
            server = Server(data=f"{folder}/data", env={"NOTIFY_SOCKET": f"{folder}/notify"})
            try:
                self.assertEqual(told.recv(4096).decode(), f"READY=1\nSTATUS=Answers at {server.http}")
                server.process.send_signal(signal.SIGHUP)
                self.assertEqual(told.recv(4096), b"RELOADING=1")
                self.assertEqual(told.recv(4096).decode(), f"READY=1\nSTATUS=Answers at {server.http}")
            finally:
                self.assertEqual(server.stop(), 0)
            self.assertTrue(told.recv(4096).startswith(b"STOPPING=1\n"))

    @unittest.skipUnless(os.geteuid() == 0, "only root can act for another user")
    def test_root_leaves_the_folder_of_another_user_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            server = Server(data=folder)
            self.assertEqual(server.stop(), 0)
            for path in (pathlib.Path(folder), *pathlib.Path(folder).rglob("*")):
                os.chown(path, 4711, 4711)
            for command in (("serve",), ("ask", "Who?"), ("doctor",)):
                done = run(*command, data=folder)
                self.assertEqual(done.returncode, 1, command)
                self.assertIn("belongs to user 4711", done.stdout + done.stderr)
            self.assertEqual(run("user", "token", data=folder).returncode, 0)
            self.assertEqual([path for path in pathlib.Path(folder).rglob("*") if path.stat().st_uid != 4711], [])

    def test_a_second_server_is_refused(self):
        server = Server(data=self.data)
        try:
            self.refused(names=["another server", self.data])
            self.assertEqual(server.get("/health")[0], 200)
        finally:
            self.assertEqual(server.stop(), 0)

    def test_a_lock_that_goes_at_once_is_waited_for(self):
        """As a child of a killed server holds it, until it has become another program."""
        self.made()
        path, servers = self.data / "lock", []
        with path.open() as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            starting = threading.Thread(target=lambda: servers.append(Server(data=self.data)))
            starting.start()
            while starting.is_alive() and not opened_by_another(path):
                time.sleep(0.001)
        starting.join()
        self.assertEqual(len(servers), 1, "it did not wait")
        self.assertEqual(servers[0].stop(), 0)

    def test_nor_is_its_server_believed_to_run_by_commands(self):
        server = Server(data=self.data)
        server.stop(signal.SIGKILL)
        told = []
        with (self.data / "lock").open() as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            asking = threading.Thread(target=lambda: told.append(run("doctor", "--json", data=self.data)))
            asking.start()
            asking.join(0.2)
        asking.join()
        checks = {check["check"]: check for check in json.loads(told[0].stdout)["checks"]}
        self.assertTrue(checks["store"]["ok"], checks)
        self.assertNotIn("server", checks)

    def test_a_busy_port_that_was_asked_for_is_an_error(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.refused("--http", f"127.0.0.1:{port}", names=[port])

    def test_wrong_options_are_wrong_usage(self):
        for options, name in ((("--store", "foo"), "'foo'"), (("--cors", "foo"), '"foo"'), (("--http", "off"), "both listeners")):
            env = {name: value for name, value in os.environ.items() if name != "SKY_STORE"}
            self.refused(*options, names=[name], env=env, status=2)
        self.assertEqual(list(self.data.iterdir()), [])

    def test_an_address_of_another_machine_is_said_to_be_none_of_this(self):
        for address, said in (("8.8.8.8:8080", "not an address of this machine"), ("example.org:8080", "names are not looked up")):
            self.refused("--http", address, names=[f"{address}: ", said])

    def test_plain_http_for_others_is_warned_of(self):
        # In a network of its own nobody but the test could connect.
        apart = ["unshare", "--user", "--map-root-user", "--net"]
        for address, warned in (("0.0.0.0:0", True), ("127.0.0.1:0", False)):
            with self.subTest(address):
                server = subprocess.Popen([*apart, SKY, "serve", "--data", self.data, "--http", address, "--https", "off"],
                                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                self.assertIn("ready http://", server.stdout.readline())
                server.terminate()
                said = server.communicate(timeout=30)[1]
                self.assertEqual("plain HTTP on 0.0.0.0 can" in said, warned, said)

    def test_commands_reach_a_server_that_listens_anywhere(self):
        """The certificate is good for this machine's own names, and "any address" is none of them."""
        within = ["unshare", "--user", "--map-root-user", "--net"]
        for any_address, own in (("0.0.0.0:0", "https://127.0.0.1:"), ("[::]:0", "https://[::1]:")):
            with self.subTest(any_address):
                serve = f"ip link set lo up && exec {SKY} serve --data {self.data} --http off --https {any_address}"
                server = subprocess.Popen([*within, "sh", "-c", serve], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                self.assertIn("ready https://" + any_address[:-1], server.stdout.readline())
                self.assertIn("open " + own, server.stdout.readline())
                enter = ["nsenter", "--preserve-credentials", "--user", "--net", f"--target={server.pid}"]
                found = subprocess.run([*enter, SKY, "doctor", "--data", self.data], capture_output=True, text=True, check=False)
                self.assertIn("server: " + own, found.stdout)
                server.terminate()
                server.communicate(timeout=30)

    def damaged(self, path, content):
        self.made()
        file = self.data / path
        file.write_bytes(content)
        self.refused(names=[file])
        self.assertEqual(file.read_bytes(), content)

    @unittest.skipUnless(ENGINE == "sqlite", "a database has no file to damage")
    def test_a_corrupt_database_is_named_and_kept(self):
        self.damaged("sky.db", b"this is no database " * 500)

    def test_a_corrupt_certificate_is_named_and_kept(self):
        self.damaged("keys/tls.crt", b"no certificate")

    def test_a_corrupt_key_is_named_and_kept(self):
        self.damaged("keys/node.key", b"no key")

    def test_a_corrupt_token_is_named_and_kept(self):
        self.damaged("owner.token", b"no token")

    def test_a_newer_database_is_refused(self):
        self.made()
        if ENGINE == "sqlite":
            sql(self.data, "PRAGMA user_version = 9999")
            self.refused(names=[self.data / "sky.db", "newer"])
        else:
            sql(self.data, "UPDATE sky_store SET version = 9999")
            self.refused(names=["127.0.0.1", "newer"])

    def test_a_missing_model_is_named(self):
        for option in ("--model-path", "--embed-path", "--embed-multi-path"):
            self.refused(option, "/no/such/model.gguf", names=["/no/such/model.gguf"])

    def test_a_file_that_is_no_model_is_named(self):
        fake = self.data / "model.gguf"
        fake.write_text("not a model")
        self.refused("--model-path", fake, names=[fake])

    def damaged_model(self, name, key):
        """A copy whose number of layers is 0: llama.cpp ends a program that loads it."""
        model = self.data / name
        shutil.copyfile(SKY.parent / "deps" / "models" / name, model)
        with open(model, "r+b") as file:
            head = file.read(2 << 20)
            file.seek(head.index(key) + len(key) + 4)
            file.write(bytes(4))
        return model

    def test_a_model_of_another_kind_is_named(self):
        self.made()
        chat = SKY.parent / "deps" / "models" / "smollm2.gguf"
        checked = run("doctor", "--json", "--embed-path", chat, data=self.data)
        line = [c for c in json.loads(checked.stdout)["checks"] if c["check"] == "embedding model, English"]
        self.assertEqual([c["ok"] for c in line], [False], checked.stdout)
        self.assertIn("vectors of 384 dimensions", line[0]["detail"])

    def test_a_model_that_would_end_the_program_is_named(self):
        chat = self.damaged_model("smollm2.gguf", b"llama.block_count")
        embed = self.damaged_model("minilm.gguf", b"bert.block_count")
        options = ["--model-path", str(chat), "--embed-path", str(embed)]
        checked = run("doctor", "--json", *options, data=self.data)
        self.assertEqual(checked.returncode, 1, checked.stdout)
        for path in (chat, embed):
            line = [c for c in json.loads(checked.stdout)["checks"] if str(path) in c["detail"]]
            self.assertEqual([c["ok"] for c in line], [False], checked.stdout)
            self.assertIn("remove it and run deps/setup run", line[0]["detail"])
        server = Server(*options, data=self.data)
        try:
            server.learn(DATA / "docs")
            status, _, body = server.post("/v1/chat/completions", {
                "model": "skyai-standard", "temperature": 0.1,
                "messages": [{"role": "user", "content": "Tell a short story."}]})
            self.assertEqual(status, 500, body)
            self.assertIn("level=error event=ask.failed error=CORE_ECORRUPT", server.log_text())
            answer = server.ask("Which port does the lantern service listen on?")
            self.assertIn("sources", answer["receipt"])
        finally:
            self.assertEqual(server.stop(), 0)
        log = server.log_text().splitlines()
        for path in (chat, embed):
            named = [line for line in log if "model.damaged" in line and f"file={path}" in line]
            self.assertEqual(len(named), 1, log)
            self.assertIn("level=error", named[0])
            self.assertIn("fetch the file again", named[0])

    def test_a_bad_option_is_wrong_usage(self):
        for options in (["--nod", "0"], ["--nod", "x"], ["--no-such-option", "1"],
                        ["--http", "nonsense"], ["--log-level", "loud"]):
            done = run("serve", *options, data=self.data)
            self.assertEqual(done.returncode, 2, options)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)

    def test_precedence_of_options(self):
        file = self.data / "sky.ini"
        file.write_text("nod = 7\n[log]\nlevel = warn\n")
        cases = [([], {}, 7), ([], {"SKY_NOD": "8"}, 8), (["--nod", "9"], {"SKY_NOD": "8"}, 9)]
        for options, env, nod in cases:
            server = Server("--config", str(file), *options, data=self.data, env=env)
            try:
                self.assertEqual(server.get("/api/status")[2]["nod"], nod)
            finally:
                server.stop()


@unittest.skipUnless(ENGINE == "sqlite", "the disk of a database: tests/fault/test_pg_disk.py")
class FullDisk(unittest.TestCase):
    QUESTION = "Which port does the lantern service listen on?"

    def test_an_answer_that_is_not_kept_says_so(self):
        # The size below holds for the log too: with a line for each request it would end first.
        server = Server("--log-level=error")
        self.addCleanup(server.close)
        server.learn(DATA / "docs")
        server.wait_vectors()
        self.assertTrue(server.ask(self.QUESTION)["kept"])
        # Writing behind this size fails from now on; the log of changes is longer already.
        limit = 32 << 10
        self.assertGreater((server.data / "sky.db-wal").stat().st_size, limit)
        _, hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (limit, hard))
        lost = server.ask("What is the tide table for?")
        self.assertIs(lost["kept"], False)
        self.assertTrue(server.get("/api/status")[2]["degraded"])
        *_, (name, done) = server.events("/api/chat/message",
                                         {"message": self.QUESTION, "stream": True})
        self.assertEqual((name, done["kept"]), ("done", False))
        told = run("ask", self.QUESTION, data=server.data)
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("sky ask: this answer is not kept in the history", told.stderr)
        log = server.log_text()
        self.assertIn("level=error event=store.readonly", log)  # the fault was met
        self.assertIn("level=error event=ask.store", log)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        end = time.monotonic() + START_S
        while server.get("/api/status")[2]["degraded"]:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)
        self.assertTrue(server.ask(self.QUESTION)["kept"])
        told = run("ask", self.QUESTION, data=server.data)
        self.assertNotIn("not kept", told.stderr)
        listed = server.get("/api/chat/history")[2]["conversations"]
        self.assertNotIn(lost["conversation_id"], [c["id"] for c in listed])


class Ending(unittest.TestCase):
    def story(self, server, **fields):
        """Asks for a story on a connection of its own, which is returned."""
        connection = server.connection()
        self.addCleanup(connection.close)
        connection.request("POST", "/v1/chat/completions", json.dumps({
            "model": "skyai-standard", "temperature": 0.5,
            "messages": [{"role": "user", "content": "Tell a very long story."}], **fields}), {
                "Authorization": f"Bearer {server.token}", "Content-Type": "application/json"})
        return connection

    def wait_text(self, answer):
        """Reads a stream until the first token has come."""
        for line in answer:
            if line.startswith(b"data: {"):
                choice = json.loads(line[6:])["choices"][0]
                if choice["delta"].get("content"):
                    return
        self.fail("no text came")

    def test_terminate_finishes_running_answers(self):
        server = Server()
        try:
            server.learn(DATA / "docs")
            whole = self.story(server, max_tokens=4)
            stream = self.story(server, max_tokens=4, stream=True)
            answer = stream.getresponse()
            self.wait_text(answer)
            self.assertEqual(server.stop(), 0)
            self.assertIn(b"data: [DONE]", answer.read())
            answer = whole.getresponse()
            self.assertEqual(answer.status, 200)
            self.assertEqual(json.loads(answer.read())["usage"]["completion_tokens"], 4)
        finally:
            server.close()

    def ended(self, server):
        """Seconds from SIGTERM to a clean end."""
        start = time.monotonic()
        self.assertEqual(server.stop(), 0)
        return time.monotonic() - start

    def test_terminate_stops_learning_and_embedding(self):
        server = Server()
        folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-docs-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        try:
            for i in range(200):
                (folder / f"{i}.txt").write_text("".join(
                    f"Paragraph {j} of part {i} tells how valve {i * j} is opened by hand.\n\n"
                    for j in range(80)))
            server.learn(folder)
            for _ in range(600):
                knowledge = server.get("/api/status")[2]["knowledge"]
                if knowledge["vectors"]:
                    break
                time.sleep(0.1)
            self.assertGreater(knowledge["vectors"], 0)
            self.assertLess(knowledge["vectors"], knowledge["chunks"])
            self.assertLess(self.ended(server), 10 * SLOW)
        finally:
            server.close()

    def test_terminate_waits_for_fifty_streams_within_bounds(self):
        server = Server()
        try:
            # Who comes in a crowd may wait for the whole stories of others: one is there before.
            answers = [self.story(server, max_tokens=2000, stream=True).getresponse()]
            self.wait_text(answers[0])
            stories = [self.story(server, max_tokens=2000, stream=True) for _ in range(49)]
            answers += [connection.getresponse() for connection in stories]
            self.assertEqual({answer.status for answer in answers}, {200})
            self.assertLess(self.ended(server), 10 * SLOW)
            for answer in answers:  # nobody is told that a story cut short is whole
                with self.assertRaises(http.client.IncompleteRead) as cut:
                    answer.read()
                self.assertNotIn(b"[DONE]", cut.exception.partial)
        finally:
            server.close()

    def test_kill_9_loses_nothing_acknowledged(self):
        server = Server()
        try:
            server.learn(DATA / "docs")
            answer = server.ask("Which port does the lantern service listen on?")
            before = server.get("/api/status")[2]["knowledge"]
            self.assertNotEqual(server.stop(signal.SIGKILL), 0)
            again = Server(data=server.data)
            try:
                after = again.get("/api/status")[2]["knowledge"]
                self.assertEqual(after["chunks"], before["chunks"])
                path = f"/api/chat/history?conversation_id={answer['conversation_id']}"
                self.assertEqual(again.get(path)[2]["messages"][1]["id"], answer["message_id"])
            finally:
                again.stop()
        finally:
            server.close()

    def test_a_second_interrupt_waits_for_nobody(self):
        server = Server()
        try:
            for _ in range(4):
                self.story(server, max_tokens=1000, stream=True)
            silent = server.connection()
            self.addCleanup(silent.close)
            silent.connect()
            for count in (1, 2):
                server.process.send_signal(signal.SIGINT)
                server.wait_log(r"(event=serve\.stop(.|\n)*){%d}" % count)
            self.assertEqual(server.stop(signal.SIGINT), 0)
        finally:
            server.close()

    def test_what_a_killed_server_left_misleads_nobody(self):
        server = Server()
        try:
            server.stop(signal.SIGKILL)
            self.assertTrue((server.data / "run.json").exists())
            heard = []
            with socket.create_server((server.host, int(server.port))) as other:
                other.settimeout(0.1)
                done = run("search", "anything", data=server.data)
                self.assertEqual(done.returncode, 0, done.stderr)
                try:
                    heard.append(other.accept())
                except TimeoutError:
                    pass
            self.assertEqual(heard, [])
            self.assertFalse((server.data / "run.json").exists())
        finally:
            server.close()



class Hangup(unittest.TestCase):
    """SIGHUP reads the configuration again."""

    def setUp(self):
        self.file = pathlib.Path(tempfile.mkdtemp(prefix="sky-ini-")) / "sky.ini"
        self.addCleanup(shutil.rmtree, self.file.parent)
        self.file.write_text("[log]\nlevel = warn\n")
        self.server = Server("--config", self.file, "--nod", "5", env={"SKY_CACHE": "true"})
        self.addCleanup(self.server.close)

    def hangup(self, text, wanted):
        """Writes the file, has it read, waits for a line; returns what was logged since."""
        self.file.write_text(text)
        before = len(self.server.log_text())
        self.server.process.send_signal(signal.SIGHUP)
        self.server.wait_log(wanted, before)
        return self.server.log_text()[before:]

    def requests_logged(self):
        """What requests left in the log. Their lines come before the next request is looked at, not before the answer."""
        before = len(self.server.log_text())
        for path, status in (("/health", 200), ("/nothing", 404), ("/health", 200)):
            self.assertEqual(self.server.get(path)[0], status)
        return "".join(line for line in self.server.log_text()[before:].splitlines(True) if line.endswith("\n"))

    def test_level_and_form_of_the_log_change_at_once(self):
        self.assertNotIn("http.request", self.requests_logged())
        log = self.hangup("[log]\nlevel = info\n", r"key=log\.level value=info")
        self.assertIn('state="in effect"', log)
        self.assertIn("event=http.request", self.requests_logged())
        self.hangup("[log]\nlevel = info\nformat = json\n", '"certificate":')
        for line in self.requests_logged().splitlines():
            self.assertEqual(json.loads(line)["event"], "http.request")

    def test_questions_follow_the_new_levels(self):
        self.server.learn(DATA / "docs")
        self.assertEqual(self.server.get("/api/status")[2]["levels"], ["L0", "L1", "L2"])
        self.hangup("level-max = L1\nlog.level = info\n", r"key=level-max .*in effect")
        self.assertEqual(self.server.get("/api/status")[2]["levels"], ["L0", "L1"])
        self.hangup("log.level = info\n", r"key=level-max .*in effect")
        self.assertEqual(self.server.get("/api/status")[2]["levels"], ["L0", "L1", "L2"])

    def test_new_folders_are_learned(self):
        self.hangup(f"learn = {DATA / 'docs'}\nlog.level = info\n", r"key=learn .*in effect")
        end = time.monotonic() + START_S
        while self.server.get("/api/status")[2]["knowledge"]["documents"] == 0:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)

    def test_other_origins_from_now_on(self):
        one, two = "https://one.example.org", "https://two.example.org"

        def allowed():
            answers = [self.server.get("/api/status", headers={"Origin": origin})[1] for origin in (one, two)]
            return [answer["Access-Control-Allow-Origin"] for answer in answers]
        self.assertEqual(allowed(), [None, None])
        self.hangup(f"cors = {one}\nlog.level = info\n", r"key=cors .*in effect")
        self.assertEqual(allowed(), [one, None])
        self.hangup(f"cors = {one} {two}\nlog.level = info\n", r"key=cors .*in effect")
        self.assertEqual(allowed(), [one, two])
        self.hangup(f"cors = {two}\nlog.level = info\n", r"key=cors .*in effect")
        self.assertEqual(allowed(), [None, two])
        # What is no list is named, and opens nothing.
        log = self.hangup("cors = *\nlog.level = info\n", "certificate=")
        self.assertIn("is no origin", log)
        self.assertNotIn(one, allowed())
        self.hangup("log.level = info\n", "certificate=")
        self.assertEqual(allowed(), [None, None])

    def test_what_needs_a_restart_is_named_each_time(self):
        text = "http = 127.0.0.1:1\nnod = 6\ncache = no\n[model]\nslots = 2\n"
        for _ in range(2):
            log = self.hangup(text, r"key=model\.slots .*needs a restart")
            self.assertNotIn("key=http", log)  # a flag is stronger than the file
            self.assertNotIn("key=nod", log)
            self.assertNotIn("key=cache", log)  # and so is a variable
        self.assertEqual(self.server.get("/api/status")[2]["nod"], 5)

    def test_a_broken_file_changes_nothing_and_is_named_with_its_line(self):
        self.hangup("[log]\nlevel = info\n", r"key=log\.level value=info")
        for text, line in (("[log]\nlevel = loud\n", 2), ("\n\nnonsense\n", 3),
                           ("cache = yes\nlog.levle = warn\n", 2)):
            log = self.hangup(text, "level=error event=serve.reload")
            self.assertIn(f"{self.file}:{line}: ", log)
            self.assertIn("event=http.request", self.requests_logged())
        self.file.unlink()
        before = len(self.server.log_text())
        self.server.process.send_signal(signal.SIGHUP)
        self.assertIn(str(self.file), self.server.wait_log("level=error event=serve.reload.*", before)[0])
        self.hangup("[log]\nlevel = debug\n", r"key=log\.level value=debug")


if __name__ == "__main__":
    unittest.main()
