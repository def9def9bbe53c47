"""What goes wrong with the quotes of one day, and the rule that no price is made of an old one.

Drawn apart from the rest of the weather, so that the other days stay as they were.
"""

from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

from msgspec.structs import replace

from core.engine.events import OrderChanged
from core.market.quotes import Quote
from core.market.time import NS
from core.orders.facts import FallbackPriced, OrderAccepted, StepPriced

if TYPE_CHECKING:
    from tests.simulation.day import Day
    from tests.simulation.run import Run

_TIMELESS = (0, 1, 43_200 * NS, -62_135_596_800 * NS)
_FAR_BEHIND = (15 * 60 * NS, 8 * 3600 * NS)
_NO_TIME = -1  # of a spell in which quotes carry none
_LEAST_EARLY = 10 * NS  # far beyond what the venue's time is uncertain by


class Feed:
    """The quote feed of a day: `good` or with faults of its own."""

    def __init__(self, day: "Day", seed: int) -> None:
        self._day = day
        self._chance = chance = Random(f"{seed}/quotes")
        self.good = chance.random() >= 0.35
        self.oldest = Decimal(chance.choice((1, 2, 5, 5)))
        pick = chance.uniform
        self._late, self._early, self._timeless = (
            pick(0.02, 0.3) if chance.random() < 0.6 else 0.0 for _ in range(3)
        )
        self._spells: list[tuple[int, int, int]] = []  # from, until, how far behind; 0: held back
        off = chance.choice((-600, 600)) if chance.random() < 0.3 else 0
        self.clock_off_ns = 0 if self.good else off * NS  # of the computer's clock
        self._newest: dict[str, int] = {}  # own time of the newest quote that this run was told
        self._least: dict[str, int] = {}  # and of what it must show since it knows the time
        self._told: set[tuple[str, int]] = set()  # all that count

    def plan(self, start_ns: int, seconds: float) -> None:
        """When the feed falls behind: its quotes come late, or are stamped long ago."""
        chance = self._chance
        pick = chance.uniform
        for _ in range(0 if self.good else chance.randint(0, 3)):
            begins = start_ns + round(chance.choice((0.0, 1.0, 1.0)) * pick(0, seconds) * NS)
            ends = begins + round(pick(1, 25) * NS)
            self._spells.append((begins, ends, chance.choice((0, 0, _NO_TIME, *_FAR_BEHIND))))

    def run_begins(self) -> None:
        """A new process has been told nothing yet."""
        self._newest.clear()
        self._least.clear()
        self._told.clear()

    def spoiled(self, quote: Quote) -> tuple[float, Quote]:
        """Seconds that a quote takes, and the quote as it comes."""
        day, chance = self._day, self._chance
        if self.good or day.healed:
            return 0.002, quote
        for begins, ends, behind in self._spells:
            if begins <= day.time.now_ns < ends:
                if behind:
                    day.time.fault("quotes stamped long ago")
                    return 0.002, _stamped_back(quote, behind)
                day.time.fault("quotes fall behind")
                return (ends - day.time.now_ns) / NS, quote
        if chance.random() < self._early:
            day.time.fault("quote early")
            ahead = chance.choice((_LEAST_EARLY, 60 * NS, 3600 * NS))
            wild = replace(quote, bid=quote.bid * 2, ask=quote.ask * 2)
            return 0.002, replace(wild, exchange_ns=quote.exchange_ns + ahead)
        if chance.random() < self._timeless:
            day.time.fault("quote timeless")
            return 0.002, replace(quote, exchange_ns=chance.choice(_TIMELESS))
        if chance.random() < self._late:
            day.time.fault("quote late")
            return chance.choice((0.5, 3.0, 10.0)) * chance.random(), quote
        return 0.002, quote

    def read(self, quote: Quote | None) -> Quote | None:
        """A quote read over REST: while the feed is behind, so is that."""
        if quote is None or self.good or self._day.healed:
            return quote
        now = self._day.time.now_ns
        behind = next((b for begins, ends, b in self._spells if begins <= now < ends), 0)
        return _stamped_back(quote, behind)

    # ---- the rule -------------------------------------------------------------------------------

    def told(self, quote: Quote) -> bool:
        """The engine is being told a quote. True: it is the newest that counts."""
        own = quote.exchange_ns
        if not self._counts(own):
            return False
        self._told.add((quote.symbol, own))
        newest = own >= self._newest.get(quote.symbol, 0)
        if newest:
            self._newest[quote.symbol] = own
        return newest

    def _counts(self, own_ns: int) -> bool:
        """Whether a stamp may be a time that is not to come: a little ahead may be new or early."""
        return max(_TIMELESS) < own_ns < self._day.time.now_ns + _LEAST_EARLY // 2

    def taken(self, run: "Run", quote: Quote) -> None:
        """The engine has been told it: the newest that counts must stand on the screen.

        Before it knows the venue's time it cannot tell what is early.
        """
        board, symbol = run.engine.board, quote.symbol
        if self.good or board.time is None:
            return
        if max(_TIMELESS) < quote.exchange_ns <= self._day.time.now_ns:
            self._least[symbol] = max(quote.exchange_ns, self._least.get(symbol, 0))
        shown = board.quotes.get(symbol)
        if shown is not None and self._is_older(symbol, shown.exchange_ns):
            self._day.oracle.violate("age", f"the newest quote of {symbol} is not the one shown")

    def _is_older(self, symbol: str, own_ns: int) -> bool:
        """Whether a newer one came when it could be told to be newer."""
        return own_ns < self._least.get(symbol, own_ns)

    def shown(self, run: "Run", event: OrderChanged) -> None:
        """The engine made a price: of which quote, and how old is the newest it can have had?"""
        order, fact = event.order, event.fact
        if self.good or not isinstance(fact, OrderAccepted | StepPriced | FallbackPriced):
            return
        if fact.limit_price is None or order.own_price is not None:
            return
        now = self._day.time.now_ns
        own = self._newest.get(order.symbol, 0)
        if isinstance(fact, OrderAccepted):
            own = fact.quote.exchange_ns
            if (order.symbol, own) not in self._told or self._is_older(order.symbol, own):
                why = f"{order.id} was taken at a quote that is not the newest with a time"
                self._day.oracle.violate("age", why)
                return
        old = Decimal(now - own) / NS
        if old > run.engine.settings.max_quote_age:
            what = f"{type(fact).__name__} of {order.id}"
            self._day.oracle.violate("age", f"{what} is of a quote that is {old:.3f} s old")


def _stamped_back(quote: Quote, behind: int) -> Quote:
    own = 0 if behind == _NO_TIME else quote.exchange_ns - behind
    return replace(quote, exchange_ns=own)
