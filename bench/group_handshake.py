"""group_handshake.py: processor time of the handshake beside Go's crypto/tls with X25519MLKEM768, both sides counted, one process
at a time. The key exchange alone, as crypto/tls does it; and a whole handshake with one Ed25519 identity proved, which in Go's case
is one of TLS 1.3 with its certificate, in memory. Needs Go 1.24 or later."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from measure import ROOT, Group, first_line, in_turn

PROGRAM = ROOT / "build" / "bus" / "bench-handshake"
SOURCE = ROOT / "bench" / "bench_handshake.go"
ROUNDS = 3000
ENV = {**os.environ, "GOTOOLCHAIN": "local", "GOMAXPROCS": "1"}
FIGURES = [
    ("exchange", "X-Wing: key pair, encapsulating, decapsulating", "X25519MLKEM768 as crypto/tls exchanges it", "<= 1"),
    ("handshake", "handshake, both sides, responder named", "TLS 1.3, X25519MLKEM768, an Ed25519 certificate", None),
]


def go_version():
    found = re.search(r"go(1\.(\d+)[\w.]*)", first_line("go", "version")) if shutil.which("go") else None
    if not found or int(found[2]) < 24:
        raise SystemExit("bench: the peer is written in Go: install Go 1.24 or later")
    return found[1]


def measure():
    group = Group("handshake")
    group.versions["go"] = go_version()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sky-bench-"))

    def cpu_us(*command):
        return float(subprocess.run([str(part) for part in command], env=ENV, capture_output=True, check=True).stdout)

    try:
        subprocess.run(["go", "build", "-o", folder / "peer", SOURCE], env=ENV, check=True)
        for what, name, peer_name, goal in FIGURES:
            ours, peer = in_turn(lambda: cpu_us(PROGRAM, what, ROUNDS, folder), lambda: cpu_us(folder / "peer", what, ROUNDS))
            group.ratio(f"{name}, CPU time", ours, peer, f"Go {group.versions['go']}, {peer_name}", "CPU µs", goal)
    finally:
        shutil.rmtree(folder)
    group.write()
