"""How one order is to be worked: steps of fraction and time, fallback. Frozen and validated.

The parsers here are the one boundary for what a person types; each refuses
with the rule and the value. No I/O, no clock.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from core.market.limit_price import USUAL_COLLAR, Collar, LimitPrice
from core.market.prices import ZERO, Side

MIN_TIMEOUT = Decimal("0.001")
MAX_TIMEOUT = Decimal(3600)
GRACE = Decimal(60)  # seconds
MAX_QTY = Decimal(10_000_000)
MAX_STEPS = 20
MAX_DOLLARS = Decimal(1_000_000_000)
MAX_COLLAR = 1_000  # ticks or bps: beyond it a collar is none
PLACES = 9  # Alpaca's own limit for quantities; for seconds it is our clock's


class Fallback(StrEnum):
    """What is sent for the proven rest when time runs out."""

    MARKET = "market"
    COLLAR = "collar"
    NONE = "none"


class Step(msgspec.Struct, frozen=True):
    """One price of a plan: this fraction of the spread for that many seconds."""

    fraction: Decimal
    seconds: Decimal


class Plan(msgspec.Struct, frozen=True):
    """Fraction of the spread (0 near touch, 1 far touch), time and fallback.

    `timeout` and `grace` are seconds: the fallback happens no later than
    `grace` after the deadline, whatever kept it back. `steps` is empty for the usual
    single price; else `fraction` is the first step's and `timeout` all of them together
    (`stepped` makes such a plan). `limit` is the trader's worst price, dollars: nothing
    of the order, the fallback included, is sent to sell below it or to buy above it.
    `collar` is how far a collared fallback may go through the far touch. `at_market`:
    nothing is worked, a market order is all there is (see `flatten`).
    """

    fraction: Decimal
    timeout: Decimal
    fallback: Fallback = Fallback.MARKET
    grace: Decimal = msgspec.field(default=GRACE, name="window")  # as journals spell it
    steps: tuple[Step, ...] = ()
    limit: Decimal | None = None
    collar: Collar = USUAL_COLLAR
    at_market: bool = False

    def __post_init__(self) -> None:
        if self.steps and (self.fraction, self.timeout) != _first_and_all(self.steps):
            raise ValueError("fraction and timeout of a plan do not agree with its steps")

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """The steps, of which there is always at least one."""
        return self.steps or (Step(self.fraction, self.timeout),)


def _first_and_all(steps: tuple[Step, ...]) -> tuple[Decimal, Decimal]:
    return steps[0].fraction, sum((s.seconds for s in steps), ZERO)


def stepped(
    steps: tuple[Step, ...],
    fallback: Fallback = Fallback.MARKET,
    grace: Decimal = GRACE,
    limit: Decimal | None = None,
    collar: Collar = USUAL_COLLAR,
) -> Plan:
    """The plan of one or more steps; a single one gives the plan without steps."""
    fraction, timeout = _first_and_all(steps)
    several = steps if len(steps) > 1 else ()
    return Plan(fraction, timeout, fallback, grace, several, limit, collar)


DEFAULTS = {
    Side.SELL: Plan(Decimal("0.85"), Decimal(10)),
    Side.BUY: Plan(Decimal("0.75"), Decimal(15)),
}


class Preview(msgspec.Struct, frozen=True):
    """What stood on the screen at the click, kept with the order.

    `gain` is dollars a share against the far touch, `fees` and `fallback_cost` dollars for
    the whole order (None: not known, and shown so), `lines` the button's words and every
    line beneath it. A price more than `moved_ticks` from `limit_price` is asked about
    before it is sent; None: never. Older journals hold the first four only.
    """

    bid: Decimal
    ask: Decimal
    limit_price: Decimal
    ticks_better: int
    gain: Decimal | None = None
    fees: Decimal | None = None
    fallback_cost: Decimal | None = None
    position_after: Decimal | None = None
    lines: tuple[str, ...] = ()
    moved_ticks: int | None = None


class Instruction(msgspec.Struct, frozen=True):
    """What the trader asked for. `id` makes a repeated submit harmless."""

    id: str
    symbol: str
    side: Side
    qty: Decimal
    plan: Plan
    preview: Preview | None = None


def plain(value: Decimal) -> Decimal:
    """The same number without exponent, trailing zeros or a sign before 0, at most 28 digits.

    Format it with `f`: below a millionth Python prints an exponent all the same.
    """
    return Decimal(f"{value.normalize():f}") + ZERO


def preview_of(bid: Decimal, ask: Decimal, price: LimitPrice, **more: Any) -> Preview:
    """What is frozen at the click; `more` are the fields of a Preview beside the price."""
    return Preview(bid, ask, price.price, price.ticks_better, **more)
