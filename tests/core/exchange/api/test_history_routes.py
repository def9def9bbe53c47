"""What was published can be asked for, page by page."""

from typing import Any

import pytest

from core.market.time import NS
from tests.core.exchange.virtual_exchange import VirtualExchange, quote, trade

MARKET = (
    *(quote(n, f"15.{20 + n}", f"15.{30 + n}") for n in range(10)),
    *(trade(n * 30, f"15.{20 + n}", 100 + n) for n in range(8)),
)


@pytest.fixture
def exchange() -> VirtualExchange:
    exchange = VirtualExchange(sorted(MARKET, key=lambda event: event.at))
    exchange.time.run_for(300)
    return exchange


def pages(exchange: VirtualExchange, path: str, **asked: str) -> list[dict[str, Any]]:
    """All pages of one query."""
    found: list[dict[str, Any]] = []
    while True:
        body = exchange.call("GET", path, **asked).body
        found.append(body)
        if body["next_page_token"] is None:
            return found
        asked["page_token"] = body["next_page_token"]


@pytest.mark.parametrize(("channel", "most"), [("quotes", 10), ("trades", 8)])
def test_pages_hold_all_of_it_once_in_order(
    exchange: VirtualExchange, channel: str, most: int
) -> None:
    for sort in ("asc", "desc"):
        found = pages(exchange, f"/v2/stocks/UVXY/{channel}", limit="3", sort=sort)
        rows = [row for page in found for row in page[channel] or ()]
        assert len(rows) == most
        assert [row["t"] for row in rows] == sorted((r["t"] for r in rows), reverse=sort == "desc")
        assert all(page["symbol"] == "UVXY" for page in found)
    whole = exchange.call("GET", f"/v2/stocks/{channel}", symbols="UVXY,NONE").body
    assert len(whole[channel]["UVXY"]) == most
    assert "NONE" not in whole[channel]


def test_a_window_of_time_is_kept_to(exchange: VirtualExchange) -> None:
    every = exchange.call("GET", "/v2/stocks/UVXY/trades").body["trades"]
    asked = {"start": every[2]["t"], "end": every[4]["t"]}
    assert exchange.call("GET", "/v2/stocks/UVXY/trades", **asked).body["trades"] == every[2:5]
    assert exchange.call("GET", "/v2/stocks/NONE/trades").body["trades"] is None


def test_bars_of_a_longer_time_are_made_of_the_minutes(exchange: VirtualExchange) -> None:
    minutes = exchange.call("GET", "/v2/stocks/UVXY/bars", timeframe="1Min").body["bars"]
    (hour,) = exchange.call("GET", "/v2/stocks/UVXY/bars", timeframe="1Day").body["bars"]
    assert len(minutes) >= 4
    assert hour["v"] == sum(bar["v"] for bar in minutes) == sum(100 + n for n in range(8))
    assert (hour["o"], hour["c"]) == (minutes[0]["o"], minutes[-1]["c"])
    assert hour["h"] == max(bar["h"] for bar in minutes)
    assert hour["l"] == min(bar["l"] for bar in minutes)
    fives = exchange.call("GET", "/v2/stocks/bars", symbols="UVXY", timeframe="5Min").body
    assert sum(bar["n"] for bar in fives["bars"]["UVXY"]) == 8


@pytest.mark.parametrize(
    "asked",
    [
        {"timeframe": "60Min"}, {"timeframe": "0Min"}, {"timeframe": "1Sec"}, {},
        {"timeframe": "1Min", "limit": "10001"}, {"timeframe": "1Min", "feed": "gossip"},
        {"timeframe": "1Min", "page_token": "x"}, {"timeframe": "1Min", "start": "soon"},
        {"timeframe": "1Min", "start": "2026-01-02", "end": "2026-01-01"},
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_a_bad_request(
    exchange: VirtualExchange, asked: dict[str, str]
) -> None:
    reply = exchange.call("GET", "/v2/stocks/UVXY/bars", **asked)
    assert reply.status == 400
    assert set(reply.body) == {"message"}


def test_what_is_kept_is_bounded() -> None:
    from core.exchange.market import history

    exchange = VirtualExchange([quote(n / 1000, "15.23", "15.32") for n in range(60_000)])
    exchange.time.run_for(61)
    assert len(exchange.real.history.quotes["UVXY"]) == history.MOST_KEPT
    assert exchange.time.now_ns() > NS
