"""bystander.py HOST PORT TOKEN: an ordinary client, in a process of its own so that the tests' work does not delay its clock.

Asks for /health and /api/status in turn on one kept connection, paced, until its stdin ends; then prints, as JSON, how long
the answers took (milliseconds) and how many were wrong.
"""
import http.client
import json
import os
import select
import sys
import time

PACE_S = 0.005
LEAST = 100  # answers without which there is no percentile


def main():
    host, port, token = sys.argv[1:4]
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    took, wrong = [], 0
    paths, headers = ("/health", "/api/status"), {"Authorization": f"Bearer {token}"}
    print("ready", flush=True)
    while len(took) < LEAST or not select.select([sys.stdin], [], [], PACE_S)[0]:
        if len(took) < LEAST:
            time.sleep(PACE_S / 5)
        began = time.perf_counter()
        try:
            connection.request("GET", paths[len(took) % 2], headers=headers)
            answer = connection.getresponse()
            answer.read()
            wrong += answer.status != 200
        except (OSError, http.client.HTTPException):
            wrong += 1
            connection.close()
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    at = lambda share: took[min(len(took) - 1, int(len(took) * share))] if took else 0
    print(json.dumps({"asked": len(took), "wrong": wrong, "p50_ms": at(.5), "p99_ms": at(.99), "max_ms": at(1)}))


if __name__ == "__main__":
    if hasattr(os, "sched_setscheduler"):
        try:  # what it measures is the server, not how long it waits for the processor beside the attackers
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        except PermissionError:
            pass
    main()
