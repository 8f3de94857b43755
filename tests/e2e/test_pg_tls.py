"""test_pg_tls.py: `--store postgresql://…?sslmode=verify-full`: the certificate is checked, what is wrong with it is said, and a store
behind TLS works as one without, also when its connections break."""
import contextlib
import pathlib
import selectors
import socket
import ssl
import struct
import tempfile
import threading
import unittest
import urllib.parse

from postgres import Postgres, USER
from support import Server
from test_postgres import Refusing
from test_trust import certificate

# What a client asks for before anything else: a length of 8, and a number that is no version of the protocol.
SSL_REQUEST, GSS_REQUEST = 80877103, 80877104
PROMPT_S = 20


class Front:
    """Speaks TLS before a server that knows none."""

    def __init__(self, key, cert, port):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(cert, key)
        self.behind = ("127.0.0.1", port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.versions, self.plain, self.peers = set(), 0, []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self.serve, args=(self.listener.accept()[0],), daemon=True).start()

    def begin(self, peer):
        """The connection after its handshake; None when it goes without one."""
        peer.settimeout(PROMPT_S)
        while True:
            first = peer.recv(8, socket.MSG_WAITALL)
            asked = struct.unpack("!II", first)[1] if len(first) == 8 else 0
            if asked != GSS_REQUEST:
                break
            peer.sendall(b"N")
        if asked != SSL_REQUEST:
            self.plain += 1
            return None
        peer.sendall(b"S")
        return self.context.wrap_socket(peer, server_side=True)

    def serve(self, peer):
        with contextlib.suppress(OSError), peer:
            secured = self.begin(peer)
            if secured is None:
                return
            self.versions.add(secured.version())
            with secured, socket.create_connection(self.behind) as server:
                self.peers.append(secured)
                self.pass_on(secured, server)

    @staticmethod
    def pass_on(peer, server):
        with selectors.DefaultSelector() as both:
            both.register(peer, selectors.EVENT_READ, server)
            both.register(server, selectors.EVENT_READ, peer)
            while True:
                for key, _ in both.select():
                    data = key.fileobj.recv(65536)
                    if not data:
                        return
                    key.data.sendall(data)
                    while key.fileobj is peer and peer.pending():
                        server.sendall(peer.recv(65536))

    def cut(self):
        """Every connection ends, without a word."""
        cut, self.peers = self.peers, []
        for peer in cut:
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)
        return len(cut)

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()


class Tls(Refusing):
    @classmethod
    def setUpClass(cls):
        cls.pg = Postgres()
        cls.addClassCleanup(cls.pg.close)
        folder = tempfile.TemporaryDirectory(prefix="sky-tls-")
        cls.addClassCleanup(folder.cleanup)
        cls.folders = {}
        for name, of in (("here", "IP:127.0.0.1"), ("elsewhere", "DNS:db.example.com"), ("other", "IP:127.0.0.1")):
            cls.folders[name] = pathlib.Path(folder.name) / name
            cls.folders[name].mkdir()
            certificate(cls.folders[name], of, 1, issuer=True)

    def front(self, name="here"):
        front = Front(self.folders[name] / "tls.key", self.folders[name] / "tls.crt", self.pg.port)
        self.addCleanup(front.close)
        return front

    def url(self, front, mode, root=None):
        """A new database, by the front."""
        database = urllib.parse.urlsplit(self.pg.database()).path
        parameters = {"sslmode": mode, **({"sslrootcert": self.folders[root] / "ca.crt"} if root else {})}
        return f"postgresql://{USER}:{self.pg.password}@127.0.0.1:{front.port}{database}?{urllib.parse.urlencode(parameters)}"

    def test_a_store_behind_it(self):
        front = self.front()
        server = Server("--store", self.url(front, "verify-full", "here"))
        self.addCleanup(server.close)
        self.assertEqual(server.post("/api/admin/teams", {"name": "before"})[0], 201)
        self.assertEqual(front.versions, {"TLSv1.3"})
        self.assertGreater(front.cut(), 1)  # the writer and a reader
        self.assertEqual(server.get("/api/admin/teams")[0], 200)
        self.assertEqual(server.post("/api/admin/teams", {"name": "after"})[0], 201)
        names = sorted(team["name"] for team in server.get("/api/admin/teams")[2]["teams"])
        self.assertEqual(names, ["after", "before"])
        self.assertEqual(front.plain, 0)

    def test_nobody_reads_along_without_asking_who_it_is(self):
        """`require` seals, and checks nothing."""
        front = self.front("elsewhere")
        server = Server("--store", self.url(front, "require"))
        self.addCleanup(server.close)
        self.assertEqual(server.get("/api/status")[2]["store"], "postgresql")
        self.assertEqual((front.versions, front.plain), ({"TLSv1.3"}, 0))

    def test_who_cannot_be_trusted(self):
        self.refused(self.url(self.front(), "verify-full", "other"), "certificate verify failed", "sslrootcert=FILE")
        self.refused(self.url(self.front("elsewhere"), "verify-full", "elsewhere"), "127.0.0.1", "does not match", "as its certificate does")

    def test_no_list_of_whom_to_trust(self):
        url = self.url(self.front(), "verify-full") + "&sslrootcert=/nowhere/ca.crt"
        self.refused(url, "/nowhere/ca.crt", "does not exist", "sslrootcert=FILE")


if __name__ == "__main__":
    unittest.main()
