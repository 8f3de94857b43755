"""group_overspend.py: how far what a provider bills passes a budget, when everything goes wrong that does.

64 clients send 10,000 requests while the gateway is killed (kill -9) and started again KILLS times. There are two providers; the
first fails often, so that many requests fall back on the second. Both bill a token PRICE_MICROUSD, and count what they bill
themselves. The cap of the budget is half of what all requests would cost: whatever the two billed beyond it is overspent. A request
that died with the gateway may have been billed; the gateway must have counted it all the same.

LiteLLM meets the same, with the budget of a provider that it keeps without a database. It takes longer to start; only requests that
something answers count, so the rate is lower.
"""
from gate_load import Load, request
from gate_peers import LITELLM_KEY, MODEL, Upstream, litellm
from gate_setup import add_budget, add_provider
from measure import QUICK, Group, support, wait_for

REQUESTS = 1000 if QUICK else 10_000
KILLS = 2 if QUICK else 20
CLIENTS = {"clients": 64, "addresses": 64, "first": 8}
PRICE_MICROUSD = 10
TOKENS = 20  # of an answer
FAILING = 70  # per cent of the calls of the first provider: some fail as often as they are tried again
RATE = {"sky": 250, "LiteLLM": 25}  # requests a second


def question(key):
    body = {"model": MODEL, "max_tokens": TOKENS, "messages": [{"role": "user", "content": "@@@@@@@@: how much oil does the lantern burn in a night?"}]}
    return request("POST", "/v1/chat/completions", {"Authorization": f"Bearer {key}"}, body)


def asked_once():
    """Tokens that the provider bills for one question."""
    upstream = Upstream("--tokens", TOKENS)
    try:
        Load(upstream.url, question("none"), count=1).result(200)
        return billed([upstream])
    finally:
        upstream.close()


def billed(upstreams):
    stats = [upstream.stats() for upstream in upstreams]
    return sum(s["tokens_in"] + s["tokens_out"] for s in stats)


class Sky:
    def __init__(self, upstreams, cap_microusd):
        self.server = support.Server()
        self.address = self.server.http.removeprefix("http://")
        for i, upstream in enumerate(upstreams):
            add_provider(self.server, f"bench{i}", upstream.url, price_microusd=PRICE_MICROUSD, rank=i)
        add_budget(self.server, cap_microusd)
        self.url, self.key, self.data = self.server.http, self.server.token, self.server.data

    def kill(self):
        self.server.process.kill()
        self.server.process.wait()
        self.server = support.Server("--http", self.address, data=self.data)

    def close(self):
        self.server.own_data = True
        self.server.close()


class LiteLLM:
    """With its budget of a provider, in memory: what a killed one knew is gone."""

    def __init__(self, upstreams, cap_microusd):
        self.upstreams = upstreams
        self.more = (f"  provider_budget_config:\n    openai:\n      budget_limit: {cap_microusd / 1e6}\n      time_period: 1d\n")
        self.program = litellm(upstreams, self.more)
        self.url, self.key = self.program.url, LITELLM_KEY

    def kill(self):
        self.program.process.kill()
        port = self.program.port
        self.program.close()
        self.program = litellm(self.upstreams, self.more, port)

    def close(self):
        self.program.close()


def run(make, rate, each):
    upstreams = [Upstream("--tokens", TOKENS, "--delay-ms", 20, "--fail", FAILING), Upstream("--tokens", TOKENS, "--delay-ms", 20)]
    cap = REQUESTS * each // 2
    try:
        gateway = make(upstreams, cap * PRICE_MICROUSD)
        try:
            load = Load(gateway.url, question(gateway.key), count=REQUESTS, rate=rate, core=None, **CLIENTS)
            for i in range(KILLS):
                # Even in what was asked, so that a slow start does not gather the kills at the end.
                calls = REQUESTS * 0.5 * (i + 1) / (KILLS + 1)
                wait_for(lambda: billed(upstreams) / each >= calls or load.process.poll() is not None, "enough requests", 600)
                gateway.kill()
            said = load.result()
        finally:
            gateway.close()
        stats = [upstream.stats() for upstream in upstreams]
    finally:
        for upstream in upstreams:
            upstream.close()
    assert stats[0]["failed"] > 0 and stats[1]["answered"] > 0, ("no fallback was forced", stats)
    spent = sum(s["tokens_in"] + s["tokens_out"] for s in stats)
    print(f"  cap {cap} tokens, billed {spent}; clients saw {said['statuses']}, {said['failed']} died with the gateway", flush=True)
    return {"cap": cap, "billed": spent, "clients": said, "providers": stats}


def measure():
    group = Group("overspend", "make bench-gate ARGS=overspend")
    each = asked_once()
    for name, make in (("sky", Sky), ("LiteLLM", LiteLLM)):
        result = run(make, RATE[name], each)
        group.samples[name] = result
        over = max(0, result["billed"] - result["cap"])
        group.add(f"{name}: tokens billed beyond the cap of {result['cap']}, {REQUESTS} requests, {KILLS} kills", [over], "",
                  "== 0" if name == "sky" else None)
        group.add(f"{name}: of the cap used", [100 * result["billed"] / result["cap"]], "%")
    group.write()
