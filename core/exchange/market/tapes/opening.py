"""Opens a file that is to be a tape: picks the reader by what stands in it, or says what it is.

The only room of the exchange's market that reads files.
"""

import gzip
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import BufferedReader
from itertools import pairwise
from pathlib import Path

from core.errors import Refusal
from core.exchange.market.tapes import alpaca_json, rows_of_csv
from core.exchange.market.tapes import collector as bounds
from core.exchange.market.tapes.collector import Collector, Wanted, bad_row
from core.exchange.market.tapes.fields import SYMBOL
from core.exchange.market.tapes.foreign import foreign, read_as
from core.exchange.market.tapes.layouts import (
    FRAME_QUOTES,
    QUOTE_LAYOUTS,
    QUOTES,
    TRADE_LAYOUTS,
    TRADES,
    Layout,
    own_header,
    own_rows,
)
from core.exchange.market.tapes.lookalikes import looks_like
from core.exchange.market.tapes.names import symbol_named, trades_names, unnamed, wanted_of
from core.exchange.market.tapes.tape import (
    QUOTE_WIDTH,
    TRADE_WIDTH,
    NumberRows,
    Rows,
    Tape,
    TextRows,
    clock,
    session_moved_by,
)
from core.exchange.market.trading_day import HOUR
from core.market.numerals import shown

_STAMP_WIDTH = len("2013-10-08T13:30:00.065Z")
_HEAD = 1 << 16
_BOM = b"\xef\xbb\xbf"
_Bytes = gzip.GzipFile | BufferedReader
_GZIP = b"\x1f\x8b"
_SHARES_SINCE = date(2025, 11, 3)  # quote sizes of the tapes are shares, not round lots
_ROUND_LOT = 100


def open_tape(path: Path) -> Tape:
    """Read and check a file of quotes and the trades beside it, if any. Raises Refusal."""
    wanted = wanted_of(path.name)
    if ".trades." in path.name:
        quotes = path.name.replace(".trades.", ".quotes.")
        raise Refusal("tape", f"{path.name} is the tape's trades; give the quotes, {quotes}.", path)
    with _readable(path):
        rows, lot = _quotes(path, wanted)
    symbol, day = wanted.symbol, wanted.day
    if symbol is None or day is None:
        raise unnamed(path.name)
    trades = _beside(path)
    read = _trades(trades, Wanted(trades.name, symbol, day)) if trades else _no_trades()
    tape = Tape(symbol, day, rows, read, lot)
    _check_zone(path.name, tape)
    return tape


# Files


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Refusals in place of what a file may do wrong."""
    try:
        yield
    except FileNotFoundError:
        named = "" if symbol_named(path.name) else f" {unnamed(path.name).sentence}"
        sentence = f"There is no file {path.name} at that place.{named}"
        raise Refusal("tape", sentence, path) from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        sentence = f"The tape {path.name} is not a readable gzip file."
        raise Refusal("tape", sentence, path) from None
    except OSError as error:
        sentence = f"The tape {path.name} can not be read: {error.strerror or error}."
        raise Refusal("tape", sentence, path) from None


def _opened(path: Path) -> _Bytes:
    """The unpacked bytes of a plain or a gzip file."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise Refusal("tape", f"{path.name} is no file, but a folder or a device.", path)
    return gzip.open(path, "rb") if _is_packed(path) else path.open("rb")


def _is_packed(path: Path) -> bool:
    """By what stands in it: browsers unpack a file and leave its name."""
    with path.open("rb") as file:
        return file.read(len(_GZIP)) == _GZIP


def _head(path: Path) -> bytes:
    with _opened(path) as file:
        return file.read(_HEAD)


def _whole(path: Path) -> bytes:
    with _opened(path) as file:
        raw = file.read(bounds.MOST_BYTES + 1)
    if len(raw) > bounds.MOST_BYTES:
        raise bounds.too_long(path.name)
    return raw.removeprefix(_BOM)


def _lines(file: _Bytes, name: str) -> Iterator[bytes]:
    """Line by line, so that a file of the whole market needs no room."""
    while line := file.readline(rows_of_csv.LONGEST):
        if len(line) == rows_of_csv.LONGEST:
            raise Refusal("tape", f"The tape {name} has a row that is far too long.", name)
        yield line


def _beside(path: Path) -> Path | None:
    """The trades that belong to these quotes."""
    files = map(path.with_name, trades_names(path.name))
    return next((file for file in files if file.exists()), None)


# Quotes and trades


def _quotes(path: Path, wanted: Wanted) -> tuple[Rows, int]:
    """The quotes, and how many shares one of their sizes is."""
    head = _head(path)
    if _is_json(head):
        into = Collector(path.name, QUOTE_WIDTH)
        alpaca_json.read(_whole(path), "quotes", wanted, into)
        return _finished(into, wanted), _lot(FRAME_QUOTES, wanted, into)
    first = head.partition(b"\n")[0]
    names = rows_of_csv.header(first)
    layout = rows_of_csv.layout_of(names, QUOTE_LAYOUTS)
    if layout is None:
        raise _unknown(path, wanted, head, QUOTES)
    if layout.symbol not in names and wanted.symbol is None:
        raise unnamed(path.name)
    if own := _own_rows(path, QUOTES, names, wanted):
        return own, 1
    into = Collector(path.name, QUOTE_WIDTH, layout.unordered)
    _read_rows(path, layout, names, wanted, into)
    return _finished(into, wanted), _lot(layout, wanted, into)


def _trades(path: Path, wanted: Wanted) -> Rows:
    """The prints, of which there may be none."""
    with _readable(path):
        head = _head(path)
        into = Collector(path.name, TRADE_WIDTH)
        if _is_json(head):
            alpaca_json.read(_whole(path), "trades", wanted, into)
            return into.rows()
        names = rows_of_csv.header(head.partition(b"\n")[0])
        layout = rows_of_csv.layout_of(names, TRADE_LAYOUTS)
        if layout is None:
            raise _unknown(path, wanted, head, TRADES)
        if own := _own_rows(path, TRADES, names, wanted):
            return own
        _read_rows(path, layout, names, wanted, into)
        return into.rows()


def _no_trades() -> Rows:
    return Collector("", TRADE_WIDTH).rows()


def _is_json(head: bytes) -> bool:
    return head.removeprefix(_BOM).lstrip()[:1] in (b"{", b"[")


def _own_rows(path: Path, layout: Layout, names: list[str], wanted: Wanted) -> Rows | None:
    """A file just as Touchline has them, checked at one go; None when it is not quite that."""
    if ",".join(names) != own_header(layout) or wanted.day is None:
        return None
    raw = _whole(path)
    rows = raw.partition(b"\n")[2]
    good = own_rows(layout, wanted.day).match(rows)
    if not rows or good is None or good.end() < len(rows) or not _in_order(rows):
        return None
    return TextRows(rows, wanted.day, layout is TRADES)


def _in_order(rows: bytes) -> bool:
    stamps = [row[:_STAMP_WIDTH] for row in rows.splitlines()]
    return all(before <= after for before, after in pairwise(stamps))


def _read_rows(
    path: Path, layout: Layout, names: list[str], wanted: Wanted, into: Collector
) -> None:
    with _opened(path) as file:
        lines = _lines(file, path.name)
        next(lines, None)
        rows_of_csv.read(lines, names, layout, wanted, into)


def _finished(into: Collector, wanted: Wanted) -> NumberRows:
    """The rows, of which there must be some of what was wanted."""
    rows = into.rows()
    if rows.span() is None:
        what = f"of {wanted.symbol}" if wanted.others else "of that day"
        holds = f"; it holds {', '.join(wanted.others)}" if wanted.others else ""
        sentence = f"The tape {wanted.file} has no rows {what}{holds}."
        raise Refusal("tape", sentence, wanted.file)
    if wanted.symbol is not None and not SYMBOL.fullmatch(wanted.symbol):
        sentence = f"The tape {wanted.file} is of {shown(wanted.symbol)}, which is no symbol."
        raise Refusal("tape", sentence, wanted.file)
    return rows


def _lot(layout: Layout, wanted: Wanted, into: Collector) -> int:
    """Before the tapes changed to shares, sizes are round lots, unless all are whole hundreds."""
    old = layout.in_lots and wanted.day is not None and wanted.day < _SHARES_SINCE
    return _ROUND_LOT if old and into.in_lots() else 1


# What is no tape


def _unknown(path: Path, wanted: Wanted, head: bytes, own: Layout) -> Refusal:
    kind = "trades" if own is TRADES else "quotes"
    what = looks_like(head, path.name)
    if what is not None and not (own is TRADES and what.startswith("trades")):
        return foreign(path.name, what, kind)
    if path.name.endswith(".gz") and not _is_packed(path):
        return Refusal("tape", f"The tape {path.name} is not a readable gzip file.", path)
    if wanted.symbol is None:
        return Refusal("tape", f"{unnamed(path.name).sentence} {read_as(kind)}", path)
    header = f"it must be the header {own_header(own)}. {read_as(kind)[:-1]}"
    return bad_row(path.name, 1, header)


def _check_zone(name: str, tape: Tape) -> None:
    """Refuse what is a session at another time of day: its times are in another zone."""
    moved = session_moved_by(tape)
    if not moved:
        return
    first, last = tape.span()
    by = abs(moved) / HOUR
    raise Refusal(
        "tape",
        f"The tape {name} runs from {clock(first)} to {clock(last)} New York time, a session moved "
        f"{by:g} hours {'later' if moved > 0 else 'earlier'}: its times look like local time "
        "marked as UTC (Z). Mark them with their own offset, like -04:00, or turn them into UTC.",
        name,
    )
