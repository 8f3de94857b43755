"""test_learn.py: learning real files of every kind, again, changed, doubled, gone, broken."""
import email.message
import gzip
import os
import pathlib
import shutil
import signal
import tempfile
import unittest

from support import DATA, Server, ServerTest, run, sql


class Learning(ServerTest):
    learn = False

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-docs-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def found(self, query, name):
        results = self.server.get(f"/api/crawler/knowledge?q={query}&k=3")[2]["results"]
        return [r for r in results if r["document"] == str(self.folder / name)]

    def test_a_folder_follows_its_files(self):
        for name in ("lantern.md", "tides.txt", "kiosk.html", "sluice.8"):
            shutil.copy(DATA / "docs" / name, self.folder)
        job = self.server.learn(self.folder)
        self.assertEqual((job["state"], job["added"], job["failed"]), ("done", 4, 0))
        self.assertTrue(self.found("sluice+dry-run", "sluice.8"))
        self.assertTrue(self.found("paper+roll+kiosk", "kiosk.html"))
        for hit in self.found("never+indexed", "kiosk.html"):
            self.assertNotIn("never indexed", hit["text"])

        job = self.server.learn(self.folder)
        self.assertEqual((job["added"], job["unchanged"]), (0, 4))

        (self.folder / "tides.txt").write_text("The quokka tide is measured in furlongs.\n")
        (self.folder / "kiosk.html").unlink()
        job = self.server.learn(self.folder)
        self.assertEqual((job["updated"], job["removed"], job["unchanged"]), (1, 1, 2))
        self.assertTrue(self.found("quokka+furlongs", "tides.txt"))
        self.assertFalse(self.found("paper+roll+kiosk", "kiosk.html"))

    def test_rows_of_a_long_table_know_their_columns(self):
        rows = [f"{berth};pontoon {'abcdef'[berth % 6]};{40 + berth * 7} crowns" for berth in range(1, 151)]
        text = "Berth;Jetty;Deposit\n" + "\n".join(rows) + "\n"
        (self.folder / "harbour.csv").write_text(text)
        self.assertEqual(self.server.learn(self.folder)["added"], 1)
        hit = self.found("deposit+berth+131", "harbour.csv")[0]
        self.assertEqual(hit["location"], "Berth | Jetty | Deposit")
        self.server.wait_vectors()
        receipt = self.server.ask("What is the deposit of berth 131 of the harbour?")["receipt"]
        source = next(s for s in receipt["sources"] if s["document"].endswith("harbour.csv"))
        self.assertEqual(source["location"], "Berth | Jetty | Deposit")
        self.assertIn("131 | pontoon f | 957 crowns", source["quote"])
        for line in source["quote"].strip("… ").splitlines():
            self.assertIn(line.strip().replace(" | ", ";"), text)

    def test_and_the_same_of_another(self):
        (self.folder / "boiler.md").write_text(
            "# Faults of the boiler\n\n## E15\n\nE15 means that the flue is blocked. Have it swept; the boiler starts again by itself.\n\n"
            "## E24\n\nE24 means that the pressure of the water is below 0.8 bar. Fill up to 1.5 bar.\n\n"
            "## E31\n\nE31 means that the sensor outside is broken. Replace it by type NTC 10.\n")
        self.assertEqual(self.server.learn(self.folder)["added"], 1)
        self.server.wait_vectors()
        chat = self.server.ask("What does the fault E15 of the boiler mean?")
        self.assertIn("flue", chat["answer"])
        for question, said in (("and E24?", "0.8 bar"), ("And what about E31?", "sensor"), ("and E15?", "flue")):
            answer = self.server.ask(question, conversation_id=chat["conversation_id"])
            self.assertIn(said, answer["answer"], (question, answer))

    def test_what_is_asked_for_is_what_is_answered(self):
        """How often, how long, what time, a price, a code; neither what a page is called nor what only shares its words."""
        (self.folder / "minutes.txt").write_text(
            "Minutes, rowing team meeting, 12 March 2026\nPresent: nearly all of the team.\n\n1. New rowing machine\nThree offers were compared. "
            "The old rowing machine goes to the youth club for free.\n\n2. Next rowing team meeting: 9 April at 15:00.\n")
        (self.folder / "boathouse.md").write_text(
            "# The boathouse\n\nThe hull is scrubbed every third week. To scrub the hull, take 50 g of soft soap and two buckets of water.\n\n"
            "Press the horn of the boathouse for no longer than four seconds. Heating up the boathouse takes about 70 minutes.\n\n"
            "| Code | Meaning | What to do |\n|---|---|---|\n| E05 | Tank empty | Fill the tank |\n| E11 | Sensor of the boathouse door broken | Call service |\n\n"
            "The boathouse is warranted for 24 months, its pump for 36.\n")
        (self.folder / "keys.md").write_text(
            "# Where things are\n\n- Fuse box: in the hall, behind the picture of the mill.\n"
            "- Main water tap: in the cellar, left of the washing machine, a red wheel. Turn it clockwise.\n"
            "- Passwords: in the black notebook under the piano stool. The computer is on the first page.\n\n"
            "## Fees of the bank\n\n| | Basic | Family | Student |\n|---|---|---|---|\n| Monthly fee | €3.90 | €9.80 | free |\n"
            "| Card per year | €9.00 | two included | included |\n")
        (self.folder / "lease.txt").write_text(
            "2.1 The rent of the loft, exclusive of value added tax, is 8,900 pounds each month and\n"
            "    is to be paid in advance.\n2.2 Deposit: 17,800 pounds.\n2.3 Repairs of less than 50 pounds are paid for by the tenant.\n")
        self.assertEqual(self.server.learn(self.folder)["added"], 4)
        self.server.wait_vectors()
        for question, said in (("Where do I turn off the water?", "left of the washing machine"), ("Where are the computer passwords?", "piano stool"),
                               ("What does the Family account cost per month?", "9.80"), ("rent of the loft excluding VAT", "8,900"),
                               ("When is the next rowing team meeting?", "9 April"), ("What happens to the old rowing machine?", "youth club"),
                               ("How often is the hull scrubbed?", "every third week"), ("How long does the boathouse need to heat up?", "70 minutes"),
                               ("What does error E11 of the boathouse mean?", "Sensor")):
            with self.subTest(question):
                answer = self.server.ask(question)
                self.assertTrue(answer["answered"], answer)
                self.assertIn(said.lower(), answer["answer"].lower())
        self.assertFalse(self.server.ask("What is the price of the boathouse?")["answered"])

    def test_compounds_that_no_document_writes(self):
        (self.folder / "waschen.md").write_text(
            "# Bedienung der Waschmaschine\n\n## Programme\n\n| Programm | Temperatur | Dauer |\n|---|---|---|\n"
            "| Kurz | 30 °C | 29 Minuten |\n| Baumwolle | 60 °C | 150 Minuten |\n\n"
            "## Pflege\n\nReinigen Sie das Sieb der Pumpe alle drei Monate. Lassen Sie danach die Tür offen.\n")
        self.assertEqual(self.server.learn(self.folder)["added"], 1)
        self.server.wait_models()
        for question, typed, said in (("Wie lange dauert das Kurzprogramm?", "Kurzprogramm", "29 Minuten"),
                                      ("Pumpensieb reinigen", "Pumpensieb", "drei Monate")):
            answer = self.server.ask(question)
            self.assertEqual([word["typed"] for word in answer["receipt"]["read_as"]], [typed])
            self.assertIn(said, answer["answer"], answer)

    def test_english_questions_find_documents_in_other_languages(self):
        (self.folder / "mietvertrag.txt").write_text(
            "Mietvertrag\n\n§ 4 Fristen\nDie Frist beträgt für den Mieter drei Monate. Er muss schriftlich bis zum dritten Werktag "
            "eines Monats kündigen.\n\n§ 5 Balkon\nGrillen mit Holzkohle ist auf dem Balkon nicht erlaubt.\n")
        (self.folder / "skola.txt").write_text(
            "Informace pro rodiče\n\nObědy\nOběd stojí 36 korun a odhlašuje se do 7 hodin ráno.\n\n"
            "Plavání\nDěti potřebují plavky, koupací čepici a ručník.\n")
        (self.folder / "cabin.txt").write_text(
            "House rules for the cabin\n\nThe key lies in the box beside the door; its code is sent a day before.\n"
            "Arrival is from 3 pm, departure until 11 am.\nThe boat seats four people.\n")
        self.assertEqual(self.server.learn(self.folder)["added"], 3)
        self.server.wait_models()
        for question, document in (("Am I allowed to barbecue on the balcony?", "mietvertrag.txt"),
                                   ("Information for parents about lunch", "skola.txt"),
                                   ("Where do I find the key of the cabin?", "cabin.txt")):
            sources = self.server.ask(question)["receipt"]["sources"]
            self.assertTrue(sources[0]["document"].endswith(document), (question, sources))

    def test_mail_is_read_as_it_was_written(self):
        mail = email.message.EmailMessage()
        mail["Subject"] = "P\u0159evod lo\u010fky Albatros"
        mail["From"] = "Ji\u0159\u00ed \u0160\u0165astn\u00fd <jiri@example.org>"
        mail["To"] = "Eva <eva@example.org>"
        mail["Date"] = "Mon, 03 Mar 2025 10:00:00 +0100"
        mail.set_content("The skiff Albatros costs 8400 crowns, and the v\u011bsla are included.\n", charset="iso-8859-2", cte="quoted-printable")
        mail.add_alternative("<p>Never shown beside the plain text.</p>", subtype="html")
        mail.add_attachment(b"%PDF-1.4 unread", maintype="application", subtype="pdf", filename="smlouva o lo\u010fce.pdf")
        (self.folder / "albatros.eml").write_bytes(mail.as_bytes())
        self.assertEqual(self.server.learn(self.folder)["added"], 1)
        hit = self.found("Albatros+skiff+crowns", "albatros.eml")[0]
        self.assertEqual(hit["title"], mail["Subject"])
        for text in ("From: Ji\u0159\u00ed \u0160\u0165astn\u00fd <jiri@example.org>", "Date: Mon, 03 Mar 2025", "v\u011bsla are included",
                     "Attachments: smlouva o lo\u010fce.pdf"):
            self.assertIn(text, hit["text"])
        self.assertNotIn("Never shown", hit["text"])
        self.server.wait_vectors()
        answer = self.server.ask("How many crowns does the skiff Albatros cost?")
        self.assertIn("8400", answer["answer"])
        self.assertIn("The skiff Albatros costs 8400 crowns", answer["receipt"]["sources"][0]["quote"])

    def test_a_mailbox_is_its_messages(self):
        (self.folder / "Inbox.mbox").write_text(
            "From eva@example.org Mon Mar  3 10:00:00 2025\nFrom: eva@example.org\nSubject: The boiler\n\n"
            "The warranty of the boiler ends on 4 May 2031.\n\n"
            "From petr@example.org Mon Mar  3 11:00:00 2025\nFrom: petr@example.org\nSubject: The shed\n\n"
            "The key of the shed lies under the flowerpot.\n")
        self.assertEqual(self.server.learn(self.folder)["added"], 1)
        hit = self.found("key+shed+flowerpot", "Inbox.mbox")[0]
        self.assertEqual(hit["title"], "Inbox.mbox")
        self.assertIn("The shed\n\nFrom: petr@example.org\nSubject: The shed\n\nThe key of the shed lies under the flowerpot.", hit["text"])

    def test_subtitles_are_what_is_said(self):
        (self.folder / "ferry.srt").write_text("1\n00:00:01,000 --> 00:00:02,500\n<i>The ferry Halcyon\n\n2\n00:00:02,600 --> 00:00:04,000\n"
                                               "leaves the north pier\n\n3\n00:00:04,100 --> 00:00:06,000\nat a quarter past nine.\n")
        self.assertEqual(self.server.learn(self.folder)["added"], 1)
        hit = self.found("ferry+Halcyon+pier", "ferry.srt")[0]
        self.assertEqual(hit["text"], "The ferry Halcyon leaves the north pier at a quarter past nine.")
        self.server.wait_vectors()
        self.assertIn("a quarter past nine", self.server.ask("When does the ferry Halcyon leave the north pier?")["answer"])

    def test_restructured_text_is_read_as_its_pages(self):
        (self.folder / "winch.rst").write_text("Winch\n=====\n\n.. _winch-torque:\n\nTorque\n------\n\nThe winch **Badger** is tightened with :term:`37 newton metres "
                                               "<newton>`.\n\n.. toctree::\n\n   neverseen\n\n.. warning::\n\n   Mind the rope.\n")
        self.assertEqual(self.server.learn(self.folder)["added"], 1)
        hit = self.found("winch+Badger+torque", "winch.rst")[0]
        self.assertEqual(hit["title"], "Winch")
        self.assertIn("The winch Badger is tightened with 37 newton metres.\n\nMind the rope.", hit["text"])
        self.assertNotIn("neverseen", hit["text"])
        self.server.wait_vectors()
        self.assertIn("37 newton metres", self.server.ask("With how many newton metres is the winch Badger tightened?")["answer"])

    def test_duplicates_are_stored_once(self):
        text = "The velvet otter sleeps under the bridge at noon.\n"
        before = self.server.get("/api/status")[2]["knowledge"]
        for name in ("a.txt", "b.txt", "c.txt"):
            (self.folder / name).write_text(text)
        job = self.server.learn(self.folder)
        after = self.server.get("/api/status")[2]["knowledge"]
        self.assertEqual(job["duplicates"], 2)
        self.assertEqual(after["documents"] - before["documents"], 3)
        self.assertEqual(after["chunks"] - before["chunks"], 1)
        (self.folder / "a.txt").unlink()
        self.server.learn(self.folder)
        results = self.server.get("/api/crawler/knowledge?q=velvet+otter&k=3")[2]["results"]
        self.assertTrue(results and results[0]["document"] != str(self.folder / "a.txt"))

    def test_compressed_files_and_encodings(self):
        (self.folder / "z.txt.gz").write_bytes(gzip.compress(b"The copper heron is compressed.\n"))
        (self.folder / "latin.txt").write_bytes("Die Gebühr für das Zebra beträgt 9 Taler.\n".encode("latin-1"))
        (self.folder / "utf16.txt").write_bytes("The basalt lynx is wide.\n".encode("utf-16"))
        job = self.server.learn(self.folder)
        self.assertEqual((job["added"], job["failed"]), (3, 0), job)
        # The process that reads them may open no files, and the C library keeps these in modules.
        declared = {"koi8-r": "Медный журавль", "shift_jis": "銅の鶴です", "windows-1251": "Серый волк", "gb18030": "灰色的狼"}
        for charset, words in declared.items():
            page = f'<html><head><meta charset="{charset}"><title>page</title></head><body><p>Beacon{len(charset)}: {words}</p></body></html>'
            (self.folder / f"{charset}.html").write_bytes(page.encode(charset))
        self.assertEqual(self.server.learn(self.folder)["failed"], 0)
        for charset, words in declared.items():
            hits = self.found(f"Beacon{len(charset)}", f"{charset}.html")
            self.assertIn(words, hits[0]["text"])
        self.assertTrue(self.found("copper+heron", "z.txt.gz"))
        self.assertTrue(self.found("basalt+lynx", "utf16.txt"))
        hit = self.found("Zebra+Taler", "latin.txt")
        self.assertIn("Gebühr", hit[0]["text"])

    def test_broken_files_are_listed_and_stop_nothing(self):
        (self.folder / "good.txt").write_text("The marble newt is fine.\n")
        (self.folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnot really")
        (self.folder / "broken.docx").write_bytes(b"PK\x03\x04 cut")
        (self.folder / "binary.txt").write_bytes(bytes(range(256)) * 64)
        (self.folder / "empty.txt").touch()
        os.mkfifo(self.folder / "pipe.txt")
        os.symlink(self.folder, self.folder / "loop")
        job = self.server.learn(self.folder)
        self.assertEqual((job["state"], job["added"], job["skipped"]), ("done", 1, 1), job)
        named = {pathlib.Path(e["document"]).name for e in job["errors"]}
        self.assertLessEqual({"broken.pdf", "broken.docx", "binary.txt"}, named)
        self.assertTrue(self.found("marble+newt", "good.txt"))

    def test_only_bytes_are_a_document(self):
        for kind, want in (("Application/Octet-Stream", 202), ("application/octet-stream ; a=b", 202), ("application/octet-streamX", 415),
                           ("application/octet", 415), ("application/octet-stream/x", 415), (";application/octet-stream", 415)):
            with self.subTest(kind):
                status, _, answer = self.server.request("POST", "/api/crawler/learn?name=kind.md", b"# Kind\n\nThe slate heron wades.\n", {"Content-Type": kind})
                self.assertEqual(status, want, answer)
                if status == 202:
                    self.server.job(answer["job_id"])

    def test_a_dropped_file_is_learned(self):
        status, _, answer = self.server.request(
            "POST", "/api/crawler/learn?name=note.md", b"# Note\n\nThe amber vole hums at dusk.\n",
            {"Content-Type": "application/octet-stream"})
        self.assertEqual(status, 202)
        self.assertEqual(self.server.job(answer["job_id"])["added"], 1)
        results = self.server.get("/api/crawler/knowledge?q=amber+vole&k=1")[2]["results"]
        self.assertEqual(results[0]["document"], "upload:note.md")
        status, _, _ = self.server.request(
            "DELETE", f"/api/crawler/documents/{results[0]['document_id']}")
        self.assertEqual(status, 204)
        results = self.server.get("/api/crawler/knowledge?q=amber+vole&k=5")[2]["results"]
        self.assertNotIn("upload:note.md", [result["document"] for result in results])

    def test_the_data_folder_is_never_learned(self):
        data = self.folder / "server"
        (self.folder / "note.txt").write_text("The indigo walrus guards the gate.\n")
        server = Server(data=data)
        self.addCleanup(server.close)
        os.symlink(data / "keys" / "node.key", self.folder / "link.txt")
        os.link(data / "keys" / "tls.key", self.folder / "hard.txt")
        os.symlink(data, self.folder / "folder")
        job = server.learn(self.folder)
        self.assertEqual((job["state"], job["failed"]), ("done", 0), job)
        (self.folder / "server.8").write_text(".so server/owner.token\n")
        job = server.learn(self.folder)
        self.assertEqual(job["failed"], 1, job)
        for path in (data, data / "owner.token", data / "keys", self.folder / "folder",
                     self.folder / "link.txt", self.folder / "hard.txt"):
            job = server.learn(path)
            self.assertEqual((job["added"], job["failed"]), (0, 1), job)
            self.assertEqual(job["errors"][0]["document"], str(path))
            self.assertIn("the server's data folder", job["errors"][0]["error"])
        done = run("learn", data / "keys", data=data)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("the server's data folder", done.stderr)
        page = b".so " + str(data / "owner.token")[1:].encode() + b"\n"
        status, _, answer = server.request("POST", "/api/crawler/learn?name=sent.8", page,
                                           {"Content-Type": "application/octet-stream"})
        self.assertEqual((status, server.job(answer["job_id"])["failed"]), (202, 1))

        def documents(query):
            results = server.get(f"/api/crawler/knowledge?q={query}&k=20")[2]["results"]
            for result in results:
                self.assertNotIn(server.token, result["text"])
                self.assertNotIn("PRIVATE KEY", result["text"])
            return {result["document"] for result in results}

        # support.py puts the log of the server beside its data folder.
        mine = {str(self.folder / "note.txt"), str(self.folder / "server.log")}
        self.assertIn(str(self.folder / "note.txt"), documents("indigo+walrus"))
        for query in (server.token, "BEGIN+PRIVATE+KEY", "owner+token", "SQLite+format"):
            self.assertLessEqual(documents(query), mine)
        listed = {d["document"] for d in server.get("/api/crawler/documents")[2]["documents"]}
        self.assertLessEqual(listed, mine)

    def test_answers_fall_with_their_source(self):
        file = self.folder / "fee.txt"
        file.write_text("The mooring fee of the granite quay is 31 crowns a day.\n")
        self.server.learn(self.folder)
        question = "What is the mooring fee of the granite quay?"
        first = self.server.ask(question)
        self.assertIn("31", first["answer"])
        file.write_text("The mooring fee of the granite quay is 58 crowns a day.\n")
        self.server.learn(self.folder)
        second = self.server.ask(question)
        self.assertIn("58", second["answer"])
        self.assertFalse(second["receipt"]["cached"])

    def test_what_names_nothing_is_refused(self):
        for name in ("lantern.md", "tides.txt", "kiosk.html", "sluice.8"):
            shutil.copy(DATA / "docs" / name, self.folder)
        self.server.learn(self.folder)
        self.server.wait_vectors()
        for question in ("Why?", "the", "?!", "no", "\N{PARTY POPPER}"):
            answer = self.server.ask(question)
            self.assertFalse(answer["answered"], (question, answer["answer"]))

    def test_a_refusal_falls_on_every_learn(self):
        question = "How tall is the saffron crane of the dry dock?"
        self.assertFalse(self.server.ask(question)["answered"])
        (self.folder / "crane.txt").write_text("The saffron crane of the dry dock is 44 metres tall.\n")
        self.server.learn(self.folder)
        second = self.server.ask(question)
        self.assertTrue(second["answered"])
        self.assertIn("44", second["answer"])


class Killed(unittest.TestCase):
    """The server ends without a word while it learns."""
    FILES = 4000

    def setUp(self):
        self.data = pathlib.Path(tempfile.mkdtemp(prefix="sky-killed-"))
        self.addCleanup(shutil.rmtree, self.data, True)
        self.addCleanup(self.data.with_suffix(".log").unlink, True)
        self.folder = self.data / "notes"
        self.folder.mkdir()
        for i in range(self.FILES):
            (self.folder / f"note-{i:04}.txt").write_text(f"Note {i} names buoy {i * 7} of the fairway.\n")

    def start(self):
        server = Server("--level-max", "L1", data=self.data / "sky")
        self.addCleanup(server.close)
        return server

    def test_a_job_goes_on_after_the_next_start(self):
        server = self.start()
        jobs = [server.post("/api/crawler/learn", {"paths": [str(self.folder)]})[2]["job_id"] for _ in range(2)]
        self.assertEqual(server.request("DELETE", f"/api/crawler/jobs/{jobs[1]}")[0] // 100, 2)
        while server.get(f"/api/crawler/jobs/{jobs[0]}")[2]["added"] == 0:
            pass
        server.stop(signal.SIGKILL)
        known = sql(self.data / "sky", "SELECT count(*) FROM document")[0][0]
        self.assertTrue(0 < known < self.FILES, known)
        server = self.start()
        job = server.job(jobs[0])
        self.assertEqual((job["state"], job["files_total"], job["failed"]), ("done", self.FILES, 0))
        self.assertEqual(job["added"] + job["unchanged"], self.FILES)
        self.assertEqual(server.get("/api/status")[2]["knowledge"]["documents"], self.FILES)
        self.assertEqual(server.get(f"/api/crawler/jobs/{jobs[1]}")[0], 404)  # nobody wanted that one any more


if __name__ == "__main__":
    unittest.main()
