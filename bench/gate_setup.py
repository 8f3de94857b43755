"""gate_setup.py: makes a sky a gateway: providers, prices, budgets, as an administrator does."""


def add_provider(server, name, url, price_microusd=10, rank=0):
    """A provider of level 3; the lower its rank, the earlier it is asked. The price is of a token, in and out."""
    model = {"name": "mock", "level": "L3", "price_in": price_microusd * 1_000_000, "price_out": price_microusd * 1_000_000}
    status, _, answer = server.post("/api/admin/providers", {"name": name, "base_url": f"{url}/v1", "rank": rank, "models": [model]})
    assert status == 201, (status, answer)


def add_budget(server, limit_microusd):
    """What all may spend in a day."""
    status, _, answer = server.post("/api/admin/budgets", {
        "name": "bench", "kind": "all", "unit": "money", "period": "day", "limit": limit_microusd})
    assert status == 201, (status, answer)
