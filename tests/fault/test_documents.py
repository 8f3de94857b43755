"""test_documents.py: a folder of documents that bite: bombs, endless and moving files, things that are no files. Each costs itself
at most; the good ones beside them are learned, memory stays within its cap, and an ordinary client is served as before."""
import gzip
import io
import os
import pathlib
import shutil
import tempfile
import threading
import unittest
import zipfile
import zlib

from faultlib import Bystander, Server, Watch, alone, amount, judge, memory_kib, record, wait_for

# What the server itself may grow: the text of one document, the file it came from, and their way into the store.
GROWN_KIB = 400 << 10
CHILD_KIB = 2 << 20  # AI_LIMIT_EXTRACT_MEMORY
WAITING_KIB, LARGEST_KIB = 256 << 10, 64 << 10  # AI_LIMIT_JOBS_BYTES, GATE_LIMIT_UPLOAD
JOB_S = 400
BOMB = amount(300, 4000) << 20


def compressed(total, fill=b"boom "):
    """A gzip stream of so many bytes, made without holding them."""
    out, piece, packer = io.BytesIO(), fill * ((1 << 20) // len(fill)), zlib.compressobj(9, zlib.DEFLATED, 31)
    for _ in range(total // len(piece)):
        out.write(packer.compress(piece))
    out.write(packer.flush())
    return out.getvalue()


def docx_bomb(total):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>')
        with archive.open("word/document.xml", "w", force_zip64=True) as entry:
            entry.write(b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>')
            piece = b"<w:p><w:r><w:t>boom</w:t></w:r></w:p>" * 20000
            for _ in range(total // len(piece)):
                entry.write(piece)
            entry.write(b"</w:body></w:document>")
    return out.getvalue()


def pdf(stream_filter, stream):
    """A PDF of one page whose content is that stream."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
               b"<</Length %d%s>>stream\n%s\nendstream" % (len(stream), stream_filter, stream),
               b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (table, len(out))


def pdf_bomb(total):
    packer, out, piece = zlib.compressobj(9), io.BytesIO(), b"BT /F 9 Tf (boom boom boom) Tj ET\n" * 30000
    for _ in range(total // len(piece)):
        out.write(packer.compress(piece))
    out.write(packer.flush())
    return pdf(b"/Filter/FlateDecode", out.getvalue())


def children_kib(pid):
    """Resident memory of all descendants."""
    total, left = 0, [pid]
    while left:
        parent = left.pop()
        for task in pathlib.Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found = [int(child) for child in task.read_text().split()]
                total += sum(memory_kib(child) for child in found)
                left += found
            except (OSError, ValueError):
                continue
    return total


class Moving(threading.Thread):
    """A file that grows, shrinks and is replaced while it is read."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.on, self.changes = path, True, 0

    def run(self):
        while self.on:
            line = f"The moving valve has moved {self.changes} times.\n" * 2000
            self.path.write_text(line)
            with open(self.path, "r+") as file:
                file.truncate(len(line) // 3)
            other = self.path.with_suffix(".new")
            other.write_text(line * 2)
            os.replace(other, self.path)
            self.changes += 1


class Documents(unittest.TestCase):
    def setUp(self):
        self.server = Server("--log-level", "warn")
        self.addCleanup(self.server.close)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-fault-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def good(self, name):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"The good valve of {abs(hash(name)) % 10000} opens by itself.\n")
        return path

    def names(self):
        return {d["document"] for d in self.server.get("/api/crawler/documents?limit=500")[2]["documents"]}

    def bite(self):
        """Fills the folder; returns what must be learned, what must be reported as an error, what must be passed over."""
        f = self.folder
        good = [self.good("a.txt"), self.good("below/b.txt"), self.good("z.txt")]
        bad = {"bomb.txt.gz": compressed(BOMB), "bomb.html.gz": compressed(BOMB, b"<b><i>boom"), "twice.txt.gz": gzip.compress(
            compressed(BOMB)), "bomb.docx": docx_bomb(BOMB), "cut.txt.gz": compressed(4 << 20)[:-200], "cut.docx": docx_bomb(1 << 20)[:-100],
            "bomb.pdf": pdf_bomb(BOMB), "broken.pdf": pdf_bomb(1 << 20)[:3000]}
        for name, content in bad.items():
            (f / name).write_bytes(content)
        with open(f / "sparse.txt", "wb") as file:
            file.truncate(2 << 30)
        deep = "/".join(["d"] * 90)
        self.good(deep + "/deep.txt")
        passed = [f / "fifo.txt", f / "loop", f / "out.txt", f / "zero.txt", f / "empty.txt"]
        os.mkfifo(passed[0])
        passed[1].symlink_to(f, target_is_directory=True)
        (f / "below" / "up").symlink_to("..", target_is_directory=True)
        passed[2].symlink_to("/etc/hostname")
        passed[3].symlink_to("/dev/zero")
        passed[4].write_bytes(b"")
        (f / "self.txt").symlink_to("self.txt")
        named = self.good("a name\nof two lines.txt")
        with open(os.path.join(os.fsencode(f), b"not \xff utf-8.txt"), "wb") as file:
            file.write(b"The valve without a name.")
        locked = self.good("locked.txt")
        locked.chmod(0)
        if os.access(locked, os.R_OK):  # nothing is locked to root
            good.append(locked)
        else:
            bad["locked.txt"] = b""
        return good + [named], [f / name for name in bad] + [f / "sparse.txt"], passed

    def test_a_folder_that_bites(self):
        quiet = alone(self.server)
        good, bad, passed = self.bite()
        moving = Moving(self.folder / "moving.txt")
        moving.start()
        peak, watching = [0], [True]

        def watch_children():
            while watching[0]:
                peak[0] = max(peak[0], children_kib(self.server.process.pid))
                threading.Event().wait(.05)
        watcher = threading.Thread(target=watch_children)
        watcher.start()
        base = memory_kib(self.server.process.pid)
        try:
            with Watch(self.server.process.pid) as watch, Bystander(self.server) as bystander:
                status, _, started = self.server.post("/api/crawler/learn", {"paths": [str(self.folder)]})
                self.assertEqual(status, 202)
                job = self.server.job(started["job_id"], timeout=JOB_S)
        finally:
            moving.on = watching[0] = False
            moving.join()
            watcher.join()
        self.assertEqual(job["state"], "done", job)
        self.assertGreater(moving.changes, 1)
        names, errors = self.names(), {e["document"]: e["error"] for e in job["errors"]}
        for path in good:
            self.assertIn(str(path), names, errors)
        for path in bad:
            # A bomb may be refused, or its beginning learned within the cap of a document's text; it must not be passed over.
            self.assertTrue(str(path) in errors or str(path) in names, f"{path} is neither learned nor reported: {errors}")
        self.assertIn(str(self.folder / "sparse.txt"), errors)
        for path in passed:
            self.assertNotIn(str(path), names)
        self.assertFalse([name for name in names if name.endswith("/deep.txt")], "deeper than any honest folder")
        self.assertTrue([e for e in errors if e.endswith("/d")], errors)
        record("documents", learned=len(names), refused={pathlib.Path(k).name.replace("\n", " ")[:40]: v for k, v in errors.items()},
               server_grown_kib=watch.peak_kib - base, children_peak_kib=peak[0], bystander=bystander.figures)
        self.assertLess(watch.peak_kib - base, GROWN_KIB)
        self.assertLess(peak[0], CHILD_KIB)
        judge(self, quiet, bystander.figures)
        # It is still the server it was.
        self.assertEqual(self.server.learn(good[0])["failed"], 0)
        wait_for(lambda: children_kib(self.server.process.pid) == 0, 30, "a child is left")

    def test_things_that_are_no_files_by_name(self):
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        loop = self.folder / "loop"
        loop.symlink_to(loop)
        for path in (fifo, loop, "/dev/zero", "/dev/null", "/proc/self/mem", self.folder / "nothing"):
            job = self.server.learn(path)
            self.assertEqual((job["added"], job["failed"]), (0, 1), job)
            self.assertTrue(job["errors"][0]["error"])

    def test_uploads_that_wait_have_a_cap(self):
        """Uploads wait in memory for their turn: together they have a cap, past which the server says so."""
        # Long work first, so that the others wait.
        folder = self.folder / "many"
        folder.mkdir()
        for i in range(amount(1500, 3000)):
            (folder / f"{i}.txt").write_text(f"The valve number {i} keeps the reader busy.\n")
        self.assertEqual(self.server.post("/api/crawler/learn", {"paths": [str(folder)]})[0], 202)
        base, statuses = memory_kib(self.server.process.pid), []
        with Watch(self.server.process.pid) as watch:
            for i in range(24):
                status, _, answer = self.server.post(f"/api/crawler/learn?name=u{i}.txt", bytes([65 + i]) * (32 << 20),
                                                     headers={"Content-Type": "application/octet-stream"})
                statuses.append(status)
                if status != 202:
                    self.assertEqual(status, 429, answer)
                    break
        record("documents: waiting uploads", statuses=statuses, server_grown_kib=watch.peak_kib - base)
        self.assertEqual(statuses[-1], 429, "there is no cap")
        self.assertLess(watch.peak_kib - base, WAITING_KIB + 4 * LARGEST_KIB)


if __name__ == "__main__":
    unittest.main()
