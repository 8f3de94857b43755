"""group_page.py: the pages in a browser, signed in, by Lighthouse with its profile of a phone on a slow line."""
import json
import os
import subprocess
import sys

from measure import DEPS, REPEATS, ROOT, Group, support

SCORES = (("performance", ">= 95"), ("accessibility", ">= 95"), ("best-practices", ">= 95"))
# Path, what its figures are called by, and the goals of the first render in s and of all bytes in KB.
PAGES = [
    ("/", "", "<= 1", "<= 100"),
    ("/genom", "/genom: ", None, None),
    ("/account", "/account: ", None, None),
    ("/docs", "/docs: ", None, None),
    ("/admin", "/admin: ", None, None),
]


def session(server):
    """A cookie as the browser gets it by signing in."""
    status, headers, _ = server.post("/api/session", {"token": server.token}, token=False)
    assert status == 204, status
    return headers["set-cookie"].split(";")[0]


def lighthouse(url, cookie):
    command = [DEPS / "node" / "bin" / "node", ROOT / "bench" / "page" / "page.mjs", url, cookie, str(REPEATS)]
    runs = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            runs.append(json.loads(line))
    if process.returncode != 0 or len(runs) != REPEATS:
        sys.exit(f"bench: Lighthouse ended with {process.returncode} after {len(runs)} runs of {url}")
    return runs


def is_page(server, path, cookie):
    status, headers, _ = server.get(path, token=False, headers={"Cookie": cookie})
    return status == 200 and headers.get_content_type() == "text/html"


def add(group, runs, title, render_goal, bytes_goal):
    for name, goal in SCORES:
        group.value(f"{title}Lighthouse {name}", [run["scores"][name] for run in runs], "", goal)
    group.value(f"{title}first render, throttled phone", [run["first_render_ms"] / 1000 for run in runs], "s", render_goal)
    group.value(f"{title}largest part rendered, throttled phone", [run["largest_render_ms"] / 1000 for run in runs], "s")
    group.value(f"{title}everything that the page loads, compressed", [run["bytes"] / 1000 for run in runs], "KB", bytes_goal)


def measure():
    group = Group("page")
    group.samples["runs"] = {}
    server = support.Server()
    try:
        server.learn(support.DATA / "docs")
        server.wait_vectors()
        server.ask("Which port does the lantern service listen on?")  # a list that is not empty
        cookie = session(server)
        for path, title, render_goal, bytes_goal in PAGES:
            if not is_page(server, path, cookie):
                print(f"there is no page {path}", flush=True)
                continue
            runs = lighthouse(server.http + path, cookie)
            group.samples["runs"][path] = runs
            add(group, runs, title, render_goal, bytes_goal)
    finally:
        server.close()
    group.versions |= {"lighthouse": runs[0]["lighthouse"], "chromium": runs[0]["chromium"], "cores": str(os.cpu_count())}
    group.write()
