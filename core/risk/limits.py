"""What a person sets: the limits of the pre-trade controls, and the file that keeps them.

Each setting has its default, unit, bounds and description here and nowhere else; a
dialog is made from `about_of`. Reading never guesses: a file that is
damaged, or a value out of bounds, is refused in a sentence and changes nothing.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, get_args, get_type_hints

import msgspec

from core.errors import Refusal
from core.runtime.data_folder import write_private

MAX_BYTES = 1 << 20  # far more than all settings need
D = Decimal


@dataclass(frozen=True, slots=True)
class About:
    """What a person must know to set a value. Both bounds are allowed; both 0: it has none.

    `choices` are the values it may take, each with its words; empty where it is a number,
    a yes or no, or has an editor of its own. `group` is the heading it stands under.
    """

    title: str
    unit: str
    lowest: Decimal
    highest: Decimal
    description: str
    group: str = "Limits"
    choices: tuple[tuple[str, str], ...] = ()
    wider: int = 1  # of a limit: lets a larger value more through (1), or a smaller one (-1)

    @property
    def bounded(self) -> bool:
        """Whether there is a lowest and a highest value."""
        return self.lowest < self.highest


def _yes_or_no(title: str, description: str) -> About:
    return About(title, "", D(0), D(0), description)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting with its default. Frozen: a change is a new record."""

    max_shares: Annotated[
        Decimal,
        About(
            "Largest order",
            "shares",
            D(1),
            D(10_000_000),
            "An order for more shares is refused.",
        ),
    ] = D(10_000)
    max_notional: Annotated[
        Decimal,
        About(
            "Largest order in dollars",
            "$",
            D(1),
            D(1_000_000_000),
            "An order worth more at its limit price is refused.",
        ),
    ] = D(100_000)
    large_notional: Annotated[
        Decimal,
        About(
            "Ask above",
            "$",
            D(1),
            D(1_000_000_000),
            "An order worth more at its limit price is sent only when confirmed.",
        ),
    ] = D(50_000)
    collar_percent: Annotated[
        Decimal,
        About(
            "Price collar",
            "%",
            D("0.1"),
            D(100),
            "A limit price further than this from the last trade is sent only when confirmed.",
        ),
    ] = D(5)
    max_spread_bps: Annotated[
        Decimal,
        About(
            "Widest spread",
            "bps",
            D(1),
            D(10_000),
            "A spread wider than this, and than the number of ticks below, is asked about.",
        ),
    ] = D(250)
    max_spread_ticks: Annotated[
        int,
        About(
            "Widest spread in ticks",
            "ticks",
            D(1),
            D(100_000),
            "A spread of no more ticks than this is never asked about, whatever its bps.",
        ),
    ] = 10
    max_spread_refuse_bps: Annotated[
        Decimal,
        About(
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
        About(
            "Oldest quote",
            "s",
            D("0.1"),
            D(60),
            "A quote that is not known to be fresher prices no order.",
        ),
    ] = D(5)
    duplicate_window: Annotated[
        Decimal,
        About(
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
        About(
            "Orders a minute",
            "orders",
            D(1),
            D(1_000),
            "More new orders than this within any 60 s are refused.",
        ),
    ] = 20
    before_close: Annotated[
        Decimal,
        About(
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


DEFAULTS = Settings()


@cache
def about_of(kind: type[msgspec.Struct]) -> dict[str, About]:
    """What each field of a record of settings is about, by name and in order."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: get_args(hints[name])[1] for name in kind.__struct_fields__}


def widened(old: Settings, new: Settings) -> tuple[str, ...]:
    """The names of the settings that let more through in `new` than in `old`."""
    return tuple(
        name
        for name, about in about_of(Settings).items()
        if about.wider * (D(getattr(new, name)) - D(getattr(old, name))) > 0
    )


def changes(old: Settings, new: Settings) -> str:
    """What differs, in words; empty when nothing does."""
    return "; ".join(
        f"{about.title} from {worded(about, getattr(old, name))}"
        f" to {worded(about, getattr(new, name))}"
        for name, about in about_of(Settings).items()
        if getattr(old, name) != getattr(new, name)
    )


def worded(about: About, value: object) -> str:
    """A value with its unit, or in words."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Decimal | int):
        return (
            f"{value:,f} {about.unit}" if isinstance(value, Decimal) else f"{value:,} {about.unit}"
        )
    return dict(about.choices).get(str(value), str(value))


def load(path: Path) -> Settings:
    """The settings in the file at `path`; the defaults where there is none.

    Keys that are not known are passed over. Raises Refusal when it cannot be read, is no
    JSON object, or holds a value of the wrong kind or out of its bounds.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return DEFAULTS
    except OSError as error:
        raise _damaged(path, error.strerror or type(error).__name__) from error
    if len(data) > MAX_BYTES:
        raise _damaged(path, "it is far too long")
    try:
        settings = msgspec.json.decode(data, type=Settings)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise _damaged(path, str(error) or type(error).__name__) from error
    try:
        check(settings)
    except Refusal as refusal:
        raise _damaged(path, refusal.sentence.removesuffix(".")) from refusal
    return settings


def unknown(path: Path) -> tuple[str, ...]:
    """Names in the file at `path` that no setting has: misspelt, or of another version.

    They are kept out of what holds, so a person should hear of them. Reads what `load` has read.
    """
    try:
        found = msgspec.json.decode(path.read_bytes())
    except FileNotFoundError:
        return ()
    return tuple(sorted(set(found) - set(Settings.__struct_fields__)))


def check(settings: Settings) -> None:
    """Raise Refusal naming the first value out of its bounds."""
    for name, about in about_of(type(settings)).items():
        check_value(name, about, getattr(settings, name))


def check_value(name: str, about: About, value: object) -> None:
    """Raise Refusal when `value` is a number out of the bounds of `about`."""
    if not about.bounded or isinstance(value, bool) or not isinstance(value, Decimal | int):
        return
    number = D(value)
    if not number.is_finite() or not about.lowest <= number <= about.highest:
        raise Refusal(
            name,
            f"{name} must lie between {about.lowest:f} and {about.highest:f} {about.unit}, "
            f"not {value}.",
            value,
        )


def save(path: Path, settings: Settings) -> None:
    """Write `settings` whole or not at all. Raises Refusal for a bad value or a failed write."""
    check(settings)
    body = msgspec.json.format(msgspec.json.encode(settings), indent=2)
    write_private(path, body.decode() + "\n")


def _damaged(path: Path, why: str) -> Refusal:
    return Refusal(
        "settings",
        f"The settings in {path} cannot be used: {why}. Mend the file or move it away.",
        str(path),
    )
