"""test_h2spec.py: HTTP/2 as h2spec knows it, frame by frame, against the real program."""
import pathlib
import subprocess
import tempfile
import urllib.parse
import xml.etree.ElementTree

from support import ANSWER_S, ROOT, SLOW, ServerTest

H2SPEC = ROOT / "build" / "deps" / "h2spec" / "bin" / "h2spec"
# Where both versions are spoken without TLS, what does not begin as HTTP/2 does is HTTP/1.1, and is told in it that it is wrong.
BOTH_SPOKEN = {"Sends invalid connection preface"}


class H2Spec(ServerTest):
    learn = False
    https = True

    def failures(self, url, *options):
        """(how many cases there were, what failed)"""
        port = urllib.parse.urlsplit(url).port
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder) / "report.xml"
            # A frame that is waited for takes as long as it takes; only what never comes waits for the end of this.
            command = [H2SPEC, "--host", "127.0.0.1", "--port", str(port), "--strict", "--timeout", str(int(10 * SLOW)), "--junit-report", report, *options]
            done = subprocess.run(command, capture_output=True, text=True, timeout=ANSWER_S * 10, check=False)
            self.assertTrue(report.is_file(), done.stdout + done.stderr)
            cases = list(xml.etree.ElementTree.parse(report).iter("testcase"))
        return len(cases), [case.get("classname") for case in cases if case.find("failure") is not None or case.find("error") is not None]

    def test_over_tls(self):
        for path in ("/health", "/"):
            count, failed = self.failures(self.server.https, "--tls", "--insecure", "--path", path)
            self.assertEqual(failed, [])
            self.assertGreaterEqual(count, 146)

    def test_without_tls(self):
        count, failed = self.failures(self.server.http, "--path", "/health")
        self.assertEqual(set(failed), BOTH_SPOKEN)
        self.assertGreaterEqual(count, 146)
        self.assertEqual(self.server.get("/health")[0], 200)
