"""crowd.py HOST PORT COUNT FIRST [tls]: many clients that keep their connections, as one process.

COUNT connections from the addresses 127.0.0.FIRST on, PER_ADDRESS from each, ask once and then rest. Each line on stdin asks
again on all of them: "ask" prints as JSON how many were answered 200, otherwise, or were closed; the end of stdin ends it.
"""
import json
import resource
import selectors
import socket
import ssl
import sys

PER_ADDRESS = 1000
AT_ONCE = 200  # connections under way: the kernel's backlog is bounded
REQUEST = b"GET /health HTTP/1.1\r\nHost: crowd\r\n\r\n"


class Client:
    def __init__(self, address, number, tls):
        self.sock = socket.socket()
        self.sock.bind((f"127.0.0.{address}", 0))
        self.sock.setblocking(False)
        self.sock.connect_ex(number)
        self.tls, self.got, self.state = tls, b"", "asking"
        if tls:
            self.sock = tls.wrap_socket(self.sock, do_handshake_on_connect=False, server_hostname="localhost")


def step(client):
    """Goes on as far as the socket lets it; True when there is an answer or none will come."""
    try:
        if client.state == "asking":
            if client.tls:
                client.sock.do_handshake()
            client.sock.send(REQUEST)
            client.state, client.got = "reading", b""
        while client.state == "reading":
            piece = client.sock.recv(4096)
            if not piece:
                client.state = "closed"
            client.got += piece
            if b"\r\n\r\n" in client.got and client.got.endswith(b"}"):
                client.state = "ok" if client.got.startswith(b"HTTP/1.1 200") else client.got[9:12].decode()
    except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
        return False
    except OSError:
        client.state = "closed"
    return True


def ask(clients, selector):
    waiting, left = 0, list(clients)
    while waiting or left:
        while left and waiting < AT_ONCE:
            client = left.pop()
            client = client() if callable(client) else client
            if client.state == "closed":
                continue
            client.state = "asking"
            selector.register(client.sock, selectors.EVENT_READ | selectors.EVENT_WRITE, client)
            waiting += 1
        for key, _ in selector.select(60) or sys.exit("nothing happens for a minute"):
            client = key.data
            if step(client):
                selector.unregister(client.sock)
                waiting -= 1
            elif client.state == "reading":
                selector.modify(client.sock, selectors.EVENT_READ, client)


def main():
    host, port, count, first = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    tls = ssl._create_unverified_context() if sys.argv[5:] == ["tls"] else None
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    selector, clients = selectors.DefaultSelector(), []

    def make(i):
        def one():
            clients.append(Client(first + i // PER_ADDRESS, (host, port), tls))
            return clients[-1]
        return one

    makers = [make(i) for i in range(count)]
    makers.reverse()  # taken from the end
    for line in sys.stdin:
        ask(clients if clients else makers, selector)
        states = [client.state for client in clients]
        print(json.dumps({state: states.count(state) for state in set(states)}), flush=True)


if __name__ == "__main__":
    main()
