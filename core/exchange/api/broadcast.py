"""Hands what happens on the exchange to the connections that asked for it."""

from collections.abc import Callable
from typing import Any

from core.exchange.api.running_exchange import RunningExchange
from core.exchange.api.stream_protocol import Codec
from core.exchange.api.views import bar_view, limits_view, quote_view, status_view, trade_view
from core.exchange.market.events import Status
from core.exchange.market.limit_up_down import MINUTES, PriceLimits, limits
from core.exchange.market.ticker import Bar, Quote, Trade

Point = tuple[int, dict[str, Any]]


def data_frames(codec: Codec, waiting: list[object]) -> list[bytes]:
    """Frames of the data stream: control messages alone, data points together in order."""
    frames: list[bytes] = []
    points: list[dict[str, Any]] = []
    for message in waiting:
        if isinstance(message, tuple):
            at, point = message
            points.append({**point, "t": codec.stamp(at)})
            continue
        if points:
            frames.append(codec.encode(points))
            points = []
        frames.append(codec.encode([message]))
    if points:
        frames.append(codec.encode(points))
    return frames


class Broadcast:
    """Listens to the exchange. A data point waits as its time and its fields, `T` first."""

    def __init__(self, running: RunningExchange) -> None:
        self._running = running
        self._limits: dict[str, PriceLimits] = {}

    def on_update(self, message: dict[str, Any]) -> None:
        """To every client that listens."""
        for connection, conversation in self._running.trading.items():
            if conversation.listening:
                connection.put(message)

    def on_quote(self, symbol: str, quote: Quote) -> None:
        """As `q`."""
        self._point("quotes", "q", symbol, quote.at, lambda: quote_view(quote))

    def on_trade(self, symbol: str, trade: Trade) -> None:
        """As `t`."""
        self._point("trades", "t", symbol, trade.at, lambda: trade_view(trade))

    def on_status(self, symbol: str, status: Status, at_ns: int) -> None:
        """As `s`."""
        self._point("statuses", "s", symbol, at_ns, lambda: status_view(symbol, status))

    def on_bar(self, symbol: str, bar: Bar) -> None:
        """The minute, the day so far, and the limits of the price where they have moved."""
        exchange = self._running.exchange
        self.on_minute(symbol, bar, exchange.ticker.days[symbol])
        now, before = exchange.now_ns(), self._limits.get(symbol)
        bars = tuple(exchange.history.bars[symbol])[-MINUTES:]
        found = limits(bars, before, exchange.time.time_of_day(now))
        if found is not None and found != before:
            self._limits[symbol] = found
            self._point("lulds", "l", symbol, now, lambda: limits_view(symbol, found))

    def on_minute(self, symbol: str, bar: Bar, day: Bar) -> None:
        """As `b`, and as `d`."""
        self._point("bars", "b", symbol, bar.start_ns, lambda: bar_view(bar))
        self._point("dailyBars", "d", symbol, day.start_ns, lambda: bar_view(day))

    def _point(
        self, channel: str, kind: str, symbol: str, at: int, view: Callable[[], dict[str, Any]]
    ) -> None:
        point: Point | None = None
        for connection, conversation in self._running.data.items():
            if conversation.wants(channel, symbol):
                point = point or (at, {"T": kind, "S": symbol, **view()})
                connection.put(point)
