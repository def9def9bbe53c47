"""What whoever listens to the exchange is told."""

from typing import Any, Protocol

from core.exchange.market.events import Status
from core.exchange.market.ticker import Bar, Quote, Trade


class Listener(Protocol):
    """Whoever wants to hear. Called inside the exchange's own step; must return at once."""

    def on_update(self, message: dict[str, Any]) -> None:
        """A trade update, ready for the wire."""

    def on_quote(self, symbol: str, quote: Quote) -> None:
        """A quote was published."""

    def on_trade(self, symbol: str, trade: Trade) -> None:
        """A print was published."""

    def on_status(self, symbol: str, status: Status, at_ns: int) -> None:
        """Trading in a symbol stopped or went on, or short sales of it were restricted or freed."""

    def on_bar(self, symbol: str, bar: Bar) -> None:
        """A minute is finished."""
