"""Reads Alpaca's own answers about historical quotes and trades, one page or several.

A page is `{"quotes": {"IBM": [...]}, ...}`, or `{"quotes": [...], "symbol": "IBM", ...}` of the
older route for one symbol. Several pages stand in a list, or one on each line.
"""

import msgspec

from core.errors import Refusal
from core.exchange.market.tapes.collector import Collector, Wanted
from core.exchange.market.tapes.fields import stamp
from core.exchange.market.tapes.foreign import foreign_json, read_as
from core.exchange.market.tapes.layouts import (
    FRAME_QUOTES,
    FRAME_TRADES,
    WANTED_TIME,
    Layout,
)

_KEYS = {"quotes": ("bp", "bs", "ap", "as"), "trades": ("p", "s", "x")}
_LAYOUTS = {"quotes": FRAME_QUOTES, "trades": FRAME_TRADES}
_SHOWN = 40

# Numbers stay as they are written: none of them passes through a binary fraction.
_Entry = dict[str, msgspec.Raw]
_ENTRY = msgspec.json.Decoder(_Entry)


_Held = dict[str, list[msgspec.Raw] | None] | list[msgspec.Raw] | msgspec.UnsetType | None


class _Page(msgspec.Struct):
    """One answer. Each entry is taken apart when its turn comes."""

    quotes: _Held = msgspec.UNSET
    trades: _Held = msgspec.UNSET
    symbol: str | None = None


def read(text: bytes, kind: str, wanted: Wanted, into: Collector) -> None:
    """All entries of `kind` (`quotes` or `trades`). Raises Refusal."""
    count = 0
    for page in _pages(text, kind, wanted.file):
        held = page.quotes if kind == "quotes" else page.trades
        if held is msgspec.UNSET:
            # An error among good pages is a hole in the day.
            raise foreign_json(wanted.file, text, kind)
        by_symbol = held if isinstance(held, dict) else {page.symbol: held}
        for symbol, entries in by_symbol.items():
            if not entries or (symbol is not None and not wanted.takes(symbol)):
                continue
            for entry in entries:
                count += 1
                _take(entry, count, kind, wanted, into)
    if not count and not wanted.others and kind == "quotes":
        sentence = f"The tape {wanted.file} is JSON without any {kind}. {read_as(kind)}"
        raise Refusal("tape", sentence, wanted.file)


def _pages(text: bytes, kind: str, file: str) -> list[_Page]:
    try:
        return _decoded(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise foreign_json(file, text, kind) from None


def _decoded(text: bytes) -> list[_Page]:
    try:
        return _one(text)
    except msgspec.DecodeError:
        lines = text.splitlines()
        if len(lines) < 2:
            raise
        return [page for line in lines if line.strip() for page in _one(line)]


def _one(text: bytes) -> list[_Page]:
    if text.lstrip()[:1] == b"[":
        return msgspec.json.decode(text, type=list[_Page])
    return [msgspec.json.decode(text, type=_Page)]


def _take(entry: msgspec.Raw, number: int, kind: str, wanted: Wanted, into: Collector) -> None:
    layout: Layout = _LAYOUTS[kind]
    try:
        fields = _ENTRY.decode(entry)
    except msgspec.DecodeError:
        raise _bad(wanted, kind, number, "it is no object") from None
    text = _text(fields, "t")
    time = stamp(text)
    if time is None:
        wants = WANTED_TIME.format(day=wanted.day or "2013-10-08")
        raise _bad(wanted, kind, number, f"t must be {wants}, not {text[:_SHOWN]!r}")
    at = wanted.time(time, other_days=True)
    if at is None:
        return
    values = []
    for key, column in zip(_KEYS[kind], layout.columns, strict=True):
        text = _text(fields, key)
        value = column.read(text)
        if value is None:
            what = f"{key} must be {column.wanted}, not {text[:_SHOWN]!r}"
            raise _bad(wanted, kind, number, what)
        values.append(value)
    if not into.add(at, tuple(values)):
        raise _bad(wanted, kind, number, "its time is before that of the one above")


def _text(fields: _Entry, key: str) -> str:
    return bytes(fields.get(key, b"")).decode("utf-8", "replace").strip('"')


def _bad(wanted: Wanted, kind: str, number: int, what: str) -> Refusal:
    sentence = f"The tape {wanted.file} has a bad entry {number} in its {kind}: {what}."
    return Refusal("tape", sentence, wanted.file)
