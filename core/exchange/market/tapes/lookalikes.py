"""Names a file that is no tape as what it looks like. Pure.

Sources of the layouts: NYSE Daily TAQ and its form at WRDS, LOBSTER's message and order book
files, Lean's tick and bar files, the exports of the brokers that people trade at.
"""

import re
from typing import NamedTuple

_LINES = 12  # brokers put titles and empty lines above their header

_BEGINNINGS = (
    (b"\x1f\x8b", "a file packed twice with gzip; unpack it once"),
    (b"%PDF", "a PDF document"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"DBN", "Databento's own binary format; export it as CSV"),
    (b"\x28\xb5\x2f\xfd", "a file packed with zstd; unpack it first"),
    (b"BZh", "a file packed with bzip2; unpack it first"),
    (b"\xfd7zXZ", "a file packed with xz; unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive; unpack it first"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook; save the sheet as CSV"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xfe", "text in UTF-16; save it as CSV in UTF-8"),
    (b"\xfe\xff", "text in UTF-16; save it as CSV in UTF-8"),
)
_LEAN_NAME = re.compile(rb"\d{8}_[\w.]+_(?:tick|second|minute)_(?:trade|quote)\.csv")
_LOBSTER_NAME = re.compile(r"_(?:message|orderbook)_\d+\.csv")
_LOBSTER_MESSAGE = re.compile(r"\d{1,5}\.\d{1,12},[1-7],\d+,\d+,-?\d+,-?1(?:,.*)?")
_LOBSTER_BOOK = re.compile(r"(?:-?\d+,\d+,-?\d+,\d+)(?:,-?\d+,\d+,-?\d+,\d+)*")
_LEAN_ROW = re.compile(r"\d{1,8}(?:\.\d+)?,\d*,\d*(?:,[^,]*){1,8}")
_LEAN_BAR = re.compile(r"\d{8} \d\d:\d\d(?:,[\d.]*){4,11}")
_TAR = slice(257, 262)
_DAY_MS = 86_400_000


class _Known(NamedTuple):
    """A kind of table: columns of which `least` stand in its header, and one of `marks`."""

    words: str
    columns: frozenset[str]
    least: int
    marks: frozenset[str] = frozenset()


def _known(words: str, least: int, *columns: str) -> _Known:
    return _Known(words, frozenset(columns), least)


# Only with one of its own columns: a date, a price and a quantity stand in anybody's table.
_BROKERS_OWN = frozenset(
    {
        *("account", "account number", "accountid", "clientaccountid", "run date", "trade date"),
        *("settlement date", "settle date", "activity date", "process date", "trans code"),
        *("transactiondate", "transactiontype", "transaction id", "transaction type", "b/s"),
        *("buy/sell", "commission", "commission ($)", "commissions", "ibcommission", "fees"),
        *("fees & comm", "commissions & fees", "fees ($)", "amount ($)", "price ($)"),
        *("net amount", "proceeds", "order id", "orderid", "trade id", "tradeid", "filled_qty"),
        *("filled qty", "avg price", "filled_avg_price", "client_order_id", "order_type"),
        *("order type", "time-in-force", "exec time", "pos effect", "net price", "cost basis"),
        *("realized p/l", "realized p&l", "t. price", "isin", "no. of shares", "price / share"),
    }
)
_IN_ANY_TABLE = frozenset(
    {
        *("symbol", "ticker", "instrument", "date", "time", "datetime", "price", "type", "side"),
        *("action", "quantity", "qty", "amount", "filled", "status", "description", "basis"),
    }
)
_TABLES = (
    _known(
        "a TAQ file", 2, "time_m", "sym_root", "sym_suffix", "best_bid", "best_bidsiz", "qu_cond"
    ),
    _known("a TAQ file", 3, "time", "exchange", "symbol", "bid_price", "offer_price", "offer_size"),
    _known("a TAQ file", 4, "time", "exchange", "symbol", "trade_volume", "trade_price"),
    _known("a TAQ file", 4, "symbol", "date", "time", "bid", "ofr", "bidsiz", "ofrsiz"),
    _known("bars, not quotes", 4, "open", "high", "low", "close", "volume", "o", "h", "l", "c"),
    _known("Databento's market by order (mbo)", 3, "order_id", "channel_id", "ts_recv", "action"),
    _known("Databento's trades, not quotes", 4, "ts_event", "publisher_id", "price", "size"),
    _known("a Polygon flat file of trades, not quotes", 3, "ticker", "sip_timestamp", "price"),
    _Known(
        "a TAQ file",
        frozenset({"symbol", "date", "time", "price", "size", "cond"}),
        4,
        frozenset({"g127", "corr"}),
    ),
    _known("AlgoSeek's ticks", 4, "timestamp", "eventtype", "ticker", "price", "quantity"),
    _Known(
        "a broker's export of orders or an account", _BROKERS_OWN | _IN_ANY_TABLE, 3, _BROKERS_OWN
    ),
    _known("trades, not quotes", 3, "timestamp", "price", "size"),
)
_MUST_NOT = frozenset({"bid_price", "ask_price"})


def looks_like(head: bytes, name: str) -> str | None:
    """What the beginning of a file and its name say that it is; None when nothing does."""
    packed = _packed(head)
    if packed:
        return packed
    lines = [line.strip() for line in _text(head).splitlines()[:_LINES] if line.strip()]
    if not lines:
        return None
    if lines[0][:1] == "<":
        return "a web page or XML, perhaps an error or a log-in instead of the data"
    if lines[0].startswith("Statement,Header,"):
        return "a broker's export of orders or an account"
    return _table(lines) or _headless(lines[0], name) or _other_commas(lines[0])


def _packed(head: bytes) -> str | None:
    if head.startswith(b"PK\x03\x04"):
        inside = head[30 : 30 + int.from_bytes(head[26:28], "little")]
        if _LOBSTER_NAME.search(inside.decode("utf-8", "replace")):
            return "a LOBSTER file"
        if _LEAN_NAME.search(inside):
            return "a data file of Lean"
        if b"[Content_Types].xml" in head or inside.startswith((b"xl/", b"_rels/")):
            return "an Excel workbook; save the sheet as CSV"
        return "a ZIP archive; unpack it first"
    if head[_TAR] == b"ustar":
        return "a tar archive; unpack it first"
    return next((words for mark, words in _BEGINNINGS if head.startswith(mark)), None)


def _text(head: bytes) -> str:
    return head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")


def _table(lines: list[str]) -> str | None:
    for line in lines:
        for separator in ("|", ",", "\t", ";"):
            names = [part.strip().strip('"').lower() for part in line.split(separator)]
            for known in _TABLES:
                found = known.columns.intersection(names)
                if len(found) >= known.least and _fits(known, set(names)):
                    return known.words
    return None


def _fits(known: _Known, names: set[str]) -> bool:
    if known.marks and not known.marks & names:
        return False
    return not _MUST_NOT.issubset(names) or known.words == "a TAQ file"


def _headless(line: str, name: str) -> str | None:
    if _LOBSTER_NAME.search(name) or _LOBSTER_MESSAGE.fullmatch(line):
        return "a LOBSTER file"
    if _LOBSTER_BOOK.fullmatch(line) and line.count(",") % 4 == 3:
        return "a LOBSTER file"
    if _LEAN_NAME.search(name.encode()) or _LEAN_BAR.fullmatch(line):
        return "a data file of Lean"
    first = line.partition(",")[0].partition(".")[0]
    if _LEAN_ROW.fullmatch(line) and first.isdecimal() and int(first) < _DAY_MS:
        return "a data file of Lean"
    return None


def _other_commas(line: str) -> str | None:
    separators = {";": "semicolons", "\t": "tabs", "|": "bars"}
    found = next((words for mark, words in separators.items() if line.count(mark) >= 3), None)
    return f"a table that is separated by {found}; save it with commas" if found else None
