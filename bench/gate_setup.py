"""gate_setup.py: makes a sky a gateway: providers, prices, budgets, as an administrator does."""
from gate_peers import MODEL


def add_provider(server, name, url, price_microusd=10, place=0):
    """A provider that answers MODEL; the lower its place, the earlier it is asked."""
    status, _, answer = server.post("/api/admin/providers", {
        "name": name, "base_url": f"{url}/v1", "models": [MODEL], "price_in": price_microusd, "price_out": price_microusd, "place": place})
    assert status == 201, (status, answer)


def add_budget(server, cap_microusd):
    """What all may spend in a day."""
    status, _, answer = server.post("/api/admin/budgets", {"name": "bench", "kind": "all", "unit": "money", "period": "day", "cap": cap_microusd})
    assert status == 201, (status, answer)
