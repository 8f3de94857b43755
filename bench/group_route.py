"""group_route.py: a JSON route over HTTP/1.1, sky beside what people build such routes with.

sky answers GET /v1/tokens?limit=1 to an account that shows its access token, as it comes: limits, metrics and the access log are on.
The others answer the same bytes to the same request and do nothing else: no check of who asks, no log, no limits. libh2o even
holds the bytes ready, the others make them for each request, in the way that is fastest with them. One process and one thread
each, on one core; the load comes from the other.
"""
import urllib.request

from gate_peers import JSON_ROUTES
from group_http import Route, body_of, load_h1, rate
from measure import Group, in_turn, pin, support

PATH = "/v1/tokens?limit=1"
GOALS = {"libh2o": ">= 0.7", "axum": ">= 0.9", "Fastify": ">= 2", "FastAPI": ">= 6"}
PERSON = {"email": "bench@example.org", "name": "Bench", "password": "correct horse battery staple"}


def access(server):
    """The headers of an account that has logged in; good for 15 minutes."""
    status, _, answer = server.post("/api/auth/login", {key: PERSON[key] for key in ("email", "password")}, token=False)
    assert status == 200, (status, answer)
    return {"Authorization": f"Bearer {answer['access_token']}"}


def compare(group, server, name):
    headers = access(server)
    body = body_of(server, Route("tokens", PATH, headers))
    peer = JSON_ROUTES[name](body)
    try:
        theirs = body_of_url(peer)
        assert theirs == body, (name, theirs, body)
        ours, others = in_turn(
            lambda: rate(load_h1, server.process.pid, server.http + PATH, headers),
            lambda: rate(load_h1, peer.process.pid, peer.url + "/json", headers))
        group.ratio(f"JSON of {len(body)} B beside {name}", ours, others, peer.name, "requests/CPU s", GOALS[name])
    finally:
        peer.close()


def body_of_url(peer):
    with urllib.request.urlopen(peer.url + "/json") as answer:
        return answer.read()


def measure():
    group = Group("route", "make bench-gate ARGS=route")
    server = support.Server()
    try:
        status, _, answer = server.post("/api/auth/register", PERSON)
        assert status == 201, (status, answer)
        pin(server.process.pid, 0)
        for name in GOALS:
            compare(group, server, name)
    finally:
        server.close()
    group.write()
