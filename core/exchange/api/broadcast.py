"""Hands what happens on the exchange to the connections that asked for it."""

from collections.abc import Callable
from typing import Any

from core.exchange.api.running_exchange import RunningExchange
from core.exchange.api.stream_protocol import Codec
from core.exchange.api.views import bar_view, quote_view, status_view, trade_view
from core.exchange.market.events import Status
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
        """As `b`, and the day so far as `d`."""
        self._point("bars", "b", symbol, bar.start_ns, lambda: bar_view(bar))
        day = self._running.exchange.ticker.days.get(symbol)
        if day is not None:
            self._point("dailyBars", "d", symbol, day.start_ns, lambda: bar_view(day))

    def _point(
        self, channel: str, kind: str, symbol: str, at: int, view: Callable[[], dict[str, Any]]
    ) -> None:
        point: Point | None = None
        for connection, conversation in self._running.data.items():
            if conversation.wants(channel, symbol):
                point = point or (at, {"T": kind, "S": symbol, **view()})
                connection.put(point)
