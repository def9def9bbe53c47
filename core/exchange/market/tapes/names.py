"""What a tape's file name says: the symbol and the day, as IBM-2013-10-08.quotes.csv. Pure."""

import re
from datetime import date

from core.errors import Refusal
from core.exchange.market.tapes.collector import Wanted

_NAME = re.compile(r"([A-Z][A-Z.]{0,9})-(\d{4}-\d\d-\d\d)[.\-_].*")
_DAY = re.compile(r"(?<!\d)(20\d\d)-?([01]\d)-?([0-3]\d)(?!\d)")
_ENDINGS = ("csv.gz", "csv", "json.gz", "json")


def symbol_named(name: str) -> str | None:
    """The symbol that a file is named after."""
    found = _NAME.fullmatch(name)
    return found[1] if found else None


def wanted_of(name: str) -> Wanted:
    """The symbol and the day to play, as far as the name gives them. Raises Refusal."""
    found = _NAME.fullmatch(name)
    if found is None:
        in_name = _DAY.search(name)
        return Wanted(name, None, _date("-".join(in_name.groups())) if in_name else None)
    day = _date(found[2])
    if day is None:
        raise Refusal("tape", f"The tape {name} names no day.", name)
    return Wanted(name, found[1], day)


def unnamed(name: str) -> Refusal:
    """The refusal of a file that says neither in its name nor inside what it holds."""
    return Refusal("tape", f"A tape is named like IBM-2013-10-08.quotes.csv.gz, not {name}.", name)


def trades_names(name: str) -> tuple[str, ...]:
    """How the trades may be called that belong to these quotes, best first."""
    stem, quotes, ending = name.partition(".quotes.")
    return tuple(f"{stem}.trades.{end}" for end in (ending, *_ENDINGS)) if quotes else ()


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
