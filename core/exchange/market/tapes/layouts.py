"""The column layouts that are read: by which columns one is known, and how each field is read.

Sources: alpaca-py's quote models, Polygon's flat files (quotes_v1), Databento's mbp-1 and bbo
schemas. The order of the columns and what else stands beside them does not matter.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from core.exchange.market.tapes import fields

Read = Callable[[str], int | None]


class Column(NamedTuple):
    """A column that is read: its name, how, and what must stand there, in words."""

    name: str
    read: Read
    wanted: str


class Layout(NamedTuple):
    """A way in which quotes or prints are written as rows.

    `other_days`: rows of other days may stand there and are passed over; `in_lots`: sizes
    were round lots before they became shares; `unordered`: rows may need sorting.
    """

    name: str
    stamp: str
    columns: tuple[Column, ...]
    marks: frozenset[str] = frozenset()
    symbol: str = "symbol"
    other_days: bool = False
    in_lots: bool = False
    unordered: bool = False

    @property
    def needed(self) -> frozenset[str]:
        """The columns without which it is not this layout."""
        return self.marks | {self.stamp} | {column.name for column in self.columns}


def _above_zero(read: Read) -> Read:
    return lambda text: read(text) or None


def _letter(text: str) -> int | None:
    return ord(text) if len(text) == 1 and "A" <= text <= "Z" else None


_PRICE = "a price in dollars, at most 4 decimals"
_SIZE = "a whole number of shares"
WANTED_TIME = "a time of that day like {day}T13:30:00.065Z"

_SIDES = (
    Column("bid_price", fields.price, _PRICE),
    Column("bid_size", fields.size, _SIZE),
    Column("ask_price", fields.price, _PRICE),
    Column("ask_size", fields.size, _SIZE),
)
_DATABENTO_SIDES = (
    Column("bid_px_00", fields.databento_price, _PRICE),
    Column("bid_sz_00", fields.databento_size, _SIZE),
    Column("ask_px_00", fields.databento_price, _PRICE),
    Column("ask_sz_00", fields.databento_size, _SIZE),
)
_PRINT = (
    Column("price", _above_zero(fields.price), "a price above 0 in dollars, at most 4 decimals"),
    Column("size", _above_zero(fields.size), "a whole number of shares above 0"),
    Column("exchange", _letter, "one capital letter"),
)
_FRAME_PRINT = (
    Column("price", _above_zero(fields.nearest_price), "a price above 0 in dollars"),
    *_PRINT[1:],
)

QUOTES = Layout("Touchline's own quotes", "timestamp", _SIDES)
TRADES = Layout("Touchline's own trades", "timestamp", _PRINT)
FRAME_QUOTES = Layout(
    "alpaca-py's data frame",
    "timestamp",
    _SIDES,
    frozenset({"bid_exchange", "ask_exchange"}),
    other_days=True,
    in_lots=True,
)
FRAME_TRADES = Layout(
    "alpaca-py's data frame", "timestamp", _FRAME_PRINT, frozenset({"tape"}), other_days=True
)
POLYGON = Layout(
    "a Polygon flat file of quotes",
    "sip_timestamp",
    _SIDES,
    symbol="ticker",
    other_days=True,
    in_lots=True,
    unordered=True,
)
DATABENTO = Layout("Databento's mbp-1 or bbo CSV", "ts_recv", _DATABENTO_SIDES, other_days=True)
# Most particular first: the first whose columns are all there is taken.
QUOTE_LAYOUTS = (
    DATABENTO,
    DATABENTO._replace(stamp="ts_event"),
    POLYGON,
    POLYGON._replace(stamp="participant_timestamp"),
    FRAME_QUOTES,
    QUOTES,
)
TRADE_LAYOUTS = (FRAME_TRADES, TRADES)

READ = (
    "Read are: quotes as CSV with the columns timestamp,bid_price,bid_size,ask_price,ask_size "
    "(named like IBM-2013-10-08.quotes.csv), alpaca-py's data frame as CSV, Alpaca's quotes "
    "JSON, a Polygon flat file of quotes, and Databento's mbp-1 or bbo CSV."
)

READ_AS_TRADES = (
    "Read as trades are: CSV with the columns timestamp,price,size,exchange, alpaca-py's data "
    "frame as CSV, and Alpaca's trades JSON."
)


def own_header(layout: Layout) -> str:
    """The first row as Touchline's own files have it."""
    return ",".join((layout.stamp, *(column.name for column in layout.columns)))


def own_rows(layout: Layout, day: date) -> re.Pattern[bytes]:
    """As many good rows of `day` of our own files as there are, without looking back."""
    time = rf"{day.isoformat()}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{{3}}Z"
    price, size = r"\d{1,6}(?:\.\d{1,4})?", r"\d{1,9}"
    if layout is TRADES:
        row = rf"{time},(?!0+(?:\.0+)?,){price},(?!0+,){size},[A-Z]"
    else:
        row = rf"{time},{price},{size},{price},{size}"
    return re.compile(rf"(?>{row}\r?(?:\n|\Z))*".encode())
