"""The scripted random market of one day: quotes that drift, jump, thin out and fall silent."""

from collections.abc import Iterator
from random import Random

from core.exchange.market.events import MarketEvent, QuoteEvent, Touch, TradeEvent
from core.market.time import NS

CENT = 100


def script(symbol: str, seconds: float, chance: Random) -> Iterator[MarketEvent]:
    """Quotes and prints of `symbol` until `seconds`, in time order, made as they are due."""
    mid = chance.choice((80, 350, 1524, 1524, 20_000)) * CENT + 50
    pace = chance.choice((0.4, 1.0, 2.5))
    tick = CENT if mid > 100 * CENT else 1
    wide = chance.choice((1, 3, 9, 20))
    at = 0.0
    while at < seconds:
        mid += tick * _move(chance)
        mid = max(mid, 20 * tick)
        spread = tick * chance.randint(0, wide)
        bid = (mid - spread // 2) // tick * tick
        size = chance.choice((1, 30, 100, 600, 5000))
        touch = Touch(bid, size, bid + spread, chance.choice((1, 50, 200, 5000)))
        yield QuoteEvent(round(at * NS), symbol, touch)
        if chance.random() < 0.15:
            price = bid + chance.choice((0, spread))
            yield TradeEvent(round(at * NS), symbol, price, chance.randint(1, 400), "N")
        quiet = chance.random() < 0.04
        at += chance.expovariate(1 / pace) + (chance.uniform(3, 12) if quiet else 0.01)


def _move(chance: Random) -> int:
    if chance.random() < 0.05:
        return chance.randint(-25, 25)
    return chance.choice((-2, -1, 0, 0, 0, 1, 2))
