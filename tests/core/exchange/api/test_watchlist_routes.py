"""Watchlists: made, named, filled, emptied and deleted, by id and by name."""

import pytest

from tests.core.exchange.virtual_exchange import VirtualExchange


def test_a_list_lives_from_its_making_to_its_end() -> None:
    exchange = VirtualExchange()
    made = exchange.call("POST", "/v2/watchlists", {"name": "mine", "symbols": ["UVXY"]}).body
    assert [asset["symbol"] for asset in made["assets"]] == ["UVXY"]
    (listed,) = exchange.call("GET", "/v2/watchlists").body
    assert listed["id"] == made["id"]
    assert "assets" not in listed
    path = f"/v2/watchlists/{made['id']}"
    assert exchange.call("GET", path).body == made
    assert exchange.call("DELETE", f"{path}/UVXY").body["assets"] == []
    added = exchange.call("POST", "/v2/watchlists:by_name", {"symbol": "UVXY"}, name="mine").body
    assert [asset["symbol"] for asset in added["assets"]] == ["UVXY"]
    renamed = exchange.call("PUT", path, {"name": "ours", "symbols": []}).body
    assert (renamed["name"], renamed["assets"]) == ("ours", [])
    assert exchange.call("DELETE", "/v2/watchlists:by_name", name="ours").status == 204
    assert exchange.call("GET", path).status == 404
    assert exchange.call("GET", "/v2/watchlists").body == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422), ({"name": ""}, 422), ({"name": "x" * 65}, 422), ({"name": 5}, 422),
        ({"name": "mine"}, 422), ({"name": "two", "symbols": ["NONE"]}, 422),
        ({"name": "two", "symbols": "UVXY"}, 422),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_is_refused(body: dict[str, object], status: int) -> None:
    exchange = VirtualExchange()
    exchange.call("POST", "/v2/watchlists", {"name": "mine"})
    assert exchange.call("POST", "/v2/watchlists", body).status == status
    assert len(exchange.call("GET", "/v2/watchlists").body) == 1
    again = {"symbol": "UVXY"}
    exchange.call("POST", "/v2/watchlists:by_name", again, name="mine")
    assert exchange.call("POST", "/v2/watchlists:by_name", again, name="mine").status == 422
    assert exchange.call("GET", "/v2/watchlists/none").status == 422
