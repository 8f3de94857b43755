"""group_gateway.py: what it costs to ask a provider of models through sky, beside LiteLLM's proxy and nginx.

The provider is tests/e2e/upstream.c, on the core of the load: it answers 20 words at once, whole or streamed. The gateways have the
other core. sky checks who asks, counts budgets, keeps telemetry and the access log as it comes; LiteLLM checks its master key and has
one worker and no database; nginx hands bytes on and writes its access log. No two questions are the same, so no cache answers.

Processor time by request: of some thousand requests that 250 clients make as fast as they are answered. Time that is added: at an even rate of 1,000
requests a second, beside the provider asked directly, in turn; a request's time counts from when it was due. Every sample comes from
addresses of its own: sky lets each ask 200 times at once and then 50 times a second.
"""
import itertools
import statistics

from gate_load import load, request
from gate_peers import LITELLM_KEY, MODEL, Upstream, litellm, nginx_proxy
from gate_setup import add_provider
from measure import QUICK, Group, cpu_seconds, in_turn, pin, rounded, support

CLIENTS = {"clients": 250, "addresses": 250}
REQUESTS = 5_000 if QUICK else 30_000
RATE = {**CLIENTS, "rate": 1000, "count": 500 if QUICK else 2_000}
FIRST = itertools.cycle(range(10, 250))
KINDS = {"whole": {}, "streamed": {"stream": True}}
# Beside its goal how many requests it is asked: LiteLLM answers some dozens a second.
PEERS = {"LiteLLM": (litellm, "<= 0.05", 50 if QUICK else 200), "nginx": (nginx_proxy, "<= 1.5", REQUESTS)}


def question(key, fields):
    text = "@@@@@@@@: what does the lantern keeper do when the oil runs low and the ships are late?"
    return request("POST", "/v1/chat/completions", {"Authorization": f"Bearer {key}"},
                   {"model": MODEL, "messages": [{"role": "user", "content": text}], **fields})


def cpu_ms(url, pids, key, fields, count):
    """Milliseconds of processor by request."""
    before = cpu_seconds(*pids)
    said = load(url, question(key, fields), only=200, count=count, first=next(FIRST), **CLIENTS)
    return 1000 * (cpu_seconds(*pids) - before) / said["answered"]


def at_rate(url, key, fields):
    return load(url, question(key, fields), only=200, first=next(FIRST), **RATE)


def added(group, name, url, key, upstream, kind, goal):
    """How much longer the 99th and the 50th percentile are than without the gateway."""
    ours, direct = in_turn(lambda: at_rate(url, key, KINDS[kind]), lambda: at_rate(upstream.url, key, KINDS[kind]))
    group.samples[f"{name}, {kind}, {RATE['rate']}/s"] = {"through it": ours, "directly": direct}
    for share, bound in (("p99_ms", goal), ("p50_ms", None)):
        beside = {"name": "asked directly", "value": rounded(statistics.median(d[share] for d in direct)),
                  "ours": rounded(statistics.median(o[share] for o in ours)), "unit": "ms"}
        group.add(f"{name} adds at {RATE['rate']}/s, {kind}, {share[:3]}", [o[share] - d[share] for o, d in zip(ours, direct)], "ms", bound,
                  beside)


def compare(group, server, upstream):
    for name, (make, goal, count) in PEERS.items():
        peer = make([upstream])
        try:
            for kind, fields in KINDS.items():
                ours, theirs = in_turn(lambda: cpu_ms(server.http, [server.process.pid], server.token, fields, REQUESTS),
                                       lambda: cpu_ms(peer.url, peer.pids(), LITELLM_KEY, fields, count))
                group.ratio(f"processor time of a {kind} answer beside {name}", ours, theirs, peer.name, "ms", goal)
                if name == "nginx":
                    added(group, name, peer.url, LITELLM_KEY, upstream, kind, None)
        finally:
            peer.close()


def measure():
    group = Group("gateway", "make bench-gate ARGS=gateway")
    upstream = Upstream()
    try:
        server = support.Server()
        try:
            add_provider(server, "bench", upstream.url)
            pin(server.process.pid, 0)
            compare(group, server, upstream)
            for kind in KINDS:
                added(group, "sky", server.http, server.token, upstream, kind, "<= 1")
        finally:
            server.close()
    finally:
        upstream.close()
    group.write()
