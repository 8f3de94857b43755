"""gate_load.py: what bench-load (bench_load.c) is asked to do, and what it says."""
import json
import pathlib
import subprocess
import tempfile

from measure import ROOT, on_core

PROGRAM = ROOT / "build" / "bench-load"


def request(method, path, headers=None, body=None):
    """The bytes of a request; "@@@@@@@@" in them becomes the number of each."""
    data = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(data)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


class Load:
    """One bench-load, which runs beside whatever else is done until result() waits for it; with `behind`, it gives way to every
    other process on its core, as if it were on a machine of its own."""

    def __init__(self, url, data, core=1, behind=False, **options):
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(data)
        self.file = pathlib.Path(file.name)
        command = [PROGRAM, url.removeprefix("http://"), self.file, *(f"{key}={value}" for key, value in options.items())]
        command = ["chrt", "--idle", "0", *map(str, command)] if behind else [str(part) for part in command]
        self.process = subprocess.Popen(command if core is None else on_core(core, command), stdout=subprocess.PIPE, text=True)

    def result(self, only=None):
        """What it said; with `only`, every answer must have had that status and none may have failed."""
        text = self.process.communicate()[0]
        self.file.unlink()
        assert self.process.returncode == 0, self.process.returncode
        said = json.loads(text)
        if only:
            assert said["failed"] == 0 and set(said["statuses"]) == {str(only)}, said
        return said


def load(url, data, only=None, **options):
    return Load(url, data, **options).result(only)
