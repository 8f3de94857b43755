"""test_trust.py: providers whose certificate is not to be trusted: nothing is sent to them, who asks is told why, and the next one answers."""
import json
import pathlib
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest

import test_remote
from support import START_S, run
from test_http import program
from test_remote import KEY, RemoteTest

# What the certificate of each stands for, and what is wrong with it as seen from here: no root of this system signed any of them.
CERTIFICATES = {
    "self-signed": {"name": "IP:127.0.0.1", "days": 1},
    "unknown-issuer": {"name": "IP:127.0.0.1", "days": 1, "issuer": True},
    "expired": {"name": "IP:127.0.0.1", "days": -1, "issuer": True},
    "other-name": {"name": "DNS:api.example.com", "days": 1, "issuer": True},
}


def setUpModule():
    test_remote.setUpModule()


def openssl(*arguments):
    subprocess.run([program("openssl"), *map(str, arguments)], check=True, capture_output=True)


def certificate(folder, name, days, issuer=False):
    """Makes DIR/tls.key and DIR/tls.crt."""
    key, cert, request = folder / "tls.key", folder / "tls.crt", folder / "tls.csr"
    made = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-new", *made, "-keyout", key, "-subj", "/CN=provider", "-addext", f"subjectAltName={name}", "-out", request)
    signer = ("-signkey", key)
    if issuer:
        openssl("req", "-x509", *made, "-keyout", folder / "ca.key", "-subj", "/CN=nobody", "-days", 1, "-out", folder / "ca.crt")
        signer = ("-CA", folder / "ca.crt", "-CAkey", folder / "ca.key", "-CAcreateserial")
    openssl("x509", "-req", "-in", request, *signer, "-days", days, "-copy_extensions", "copy", "-out", cert)
    return key, cert


class Impostor:
    """Speaks TLS with a certificate, and keeps what it is told behind the handshake."""

    def __init__(self, key, cert):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(cert, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        self.came, self.heard = 0, b""
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            with connection:
                connection.settimeout(START_S)
                if self.closing:
                    return
                self.came += 1
                try:
                    with self.context.wrap_socket(connection, server_side=True) as secure:
                        while piece := secure.recv(65536):
                            self.heard += piece
                except (ssl.SSLError, OSError):
                    pass

    closing = False

    def close(self):
        self.closing = True
        socket.create_connection(self.listener.getsockname()).close()
        self.thread.join()
        self.listener.close()


class Trust(RemoteTest):
    def impostor(self, kind):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        found = Impostor(*certificate(pathlib.Path(folder.name), **CERTIFICATES[kind]))
        self.addCleanup(found.close)
        return found

    def test_nothing_is_sent_and_the_next_one_answers(self):
        good = self.upstream("--tokens", 2)
        self.add(good.url, name="good", rank=9)
        for number, kind in enumerate(CERTIFICATES, 1):
            with self.subTest(kind):
                other = self.impostor(kind)
                added = self.add(other.url, name=kind, rank=1, key="env:TEST_PROVIDER_KEY")
                logged = len(self.server.log_text())
                self.assertEqual(self.said(), "word1 word2")
                self.server.wait_log(rf"event=provider.call .*provider={kind} .*error=CORE_ETRUST .*why=.*certificate", logged)
                self.assertEqual(good.stats()["answered"], number)
                self.assertEqual((other.came, other.heard), (1, b""))  # one try: it will not be another's certificate in a second

                # Who administers is told what is wrong, and pays nothing.
                found = self.server.post(f"/api/admin/providers/{added['id']}/test", {})[2]
                self.assertEqual((found["ok"], found["http_status"], found["cost_microusd"]), (False, 0, 0), found)
                self.assertRegex(found["error"], "^the certificate of the other side is not trusted: .*certificate")
                tested = run("admin", "provider", "test", kind, data=self.server.data)
                self.assertEqual(tested.returncode, 1)
                self.assertIn("certificate of the other side is not trusted", tested.stderr)
                self.assertEqual((other.came, other.heard), (3, b""))

                # Alone, it gets nobody an answer, and those who ask do not learn who it is.
                self.assertEqual(self.server.request("PATCH", f"/api/admin/providers/{self.good()}", {"enabled": False})[0], 200)
                status, _, answer = self.chat()
                self.assertEqual((status, answer["error"]["code"]), (502, "network"), answer)
                self.assertNotIn("127.0.0.1", json.dumps(answer))
                self.assertEqual(other.heard, b"")
                self.assertEqual(self.server.request("DELETE", f"/api/admin/providers/{added['id']}")[0], 204)
                self.assertEqual(self.server.request("PATCH", f"/api/admin/providers/{self.good()}", {"enabled": True})[0], 200)
        self.assertNotIn(KEY, self.server.log_text())

    def good(self):
        return next(p["id"] for p in self.server.get("/api/admin/providers")[2]["providers"] if p["name"] == "good")


if __name__ == "__main__":
    unittest.main()
