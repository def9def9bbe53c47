"""Refuses a file of another kind: what it looks like, what to do, what would be read. Pure."""

from collections.abc import Iterator

import msgspec

from core.errors import Refusal
from core.exchange.market.tapes.layouts import READ, READ_AS_TRADES

_Object = dict[str, msgspec.Raw]
_OBJECTS = msgspec.json.Decoder(_Object | list[_Object])
# By a key that only they have. Sources: Alpaca's, Polygon's and Databento's references.
_MARKS = (
    ("activity_type", "Alpaca's account activities"),
    ("client_order_id", "Alpaca's orders"),
    ("bars", "Alpaca's answer about bars"),
    ("bar", "Alpaca's answer about bars"),
    ("snapshots", "Alpaca's answer about snapshots"),
    ("latestQuote", "Alpaca's answer about snapshots"),
    ("quote", "Alpaca's answer about the latest quote"),
    ("trade", "Alpaca's answer about the latest trade"),
    ("results", "an answer of Polygon's REST"),
    ("hd", "Databento's JSON; export it as CSV"),
    ("message", "an answer that says an error, in place of the data"),
    ("error", "an answer that says an error, in place of the data"),
)
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def read_as(kind: str) -> str:
    """What is read as `quotes` or as `trades`, in a sentence."""
    return READ_AS_TRADES if kind == "trades" else READ


def foreign(file: str, words: str, kind: str) -> Refusal:
    """The refusal of a file that looks like `words`; what follows `; ` there is to be done."""
    what, _, hint = words.partition("; ")
    if kind == "trades":
        what = what.removesuffix(", not quotes")
    hint = f" {hint[:1].upper()}{hint[1:]}." if hint else ""
    sentence = f"The tape {file} looks like {what}, which is not read.{hint} {read_as(kind)}"
    return Refusal("tape", sentence, file)


def foreign_json(file: str, text: bytes, kind: str) -> Refusal:
    """The refusal of JSON that has no history of `kind`, named where a key of it is known."""
    for one in _objects(text):
        words = _looks_like(one, kind)
        if words is not None:
            return foreign(file, words, kind)
    sentence = f"The tape {file} is JSON, but no answer of Alpaca's about {kind}. {read_as(kind)}"
    return Refusal("tape", sentence, file)


def _objects(text: bytes) -> Iterator[_Object]:
    """The objects of it, in a list, on lines, or the only one, as far as they can be read."""
    for part in (text, *text.splitlines()):
        try:
            held = _OBJECTS.decode(part)
        except _BROKEN:
            continue
        yield from held if isinstance(held, list) else (held,)


def _looks_like(one: _Object, kind: str) -> str | None:
    for key in ("quotes", "trades"):
        if key in one and _by_symbol_alone(one[key]):
            return f"Alpaca's answer about the latest {key[:-1]}"
    if kind in one:
        return None
    other = "quotes" if kind == "trades" else "trades"
    if other in one:
        return f"Alpaca's answer about {other}"
    return next((words for key, words in _MARKS if key in one), None)


def _by_symbol_alone(held: msgspec.Raw) -> bool:
    """Whether each symbol has one entry where a history has a list of them."""
    try:
        entries = msgspec.json.decode(held, type=_Object)
    except msgspec.DecodeError:
        return False
    return any(bytes(entry)[:1] == b"{" for entry in entries.values())
