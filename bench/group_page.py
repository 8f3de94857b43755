"""group_page.py: the page in a browser, signed in, by Lighthouse with its profile of a phone on a slow line."""
import json
import os
import subprocess
import sys

from measure import DEPS, REPEATS, ROOT, Group, support

SCORES = (("performance", ">= 95"), ("accessibility", ">= 95"), ("best-practices", ">= 95"))


def session(server):
    """A cookie as the browser gets it by signing in."""
    status, headers, _ = server.post("/api/session", {"token": server.token}, token=False)
    assert status == 204, status
    return headers["set-cookie"].split(";")[0]


def lighthouse(server):
    command = [DEPS / "node" / "bin" / "node", ROOT / "bench" / "page" / "page.mjs", server.http + "/", session(server),
               str(REPEATS)]
    runs = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            runs.append(json.loads(line))
    if process.returncode != 0 or len(runs) != REPEATS:
        sys.exit(f"bench: Lighthouse ended with {process.returncode} after {len(runs)} runs")
    return runs


def measure():
    group = Group("page")
    server = support.Server()
    try:
        server.learn(support.DATA / "docs")
        server.wait_vectors()
        server.ask("Which port does the lantern service listen on?")  # a list that is not empty
        runs = lighthouse(server)
    finally:
        server.close()
    group.versions |= {"lighthouse": runs[0]["lighthouse"], "chromium": runs[0]["chromium"], "cores": str(os.cpu_count())}
    for name, goal in SCORES:
        group.value(f"Lighthouse {name}", [run["scores"][name] for run in runs], "", goal)
    group.value("first render, throttled phone", [run["first_render_ms"] / 1000 for run in runs], "s", "<= 1")
    group.value("largest part rendered, throttled phone", [run["largest_render_ms"] / 1000 for run in runs], "s")
    group.value("everything that the page loads, compressed", [run["bytes"] / 1000 for run in runs], "KB", "<= 100")
    group.samples["runs"] = runs
    group.write()
