"""Invented markets that look like real ones: a seeded stream of quotes and prints per symbol.

Each stock is a row of figures. Activity comes in bursts between quiet spells; the spread
flickers around its usual width; the middle wanders and is pulled back to where it began,
so that a long session stays near the prices people know it by.
"""

from collections.abc import Iterator
from random import Random

import msgspec

from core.exchange.market.events import OFF_EXCHANGE, MarketEvent, QuoteEvent, Touch, TradeEvent
from core.exchange.units import tick
from core.market.time import NS

_EXCHANGES = "NPQZKBYV"


class Profile(msgspec.Struct, frozen=True):
    """How one stock behaves. Prices in ten-thousandths, rates per second, sizes in shares.

    `spreads` are the usual widths in ticks, repeated as often as they are usual.
    `wander` is the chance that a quote moves the middle, `jump` the most ticks it moves.
    """

    bid: int
    ask: int
    spreads: tuple[int, ...]
    sizes: tuple[int, ...]
    prints: tuple[int, ...]
    quiet_rate: float
    burst_rate: float
    trade_share: float
    wander: float
    jump: int


PROFILES: dict[str, Profile] = {
    # one cent wide, deep and busy
    "BAC": Profile(
        bid=137000,
        ask=137100,
        spreads=(1, 1, 1, 1, 1, 1, 1, 1, 2),
        sizes=(1800, 4200, 7500, 9900, 12600, 18800, 26400),
        prints=(100, 100, 200, 300, 500, 900, 1600),
        quiet_rate=3.0,
        burst_rate=40.0,
        trade_share=0.35,
        wander=0.04,
        jump=1,
    ),
    "AIG": Profile(
        bid=487600,
        ask=487700,
        spreads=(1, 1, 1, 1, 1, 2, 2),
        sizes=(200, 400, 600, 900, 1300, 2100),
        prints=(100, 100, 100, 200, 300, 500),
        quiet_rate=4.0,
        burst_rate=40.0,
        trade_share=0.2,
        wander=0.2,
        jump=1,
    ),
    # four cents wide, thin
    "IBM": Profile(
        bid=1818200,
        ask=1818600,
        spreads=(3, 4, 4, 4, 4, 5, 5, 6),
        sizes=(100, 100, 200, 200, 300, 400, 600),
        prints=(20, 50, 100, 100, 100, 200),
        quiet_rate=2.5,
        burst_rate=25.0,
        trade_share=0.18,
        wander=0.15,
        jump=2,
    ),
    # nine cents wide: the example the program is known by
    "UVXY": Profile(
        bid=152300,
        ask=153200,
        spreads=(8, 8, 9, 9, 9, 9, 10, 10),
        sizes=(200, 300, 500, 800, 1200, 1900),
        prints=(40, 100, 100, 200, 300, 500),
        quiet_rate=3.5,
        burst_rate=30.0,
        trade_share=0.12,
        wander=0.05,
        jump=1,
    ),
    # under a dollar, priced in ten-thousandths
    "PNNY": Profile(
        bid=4012,
        ask=4031,
        spreads=(12, 15, 18, 19, 19, 22, 28),
        sizes=(900, 2500, 5000, 10000, 18000),
        prints=(100, 300, 500, 1000, 2500, 6000),
        quiet_rate=1.5,
        burst_rate=12.0,
        trade_share=0.2,
        wander=0.15,
        jump=4,
    ),
}

_QUIET_SECONDS = 3.0
_BURST_SECONDS = 0.4
_PULL_TICKS = 60.0
_SAME_SIDE = 0.65
_INSIDE = 0.2
_HOLD_SECONDS = 1.0


def generate(symbol: str, profile: Profile, seed: str) -> Iterator[MarketEvent]:
    """Quotes and prints of one symbol for ever, the same for the same `seed`.

    The first quote is the profile's own, at time 0, and stands for a second.
    """
    stock = _Stock(symbol, profile, Random(f"{seed}/{symbol}"))
    yield stock.quote(0)
    yield TradeEvent(0, symbol, profile.bid, profile.prints[0], _EXCHANGES[0])
    at = _HOLD_SECONDS
    while True:
        at += stock.pause()
        yield stock.next_event(round(at * NS))


class _Stock:
    """One symbol's present state: the touch, the mood, the side that was hit last."""

    def __init__(self, symbol: str, profile: Profile, chance: Random) -> None:
        self._symbol = symbol
        self._profile = profile
        self._chance = chance
        self._bid, self._ask = profile.bid, profile.ask
        self._bid_size = chance.choice(profile.sizes)
        self._ask_size = chance.choice(profile.sizes)
        self._bursting = False
        self._mood_left = chance.expovariate(1 / _QUIET_SECONDS)
        self._buyer = chance.random() < 0.5

    def pause(self) -> float:
        """Seconds to the next event; the mood changes on the way."""
        waited = 0.0
        while True:
            rate = self._profile.burst_rate if self._bursting else self._profile.quiet_rate
            pause = self._chance.expovariate(rate)
            if pause < self._mood_left:
                self._mood_left -= pause
                return waited + pause
            waited += self._mood_left
            self._bursting = not self._bursting
            mean = _BURST_SECONDS if self._bursting else _QUIET_SECONDS
            self._mood_left = self._chance.expovariate(1 / mean)

    def next_event(self, at: int) -> MarketEvent:
        """A print or a quote."""
        if self._chance.random() < self._profile.trade_share:
            return self._trade(at)
        roll = self._chance.random()
        if roll < self._profile.wander:
            self._move()
        elif roll < self._profile.wander + 0.2:
            self._flicker()
        else:
            self._resize()
        return self.quote(at)

    def quote(self, at: int) -> QuoteEvent:
        """The touch as it stands."""
        touch = Touch(self._bid, self._bid_size, self._ask, self._ask_size)
        return QuoteEvent(at, self._symbol, touch)

    def _trade(self, at: int) -> TradeEvent:
        chance, profile = self._chance, self._profile
        if chance.random() > _SAME_SIDE:
            self._buyer = not self._buyer
        price, venue = (self._ask if self._buyer else self._bid), chance.choice(_EXCHANGES)
        inside = (self._ask - self._bid) // tick(self._bid) - 1
        if inside > 0 and chance.random() < _INSIDE:
            # Improved orders and midpoint pools print inside, mostly near the touch they came from.
            steps = min(inside, 1 + int(chance.expovariate(0.7)))
            price += (-steps if self._buyer else steps) * tick(self._bid)
            venue = OFF_EXCHANGE if chance.random() < 0.6 else venue
        return TradeEvent(at, self._symbol, price, chance.choice(profile.prints), venue)

    def _move(self) -> None:
        chance, profile = self._chance, self._profile
        step = tick(self._bid)
        away = (self._bid + self._ask - profile.bid - profile.ask) / 2 / step
        up = chance.random() < 0.5 - max(-0.45, min(0.45, away / _PULL_TICKS / 2))
        shift = chance.randint(1, profile.jump) * step * (1 if up else -1)
        if self._bid + shift <= step * profile.spreads[-1]:
            return
        self._bid += shift
        self._ask += shift
        self._bid_size = chance.choice(profile.sizes)
        self._ask_size = chance.choice(profile.sizes)

    def _flicker(self) -> None:
        """One side steps in or out so that the spread is one of the usual ones."""
        chance, step = self._chance, tick(self._bid)
        width = chance.choice(self._profile.spreads) * step
        if chance.random() < 0.5:
            self._ask = self._bid + width
            self._ask_size = chance.choice(self._profile.sizes)
        else:
            self._bid = self._ask - width
            self._bid_size = chance.choice(self._profile.sizes)

    def _resize(self) -> None:
        if self._chance.random() < 0.5:
            self._bid_size = self._chance.choice(self._profile.sizes)
        else:
            self._ask_size = self._chance.choice(self._profile.sizes)
