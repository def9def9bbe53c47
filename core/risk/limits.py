"""What a person sets: the limits of the pre-trade controls. Pure.

Each has its default, unit, bounds and description here and nowhere else; a dialog is made from
`specs_of`. The file that keeps them is `core.app.limits_file`'s.
"""

from decimal import Decimal
from typing import Annotated

import msgspec

from core.market.time import NS
from core.wording.setting_spec import D, SettingSpec, check_value, specs_of, worded


def _yes_or_no(title: str, description: str) -> SettingSpec:
    return SettingSpec(title, "", D(0), D(0), description)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting with its default. Frozen: a change is a new record."""

    max_shares: Annotated[
        Decimal,
        SettingSpec(
            "Largest order",
            "shares",
            D(1),
            D(10_000_000),
            "An order for more shares is refused.",
        ),
    ] = D(10_000)
    max_notional: Annotated[
        Decimal,
        SettingSpec(
            "Largest order in dollars",
            "$",
            D(1),
            D(1_000_000_000),
            "An order worth more at its limit price is refused.",
        ),
    ] = D(100_000)
    large_notional: Annotated[
        Decimal,
        SettingSpec(
            "Ask above",
            "$",
            D(1),
            D(1_000_000_000),
            "An order worth more at its limit price is sent only when confirmed.",
        ),
    ] = D(50_000)
    price_band_percent: Annotated[
        Decimal,
        SettingSpec(
            "Price band",
            "%",
            D("0.1"),
            D(100),
            "A limit price further than this from the last trade is sent only when confirmed.",
        ),
    ] = D(5)
    max_spread_bps: Annotated[
        Decimal,
        SettingSpec(
            "Widest spread",
            "bps",
            D(1),
            D(10_000),
            "A spread wider than this, and than the number of ticks below, is asked about.",
        ),
    ] = D(250)
    max_spread_ticks: Annotated[
        int,
        SettingSpec(
            "Widest spread in ticks",
            "ticks",
            D(1),
            D(100_000),
            "A spread of no more ticks than this is never asked about, whatever its bps.",
        ),
    ] = 10
    max_spread_refuse_bps: Annotated[
        Decimal,
        SettingSpec(
            "Refused spread",
            "bps",
            D(1),
            D(20_000),
            "A spread wider than this, and than the number of ticks above, refuses an order, "
            "and a market order for what is left waits until it is narrower.",
        ),
    ] = D(1_000)
    max_quote_age: Annotated[
        Decimal,
        SettingSpec(
            "Oldest quote",
            "s",
            D("0.1"),
            D(60),
            "A quote whose own time is longer ago than this prices no order.",
        ),
    ] = D(5)
    duplicate_window: Annotated[
        Decimal,
        SettingSpec(
            "Duplicate",
            "s",
            D(0),
            D(600),
            "The same symbol, side and quantity again within this time is asked about; 0: never.",
            wider=-1,
        ),
    ] = D(10)
    orders_per_minute: Annotated[
        int,
        SettingSpec(
            "Orders a minute",
            "orders",
            D(1),
            D(1_000),
            "More new orders than this within any 60 s are refused.",
        ),
    ] = 20
    before_close: Annotated[
        Decimal,
        SettingSpec(
            "Before the close",
            "s",
            D(0),
            D(3_600),
            "An order this close to the end of the session is asked about; 0: never.",
            wider=-1,
        ),
    ] = D(30)
    short_sales: Annotated[
        bool,
        _yes_or_no(
            "Short sales",
            "Allow a sell of a symbol that is not held: it opens a short position.",
        ),
    ] = False
    extended_hours: Annotated[
        bool,
        _yes_or_no(
            "Extended hours",
            "Allow orders from 04:00 to the opening and for 4 h after the close: limit orders "
            "only, and nothing falls back.",
        ),
    ] = False

    @property
    def max_quote_age_ns(self) -> int:
        """The oldest that a quote may be to price an order, ns."""
        return int(self.max_quote_age * NS)


DEFAULTS = Limits()
FORMER_NAMES = {"collar_percent": "price_band_percent"}  # in files of earlier versions


def widened(old: Limits, new: Limits) -> tuple[str, ...]:
    """The names of the settings that let more through in `new` than in `old`."""
    return tuple(
        name
        for name, about in specs_of(Limits).items()
        if about.wider * (D(getattr(new, name)) - D(getattr(old, name))) > 0
    )


def changes(old: Limits, new: Limits) -> str:
    """What differs, in words; empty when nothing does."""
    return "; ".join(
        f"{about.title} from {worded(about, getattr(old, name))}"
        f" to {worded(about, getattr(new, name))}"
        for name, about in specs_of(Limits).items()
        if getattr(old, name) != getattr(new, name)
    )


def check(settings: Limits) -> None:
    """Raise Refusal naming the first value out of its bounds."""
    for name, about in specs_of(type(settings)).items():
        check_value(name, about, getattr(settings, name))
