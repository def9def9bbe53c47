"""How a person likes the window: one typed record, and how its file is read. No Qt.

Each preference has its title, bounds or choices and description here and nowhere else;
the settings dialog is made from them. These are no safety limits (those are in
`core.risk.limits`), so reading is tolerant: what is damaged falls back to its default
with a sentence, the damaged file is kept aside, and keys of another version are kept.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, get_type_hints

import msgspec

from core.errors import Refusal
from core.orders.plan import MAX_TIMEOUT, MIN_TIMEOUT, Fallback
from core.runtime.private_files import MAX_SETTINGS_BYTES
from core.wording.next_step import FORMER_ACTIONS
from core.wording.setting_spec import SettingSpec, check_value, specs_of

D = Decimal
NONE = D(0)
FILE_NAME = "window.json"  # in the home, for every venue

LOOK, SENDING, CHART, TELLING, ORDERS = "Look", "Sending", "Chart", "Telling", "Orders"


class ThemeChoice(StrEnum):
    """Which colour table the window wears."""

    DARK = "dark"
    LIGHT = "light"
    SYSTEM = "system"


class SideColours(StrEnum):
    """The colours of sell and buy."""

    BLUE_ORANGE = "blue_orange"
    GREEN_RED = "green_red"


class SendMode(StrEnum):
    """What it takes to send from the ticket."""

    REVIEW = "review"
    HOLD = "hold"
    ONE_CLICK = "one_click"


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """What a named preset sets on the ticket; `steps` and `collar` as they are typed there.

    `wait` is seconds; None for each side's own.
    """

    name: str
    sell_fraction: Decimal
    buy_fraction: Decimal
    wait: Decimal | None = None
    steps: str = ""
    fallback: Fallback = Fallback.MARKET
    collar: str = ""

    def __post_init__(self) -> None:
        fractions = (self.sell_fraction, self.buy_fraction)
        if not self.name or not all(f.is_finite() and 0 <= f <= 1 for f in fractions):
            raise ValueError("a preset needs a name and fractions from 0 to 1")
        if self.wait is None:
            return
        if not self.wait.is_finite() or not MIN_TIMEOUT <= self.wait <= MAX_TIMEOUT:
            raise ValueError(f"the wait of a preset lies between {MIN_TIMEOUT} and {MAX_TIMEOUT} s")


def _choice(title: str, group: str, description: str, **words: str) -> SettingSpec:
    return SettingSpec(title, "", NONE, NONE, description, group, tuple(words.items()))


def _yes_or_no(title: str, group: str, description: str) -> SettingSpec:
    return SettingSpec(title, "", NONE, NONE, description, group)


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """Every preference with its default. Frozen: a change is a new record."""

    theme: Annotated[
        ThemeChoice,
        _choice(
            "Theme",
            LOOK,
            "The colours of the window; as the system follows its dark mode at once.",
            dark="dark",
            light="light",
            system="as the system",
        ),
    ] = ThemeChoice.DARK
    side_colours: Annotated[
        SideColours,
        _choice(
            "Sell and buy",
            LOOK,
            "The colours of the two sides. The side is always told in words as well.",
            blue_orange="orange and blue",
            green_red="red and green",
        ),
    ] = SideColours.BLUE_ORANGE
    font_scale: Annotated[
        int,
        SettingSpec(
            "Text size",
            "%",
            D(80),
            D(200),
            "The size of all text, as far as there is room.",
            LOOK,
        ),
    ] = 100
    send_mode: Annotated[
        SendMode,
        _choice(
            "Sell and Buy send",
            SENDING,
            "What it takes to send an order from the armed ticket.",
            review="after a question",
            hold="when held for 0.4 s",
            one_click="at one click",
        ),
    ] = SendMode.ONE_CLICK
    moved_ticks: Annotated[
        int,
        SettingSpec(
            "Price moved",
            "ticks",
            D(0),
            D(1_000),
            "An order whose price moved further than this between preview and send is asked about.",
            SENDING,
        ),
    ] = 2
    sounds: Annotated[
        bool, _yes_or_no("Sounds", TELLING, "A short sound for fills, rejects and alarms.")
    ] = False
    desktop_notifications: Annotated[
        bool,
        _yes_or_no(
            "Desktop notifications",
            TELLING,
            "Tell fills, rejects and alarms on the desktop while another window is in front.",
        ),
    ] = False
    chart_seconds: Annotated[
        int,
        SettingSpec(
            "Time shown", "s", D(5), D(3_600), "The past the chart shows at the start.", CHART
        ),
    ] = 40
    chart_follow: Annotated[
        bool, _yes_or_no("Follow", CHART, "Keep the present in view when the chart opens.")
    ] = True
    chart_trades: Annotated[bool, _yes_or_no("Trades", CHART, "Show trades as dots.")] = True
    guide: Annotated[
        bool,
        _yes_or_no(
            "Guide",
            LOOK,
            "Begin with a guide to a first order on the embedded exchange; off once it has ended.",
        ),
    ] = True
    keys: Annotated[
        dict[str, str],
        SettingSpec("Keys", "", NONE, NONE, "Keys that differ from the usual, by command.", "Keys"),
    ] = {}
    columns: Annotated[
        dict[str, tuple[str, ...]],
        SettingSpec(
            "Columns",
            "",
            NONE,
            NONE,
            "Columns of each table from the left, by the table's name; the usual where none is.",
            ORDERS,
        ),
    ] = {}
    presets: Annotated[
        tuple[Preset, ...],
        SettingSpec("Presets", "", NONE, NONE, "Named presets of the ticket.", ORDERS),
    ] = ()


USUAL = Preferences()


@dataclass(frozen=True, slots=True)
class Read:
    """What a file held. `unknown` are keys of another version, `bad` what could not be used."""

    values: Preferences = USUAL
    unknown: dict[str, Any] = field(default_factory=dict)
    bad: tuple[str, ...] = ()


def parse(data: bytes) -> Read:
    """The preferences in `data`; defaults for what is missing or cannot be used."""
    if len(data) > MAX_SETTINGS_BYTES:
        return Read(bad=("the whole file, which is far too long",))
    try:
        found = msgspec.json.decode(data)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return Read(bad=("the whole file, which is damaged",))
    if not isinstance(found, dict):
        return Read(bad=("the whole file, which holds no settings",))
    good: dict[str, Any] = {}
    bad = []
    for name, kind in get_type_hints(Preferences).items():
        if name in found:
            try:
                good[name] = _converted(name, found[name], kind)
            except (Refusal, msgspec.MsgspecError, ValueError):
                bad.append(f"'{specs_of(Preferences)[name].title}'")
    unknown = {
        name: value for name, value in found.items() if name not in Preferences.__struct_fields__
    }
    return Read(Preferences(**good), unknown, tuple(bad))


def _converted(name: str, value: object, kind: Any) -> Any:
    """`value` as its field takes it. Raises Refusal or msgspec's error."""
    if name == "keys" and isinstance(value, dict):
        value = {FORMER_ACTIONS.get(action, action): key for action, key in value.items()}
    converted = msgspec.convert(value, kind)
    about = specs_of(Preferences)[name]
    check_value(about.title, about, converted)
    return converted


def checked(values: Preferences) -> Preferences:
    """`values`, each of the type of its field; or Refusal naming the first that cannot be."""
    raw, good = msgspec.to_builtins(values), {}
    for name, kind in get_type_hints(Preferences).items():
        try:
            good[name] = _converted(name, raw[name], kind)
        except (msgspec.MsgspecError, ValueError) as error:
            title = specs_of(Preferences)[name].title
            raise Refusal(name, f"{title} cannot be {raw[name]!r}.", raw[name]) from error
    return Preferences(**good)
