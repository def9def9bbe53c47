"""Alpaca's test stream, `/v2/test`: one invented symbol around the clock, beside the market.

Nothing of it can be traded, and REST does not know it.
"""

from core.exchange.api.broadcast import Broadcast
from core.exchange.api.running_exchange import RunningExchange
from core.exchange.api.stream_protocol import FAKEPACA
from core.exchange.market.events import MarketEvent, QuoteEvent
from core.exchange.market.generator import PROFILES, generate
from core.exchange.market.player import Player
from core.exchange.market.ticker import Bar, Ticker
from core.exchange.market.trading_day import MarketTime
from core.exchange.timing import CallLater


class Fakepaca:
    """Plays FAKEPACA to the clients of the test stream."""

    def __init__(self, running: RunningExchange, broadcast: Broadcast, later: CallLater) -> None:
        exchange = running.exchange
        self._broadcast = broadcast
        self._ticker = Ticker(exchange.time.start_ns)
        self._ticker.on_bar = self._on_bar
        source = generate(FAKEPACA, PROFILES["AIG"], exchange.options.seed)
        time = MarketTime(exchange.time.start_ns)
        self._player = Player([source], time, exchange.now_ns, later, self._on_event)

    def start(self) -> None:
        """Play from now on."""
        self._player.start()

    def stop(self) -> None:
        """Play nothing more."""
        self._player.stop()

    def _on_event(self, event: MarketEvent, at: int) -> None:
        if isinstance(event, QuoteEvent):
            self._broadcast.on_quote(FAKEPACA, self._ticker.quote(event, at))
        else:
            self._broadcast.on_trade(FAKEPACA, self._ticker.trade(event, at))

    def _on_bar(self, _symbol: str, bar: Bar) -> None:
        self._broadcast.on_minute(FAKEPACA, bar, self._ticker.days[FAKEPACA])
