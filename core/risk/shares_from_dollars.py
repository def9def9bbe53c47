"""How many shares an amount of money buys or may lose: the arithmetic, in whole shares. Pure."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from core.errors import Refusal
from core.market.prices import Side, better_by
from core.wording.numbers import money, price, qty

_DIVIDED = "\N{DIVISION SIGN}"


@dataclass(frozen=True, slots=True)
class Sized:
    """A number of whole shares, and the sum that gave it."""

    qty: Decimal
    sum: str


def for_dollars(dollars: Decimal, limit: Decimal) -> Sized:
    """Shares worth at most `dollars` at the limit price. Raises Refusal when it buys none."""
    shares = _whole(dollars / limit)
    if not shares:
        raise Refusal("amount", f"{money(dollars)} is less than one share at {price(limit)}.")
    return Sized(shares, f"{money(dollars)} {_DIVIDED} {price(limit)} = {qty(shares)}")


def for_risk(side: Side, dollars: Decimal, limit: Decimal, stop: Decimal) -> Sized:
    """Shares that lose at most `dollars` between the limit price and the stop.

    Raises Refusal for a stop where that side would not lose, or too little risk for a share.
    """
    away = better_by(side, stop, limit)  # the stop is the better price, or it is no loss
    if away <= 0:
        where = "above" if side is Side.SELL else "below"
        raise Refusal(
            "stop",
            f"A {side.value} at {price(limit)} loses only {where} that, not at {price(stop)}.",
        )
    shares = _whole(dollars / away)
    if not shares:
        raise Refusal(
            "risk", f"{money(dollars)} is less than the {price(away)} that one share would lose."
        )
    per = f"({price(max(limit, stop))} \N{MINUS SIGN} {price(min(limit, stop))})"
    return Sized(shares, f"{money(dollars)} {_DIVIDED} {per} = {qty(shares)}")


def stepped(quantity: Decimal, *, up: bool) -> Decimal:
    """The next round quantity: one more of its leading digit, or one less; never below 1."""
    step = Decimal(10) ** max(quantity.adjusted(), 0)
    if up:
        return (quantity / step).to_integral_value(ROUND_FLOOR) * step + step
    below = (quantity / step).to_integral_value(ROUND_CEILING) * step - step
    return max(below if below >= step else step - step / 10, Decimal(1)).to_integral_value()


def _whole(shares: Decimal) -> Decimal:
    return shares.to_integral_value(ROUND_FLOOR)
