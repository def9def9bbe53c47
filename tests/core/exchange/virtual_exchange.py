"""An exchange in virtual time with a scripted market, called the way its server calls it."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from core.exchange.api import routes
from core.exchange.market.events import MarketEvent, QuoteEvent, Status, Touch, TradeEvent
from core.exchange.market.ticker import Bar, Quote, Trade
from core.exchange.market.trading_day import HOUR, MarketTime
from core.exchange.matching.exchange import Exchange
from core.exchange.matching.refusals import Reply
from core.exchange.options import ExchangeOptions, Knobs
from core.exchange.units import DOLLAR
from core.market.time import NS
from tests.core.exchange.virtual_clock import VirtualTime

SYMBOL = "UVXY"
STILL = Knobs(hidden_chance=0.0, price_improvement=0.0)
ACK = STILL.ack_delay
CANCEL = STILL.cancel_delay


def price(text: str) -> int:
    """Dollars as ten-thousandths."""
    return int(Decimal(text) * DOLLAR)


def quote(at: float, bid: str, ask: str, size: int = 1000, symbol: str = SYMBOL) -> MarketEvent:
    """A touch of `size` on both sides, `at` seconds after the start."""
    return QuoteEvent(round(at * NS), symbol, Touch(price(bid), size, price(ask), size))


def trade(at: float, paid: str, size: int, venue: str = "N", symbol: str = SYMBOL) -> MarketEvent:
    """A print."""
    return TradeEvent(round(at * NS), symbol, price(paid), size, venue)


CALM = (quote(0, "15.23", "15.32"),)


class VirtualExchange:
    """The exchange, its clock, and everything it said."""

    def __init__(
        self,
        market: Iterable[MarketEvent] = CALM,
        knobs: Knobs = STILL,
        *,
        positions: dict[str, Decimal] | None = None,
        cash: str = "100000",
        allow_short: bool = False,
        at: float | None = None,
    ) -> None:
        self.time = VirtualTime()
        self.updates: list[dict[str, Any]] = []
        self.statuses: list[tuple[str, Status]] = []
        self.quotes: list[Quote] = []
        self.bars: list[Bar] = []
        options = ExchangeOptions(
            seed="virtual",
            knobs=knobs,
            cash=Decimal(cash),
            positions={SYMBOL: Decimal(5000)} if positions is None else positions,
            allow_short=allow_short,
            account_number="EXTEST002",
        )
        clock = MarketTime(self.time.now_ns())
        if at is not None:
            clock = MarketTime(self.time.now_ns(), round(at * HOUR), always_open=False)
        events = list(market)
        sources = {
            symbol: iter([event for event in events if event.symbol == symbol])
            for symbol in {SYMBOL, *(event.symbol for event in events)}
        }
        self.real = Exchange(options, sources, clock, self.time.now_ns, self.time.call_later)
        self.real.start()
        self.real.listeners.append(self)

    def on_update(self, message: dict[str, Any]) -> None:
        self.updates.append(message["data"])

    def on_quote(self, symbol: str, quote: Quote) -> None:
        self.quotes.append(quote)

    def on_trade(self, symbol: str, trade: Trade) -> None:
        pass

    def on_status(self, symbol: str, status: Status, at_ns: int) -> None:
        self.statuses.append((symbol, status))

    def on_bar(self, symbol: str, bar: Bar) -> None:
        self.bars.append(bar)

    def call(self, method: str, path: str, body: object = None, **query: str) -> Reply:
        """One REST call."""
        raw = b"" if body is None else json.dumps(body).encode()
        return routes.call(self.real, method, path, query, raw)

    def post(self, **fields: Any) -> Reply:
        """POST an order: a market sell of 100 for the day, save what is given."""
        body = {
            "symbol": SYMBOL,
            "side": "sell",
            "qty": "100",
            "type": "limit" if "limit_price" in fields else "market",
            "time_in_force": "day",
        }
        return self.call("POST", "/v2/orders", body | fields)

    def working(self, **fields: Any) -> str:
        """The id of an order that was taken and acknowledged."""
        reply = self.post(**fields)
        assert reply.status == 200, reply
        self.time.run_for(ACK)
        return str(reply.body["id"])

    def order(self, order_id: str) -> dict[str, Any]:
        """The order as REST shows it."""
        body = self.call("GET", f"/v2/orders/{order_id}").body
        assert isinstance(body, dict)
        return body

    def cancel(self, order_id: str) -> Reply:
        """DELETE an order."""
        return self.call("DELETE", f"/v2/orders/{order_id}")

    def position(self) -> dict[str, Any]:
        """The position as REST shows it."""
        body = self.call("GET", f"/v2/positions/{SYMBOL}").body
        assert isinstance(body, dict)
        return body

    def events(self, order_id: str | None = None) -> list[str]:
        """Names of the updates so far."""
        return [u["event"] for u in self.updates if order_id in (None, u["order"]["id"])]
