"""The whole exchange under a random client: nothing is created, nothing is lost, twice the same."""

import json
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from core.exchange.api import routes
from core.exchange.factory import build_exchange
from core.exchange.market.events import Status
from core.exchange.market.ticker import Bar, Quote, Trade
from core.exchange.matching.exchange import Exchange
from core.exchange.matching.orders import TERMINAL
from core.exchange.options import ExchangeOptions
from tests.core.exchange.virtual_clock import VirtualTime


class Recorder:
    """Everything the exchange says, as text."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.updates: list[dict[str, Any]] = []

    def on_update(self, message: dict[str, Any]) -> None:
        self.said.append(json.dumps(message))
        self.updates.append(message["data"])

    def on_quote(self, symbol: str, quote: Quote) -> None:
        self.said.append(f"{symbol} {quote}")

    def on_trade(self, symbol: str, trade: Trade) -> None:
        self.said.append(f"{symbol} {trade}")

    def on_status(self, symbol: str, status: Status, at_ns: int) -> None:
        self.said.append(f"{symbol} {status}")

    def on_bar(self, symbol: str, bar: Bar) -> None:
        self.said.append(f"{symbol} {bar}")


def check(exchange: Exchange) -> None:
    """What must hold after every step."""
    for order in exchange.orders.values():
        assert order.filled == sum(e.qty for e in order.executions)
        assert 0 <= order.filled <= order.qty
        assert (order.status == "filled") == (order.filled == order.qty)
        assert order.is_open == (order.status not in TERMINAL)
        for execution in order.executions:
            if order.limit is not None:
                good = execution.price - order.limit
                assert good >= 0 if order.side == "sell" else good <= 0
    bought: dict[str, Decimal] = dict(exchange.options.positions)
    for order in exchange.orders.values():
        signed = order.filled if order.side == "buy" else -order.filled
        bought[order.symbol] = bought.get(order.symbol, Decimal(0)) + signed
    for symbol, qty in bought.items():
        assert exchange.account.shares(symbol) == qty >= 0
        assert 0 <= exchange.available(symbol) <= max(qty, Decimal(0))


def random_day(seed: int, client_seed: int, steps: int = 120) -> Recorder:
    """A client that does anything at any time, checked after every step."""
    time, recorder, chance = VirtualTime(), Recorder(), Random(client_seed)
    options = ExchangeOptions(seed=str(seed), account_number="EXTEST001")
    exchange = build_exchange(options, time.now_ns, time.call_later)
    exchange.start()
    exchange.listeners.append(recorder)
    for _ in range(steps):
        _act(exchange, chance)
        time.run_for(chance.choice((0, 0.005, 0.05, 0.5)))
        check(exchange)
    time.run_for(1)
    check(exchange)
    _check_updates(recorder)
    return recorder


def _act(exchange: Exchange, chance: Random) -> None:
    symbol = chance.choice(sorted(exchange.assets))
    touch = exchange.ticker.quotes[symbol].event.touch
    known = list(exchange.orders)[-12:]  # the young ones are where the races are
    roll = chance.random()
    if roll < 0.6 or not known:
        limit = chance.randint(touch.bid - 300, touch.ask + 300)
        limit -= limit % 100 if limit >= 10_000 else 0
        body = {
            "symbol": symbol,
            "side": chance.choice(("buy", "sell")),
            "qty": str(chance.choice((1, 50, 100, 700, 3000))),
            "time_in_force": chance.choice(("day", "gtc", "ioc", "fok")),
            "type": "market",
        }
        if chance.random() < 0.75:
            body |= {"type": "limit", "limit_price": str(Decimal(limit) / 10_000)}
        path, method = "/v2/orders", "POST"
    else:
        path, method = f"/v2/orders/{chance.choice(known)}", "DELETE"
        body = {}
        if roll < 0.75:
            method = "PATCH"
            body = {"limit_price": str(Decimal(touch.ask) / 10_000)}
    reply = routes.call(exchange, method, path, {}, json.dumps(body).encode())
    assert reply.status in (200, 204, 403, 422), reply


def _check_updates(recorder: Recorder) -> None:
    """Updates of one order never go back, and each execution is told once."""
    filled: dict[str, Decimal] = {}
    ended: set[str] = set()
    executions: list[str] = []
    for update in recorder.updates:
        order = update["order"]
        now = Decimal(order["filled_qty"])
        assert now >= filled.get(order["id"], Decimal(0))
        assert order["id"] not in ended
        filled[order["id"]] = now
        if order["status"] in TERMINAL:
            ended.add(order["id"])
        if update["event"] in ("fill", "partial_fill"):
            executions.append(update["execution_id"])
    assert len(executions) == len(set(executions))
    assert executions


@pytest.mark.parametrize("client_seed", range(8))
def test_whatever_a_client_does_the_books_add_up(seed: int, client_seed: int) -> None:
    random_day(seed, client_seed)


def test_one_seed_is_one_history(seed: int) -> None:
    assert random_day(seed, 1).said == random_day(seed, 1).said


def test_another_seed_is_another_history(seed: int) -> None:
    assert random_day(seed, 1, 20).said != random_day(seed + 1, 1, 20).said
