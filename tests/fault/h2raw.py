"""h2raw.py: HTTP/2 by hand, so that it can be done wrong: frames, and headers without compression."""
import socket
import ssl
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
END_STREAM, END_HEADERS = 1, 4
ENHANCE_YOUR_CALM = 11


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def field(name, value):
    """A literal field, not indexed; lengths below 127."""
    name, value = name.encode(), value.encode()
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


def head(path, token=None, method="GET"):
    block = field(":method", method) + field(":scheme", "http") + field(":authority", "h") + field(":path", path)
    return block + (field("authorization", f"Bearer {token}") if token else b"")


def get(stream, path, token=None):
    return frame(HEADERS, END_STREAM | END_HEADERS, stream, head(path, token))


class Connection:
    def __init__(self, server, tls=False, window=None):
        host, port = (server.https if tls else server.http).split("//")[1].split(":")
        self.sock = socket.create_connection((host, int(port)), timeout=60)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        if tls:
            context = ssl._create_unverified_context()
            context.set_alpn_protocols(["h2"])
            self.sock = context.wrap_socket(self.sock, server_hostname="localhost")
        self.left = b""
        settings = b"" if window is None else struct.pack(">HI", 4, window)
        self.sock.sendall(PREFACE + frame(SETTINGS, 0, 0, settings))

    def send(self, data):
        self.sock.sendall(data)

    def frames(self):
        """(kind, flags, stream, payload) until the server ends the connection."""
        while True:
            while len(self.left) >= 9:
                size = int.from_bytes(self.left[:3], "big")
                if len(self.left) < 9 + size:
                    break
                kind, flags, stream = self.left[3], self.left[4], int.from_bytes(self.left[5:9], "big")
                payload, self.left = self.left[9:9 + size], self.left[9 + size:]
                yield kind, flags, stream, payload
            piece = self.sock.recv(1 << 16)
            if not piece:
                return
            self.left += piece

    def flood(self, piece, times, pieces_at_once=200):
        """Sends until the server has enough; how often it went, and the error of its GOAWAY (None: it said nothing)."""
        sent, error = 0, None
        try:
            while sent < times:
                n = min(pieces_at_once, times - sent)
                self.sock.sendall(b"".join(piece(sent + i) for i in range(n)))
                sent += n
        except OSError:
            pass
        self.sock.settimeout(30)
        try:
            for kind, _, _, payload in self.frames():
                if kind == GOAWAY:
                    error = int.from_bytes(payload[4:8], "big")
        except TimeoutError:
            return sent, "open"
        except OSError:
            pass
        return sent, error

    def close(self):
        self.sock.close()
