"""Makes a day that breaks a rule smaller: fewer orders, faults and presses, the same violation."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from tests.simulation.day import NONE, Result, play
from tests.simulation.weather import COUNTS, RATES

KEPT = Path(__file__).with_name("kept_days.json")
_MOST_ORDERS = 6


class KeptDay(msgspec.Struct, frozen=True, order=True):
    """A day that broke a rule once: its seed, what is left out of it, and which rule."""

    seed: int
    kind: str
    cut: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shrunk:
    """The smallest day found, and what was left out of it."""

    result: Result
    cut: frozenset[str]


def shrink(result: Result) -> Shrunk:
    """Leave out whatever the violation of this kind does not need, one thing after the other."""
    best = Shrunk(result, NONE)
    names = (*(f"i{n}" for n in range(_MOST_ORDERS)), "presses", *RATES, *COUNTS)
    for name in names:
        cut = best.cut | {name}
        tried = play(result.seed, cut, text=True)
        if tried.kind == result.kind and tried.lines <= best.result.lines:
            best = Shrunk(tried, cut)
    return best


def kept_days() -> list[KeptDay]:
    """Days that broke a rule once, which a test plays again."""
    return msgspec.json.decode(KEPT.read_bytes(), type=list[KeptDay])


def keep(shrunk: Shrunk) -> None:
    """Write the day beside those that are kept already."""
    day = KeptDay(shrunk.result.seed, shrunk.result.kind, tuple(sorted(shrunk.cut)))
    days = sorted({*kept_days(), day})
    KEPT.write_bytes(msgspec.json.format(msgspec.json.encode(days)) + b"\n")
