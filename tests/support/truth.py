"""What an exchange that listens really did: the orders and shares of its own books."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from core.exchange.api import routes
from core.exchange.api.running_exchange import RunningExchange
from core.exchange.market.ticker import Bar, Quote, Trade


def orders(exchange: RunningExchange) -> list[dict[str, Any]]:
    """GET /v2/orders?status=all, oldest first: Touchline's own."""
    query = {"status": "all", "limit": "500", "direction": "asc"}
    reply = routes.call(exchange.exchange, "GET", "/v2/orders", query, b"")
    assert reply.status == 200
    return [o for o in reply.body if o["client_order_id"].startswith("tl-")]


def sold(exchange: RunningExchange) -> Decimal:
    """Shares that Touchline's orders sold."""
    return sum((Decimal(o["filled_qty"]) for o in orders(exchange)), Decimal(0))


def live(exchange: RunningExchange) -> list[str]:
    """Client ids of all orders that may still fill."""
    return [o.client_order_id for o in exchange.exchange.open_orders()]


def shares(exchange: RunningExchange, symbol: str) -> Decimal:
    """GET /v2/positions: shares held of `symbol`."""
    reply = routes.call(exchange.exchange, "GET", "/v2/positions", {}, b"")
    assert reply.status == 200
    return sum((Decimal(p["qty"]) for p in reply.body if p["symbol"] == symbol), Decimal(0))


class Updates:
    """Waits for trade updates as the exchange makes them."""

    def __init__(self, exchange: RunningExchange) -> None:
        self.seen: list[dict[str, Any]] = []
        self._news = asyncio.Event()
        exchange.exchange.listeners.append(self)

    async def until(self, event: str, within: float = 30.0) -> dict[str, Any]:
        """The first update called `event`."""
        return await self._until(lambda update: update["event"] == event, within)

    async def _until(self, wanted: Callable[[dict[str, Any]], bool], cap: float) -> dict[str, Any]:
        async with asyncio.timeout(cap):
            while True:
                self._news.clear()
                for update in self.seen:
                    if wanted(update):
                        return update
                await self._news.wait()

    def on_update(self, message: dict[str, Any]) -> None:
        self.seen.append(message["data"])
        self._news.set()

    def on_quote(self, symbol: str, quote: Quote) -> None:
        pass

    def on_trade(self, symbol: str, trade: Trade) -> None:
        pass

    def on_status(self, symbol: str, status: object, at_ns: int) -> None:
        pass

    def on_bar(self, symbol: str, bar: Bar) -> None:
        pass
