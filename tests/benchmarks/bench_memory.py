"""Memory while a chart and a board take a whole day of quotes; needs the recorded tape."""

import csv
import gzip
import os
import resource
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from pathlib import Path

from PySide6.QtWidgets import QApplication

from core.market.quote_board import QuoteBoard
from core.market.quotes import Quote
from gui.chart.chart import SpreadChart

Rows = list[tuple[str, float, str]]

GROWTH = "memory grown from a quarter of a day's tape to its end"
TAPE = Path(__file__).resolve().parents[3] / "shared/data/tape/IBM-2013-10-08.quotes.csv.gz"
QUARTER = 12_000  # quotes of 48,257
FRAME = 200  # quotes to a painted frame
DAY_NS = 1_790_000_000_000_000_000


def run() -> Rows:
    """The growth in MB, if there is a tape."""
    if not TAPE.exists():
        return []
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    chart, board = SpreadChart(), QuoteBoard()
    chart.resize(1000, 500)
    chart.show_symbol("IBM")
    at_quarter, done = 0, count(1)
    for quote in _tape():
        board.put_quote(quote)
        chart.add_quote(quote)
        number = next(done)
        if number % FRAME == 0:
            chart.tick(quote.received_ns)
            chart.grab()
            app.processEvents()
        if number == QUARTER:
            at_quarter = _resident()
    grown = _resident() - at_quarter
    chart.deleteLater()
    return [(GROWTH, grown / 1e6, "MB")]


def _tape() -> Iterator[Quote]:
    with gzip.open(TAPE, "rt", newline="") as file:
        for row in csv.DictReader(file):
            hours, minutes, seconds = row["timestamp"][11:-1].split(":")
            at = DAY_NS + int((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * 1e9)
            yield Quote(
                symbol="IBM",
                bid=Decimal(row["bid_price"]),
                ask=Decimal(row["ask_price"]),
                bid_size=int(row["bid_size"]),
                ask_size=int(row["ask_size"]),
                exchange_ns=at,
                received_ns=at,
                feed="sip",
            )


def _resident() -> int:
    """Bytes of resident memory now; the most so far where the system does not tell."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
