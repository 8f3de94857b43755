"""conformance.py: schemathesis over /openapi.json against the real program. `conformance.py N` makes N calls at least.

The owner calls everything; what is refused for want of a role is test_auth.py's. Models write one word (conformance_hooks.py).
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from support import DATA, Server

HERE = pathlib.Path(__file__).parent
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance"
# Doubled until there were calls enough.
EXAMPLES_MOST = 4096
PATIENCE_S = 60


def verified(server):
    """What the audit log's verification says, once the calls before do not stand in its way (429)."""
    end = time.monotonic() + PATIENCE_S
    while True:
        status, _, answer = server.get("/api/admin/audit/verify")
        if status != 429 or time.monotonic() > end:
            return answer
        time.sleep(1)


def run(examples, seed, seconds=None):
    """(how many calls, the failures as text; empty: none)"""
    documents = pathlib.Path(tempfile.mkdtemp(prefix="sky-conformance-"))
    shutil.copytree(DATA / "docs", documents / "docs")
    server = Server("--audit-days", "1")
    try:
        server.learn(documents / "docs")
        # What it remembers of a run goes with the folder.
        command = [sys.executable, "-m", "schemathesis.cli", "run", server.http + "/openapi.json", "-H", f"Authorization: Bearer {server.token}",
                   "--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", str(examples), "--seed", str(seed),
                   "--continue-on-failure", "--no-color", "--suppress-health-check", "all", "--generation-database", "none",
                   "--max-redirects", "0", "--report", "ndjson", "--report-ndjson-path", str(documents / "report.ndjson"), "--warnings", "off"]
        command += ["--max-time", str(seconds)] if seconds else []
        done = subprocess.run(command, capture_output=True, text=True, cwd=documents, check=False, env={
            **os.environ, "SCHEMATHESIS_HOOKS": "conformance_hooks", "SKY_CONFORMANCE_DOCUMENTS": str(documents / "docs"),
            "PYTHONPATH": str(HERE)})
        calls = server.get("/metrics")[2].decode()
        total = sum(int(float(line.rsplit(" ", 1)[1])) for line in calls.splitlines() if line.startswith("sky_http_requests_total{"))
        broken = [line for line in calls.splitlines() if line.startswith("sky_http_requests_total{") and 'code="5' in line]
        audit = verified(server)
    finally:
        server.close()
        shutil.rmtree(documents, ignore_errors=True)
    said = "" if done.returncode == 0 else done.stdout[-30000:] + done.stderr[-2000:]
    if broken:
        said += "\n" + "\n".join(broken)
    if not audit.get("ok"):
        said += "\n" + json.dumps(audit)
    return total, said


def main():
    wanted, total, seed, examples = int(sys.argv[1]), 0, 1, 100
    while total < wanted:
        calls, said = run(examples, seed)
        total += calls
        print(f"conformance: {calls} calls with seed {seed}, {total} of {wanted}", flush=True)
        if said:
            print(said)
            return 1
        seed, examples = seed + 1, min(2 * examples, EXAMPLES_MOST)
    print(f"conformance: {total} calls, no 5xx, nothing undocumented")
    return 0


if __name__ == "__main__":
    sys.exit(main())
