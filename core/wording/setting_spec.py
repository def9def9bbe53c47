"""What a person must know to set a value: title, unit, bounds and description. Pure."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import get_args, get_type_hints

import msgspec

from core.errors import Refusal

D = Decimal


@dataclass(frozen=True, slots=True)
class SettingSpec:
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


@cache
def specs_of(kind: type[msgspec.Struct]) -> dict[str, SettingSpec]:
    """What each field of a record of settings is about, by name and in order."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: get_args(hints[name])[1] for name in kind.__struct_fields__}


def worded(about: SettingSpec, value: object) -> str:
    """A value with its unit, or in words."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Decimal | int):
        return (
            f"{value:,f} {about.unit}" if isinstance(value, Decimal) else f"{value:,} {about.unit}"
        )
    return dict(about.choices).get(str(value), str(value))


def check_value(name: str, about: SettingSpec, value: object) -> None:
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
