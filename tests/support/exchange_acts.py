"""What only tests make an exchange do, or ask of it."""

from core.exchange.market.events import MarketEvent
from core.exchange.matching.exchange import Exchange


def happen(exchange: Exchange, event: MarketEvent) -> None:
    """One more event of the market, now."""
    exchange.on_event(event, exchange.now_ns())


def is_halted(exchange: Exchange, symbol: str) -> bool:
    """Whether trading in `symbol` is stopped."""
    return exchange.engine.books[symbol].halted


def is_restricted(exchange: Exchange, symbol: str) -> bool:
    """Whether short sales of `symbol` are restricted."""
    return symbol in exchange.engine.restricted
