"""group_attack.py: how long other people wait while passwords are guessed.

The attack: POST /api/auth/login with wrong passwords for ever new accounts from a thousand addresses, more at once than may be
computed, so that the server hashes passwords as fast as it ever does. The others meanwhile ask for tokens of the dictionary and a
question whose answer is in the cache (L0), each at an even rate; a request's time counts from when it was due. The server has one
core, which the attack fills; what asks has the other. The attack has begun, and its thousand connections stand, before the others
are counted. With and without the attack in turn.
"""
import time

from gate_load import Load, request
from measure import QUICK, Group, cpu_seconds, in_turn, pin, support

SECONDS = 3 if QUICK else 10
BEGIN_S = 2
ATTACK = {"clients": 1000, "addresses": 1000, "first": 2, "rate": 500}
OTHERS = {
    "GET /v1/tokens": {"clients": 32, "addresses": 32, "first": 3, "rate": 200},
    "a question that L0 answers": {"clients": 32, "addresses": 32, "first": 4, "rate": 100},
}
QUESTION = "Which port does the lantern service listen on?"


def others(server):
    bearer = {"Authorization": f"Bearer {server.token}"}
    return {"GET /v1/tokens": request("GET", "/v1/tokens?limit=10", bearer),
            "a question that L0 answers": request("POST", "/api/chat/message", bearer, {"message": QUESTION})}


def one_round(server, requests, attacked):
    """What the others met, and with an attack what it met, and the cores that the server used."""
    attack = Load(server.http, request("POST", "/api/auth/login", None, {
        "email": "user@@@@@@@@@example.org", "password": "wrong horse @@@@@@@@"}), seconds=BEGIN_S + SECONDS, behind=True, **ATTACK) if attacked else None
    time.sleep(BEGIN_S)
    began = cpu_seconds(server.process.pid)
    loads = {name: Load(server.http, requests[name], seconds=SECONDS, **options) for name, options in OTHERS.items()}
    said = {name: load.result(200) for name, load in loads.items()}
    said["attack"] = attack.result() if attack else None
    said["cores"] = (cpu_seconds(server.process.pid) - began) / SECONDS
    return said


def measure():
    group = Group("attack", "make bench-gate ARGS=attack")
    server = support.Server()
    try:
        server.learn(support.DATA / "docs")
        server.wait_vectors()
        for _ in range(2):
            receipt = server.ask(QUESTION)["receipt"]
        assert receipt["level"] == "L0", receipt
        pin(server.process.pid, 0)
        requests = others(server)
        attacked, calm = in_turn(lambda: one_round(server, requests, True), lambda: one_round(server, requests, False))
    finally:
        server.close()
    group.samples["rounds"] = {"attacked": attacked, "calm": calm}
    for name in OTHERS:
        group.ratio(f"{name}, 99th percentile under attack", [said[name]["p99_ms"] for said in attacked],
                    [said[name]["p99_ms"] for said in calm], "the same without an attack", "ms", "<= 2")
    group.value("share of its core that the server used under attack", [100 * said["cores"] for said in attacked], "%")
    group.value("logins refused in a second", [said["attack"]["answered"] / said["attack"]["seconds"] for said in attacked], "")
    group.value("of them after the password was hashed",
                [said["attack"]["statuses"].get("401", 0) / said["attack"]["seconds"] for said in attacked], "")
    group.write()
