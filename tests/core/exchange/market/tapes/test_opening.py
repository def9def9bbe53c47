"""Files of every kind, on the real tape and on anything at all."""

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Refusal
from core.exchange.market.events import MarketEvent, QuoteEvent
from core.exchange.market.tapes.layouts import QUOTE_LAYOUTS
from core.exchange.market.tapes.opening import open_tape
from core.exchange.market.tapes.tape import play
from core.exchange.market.trading_day import HOUR

NAME = "IBM-2013-10-08.quotes.csv"


def ns(stamp: str) -> int:
    whole, milliseconds = stamp[:-1].split(".")
    seconds = int(datetime.fromisoformat(whole + "+00:00").timestamp())
    return seconds * 10**9 + int(milliseconds) * 10**6


def as_polygon(row: list[str]) -> str:
    stamp, bid, bid_size, ask, ask_size = row
    return f'IBM,1,{ask},{ask_size},1,{bid},{bid_size},"1,81",,{ns(stamp)},7,{ns(stamp)},1,0\n'


def as_databento(row: list[str]) -> str:
    stamp, bid, bid_size, ask, ask_size = row
    sides = f"{float(bid):.9f},{float(ask):.9f},{bid_size},{ask_size}"
    return f"{stamp[:-1]}000000Z,,195,2,9,N,,,128,7,{sides},1,1,IBM\n"


def as_frame(row: list[str]) -> str:
    stamp, bid, bid_size, ask, ask_size = row
    time = stamp.replace("T", " ").replace("Z", "000+00:00")
    return f"IBM,{time},{float(bid)},{bid_size}.0,N,{float(ask)},{ask_size}.0,N,['R'],A\n"


POLYGON = (
    "ticker,ask_exchange,ask_price,ask_size,bid_exchange,bid_price,bid_size,conditions,indicators,"
    "participant_timestamp,sequence_number,sip_timestamp,tape,trf_timestamp\n"
)
BBO = (
    "ts_recv,ts_event,rtype,publisher_id,instrument_id,side,price,size,flags,sequence,"
    "bid_px_00,ask_px_00,bid_sz_00,ask_sz_00,bid_ct_00,ask_ct_00,symbol\n"
)
FRAME = (
    "symbol,timestamp,bid_price,bid_size,bid_exchange,ask_price,ask_size,ask_exchange,conditions,"
    "tape\n"
)


@pytest.mark.tape
@pytest.mark.parametrize(
    ("header", "written"), [(POLYGON, as_polygon), (BBO, as_databento), (FRAME, as_frame)]
)
def test_the_real_tape_is_the_same_in_every_layout(
    tape: Path, tmp_path: Path, header: str, written: Callable[[list[str]], str]
) -> None:
    source = tape / "IBM-2013-10-08.quotes.csv.gz"
    with gzip.open(source, "rt") as file:
        rows = [line.rstrip("\n").split(",") for line in file][1:]
    (tmp_path / NAME).write_text(header + "".join(map(written, rows)))
    for at in (0, 10 * HOUR, 15 * HOUR + 59):
        assert list(play(open_tape(tmp_path / NAME), at)) == list(of_quotes(play_of(source, at)))


def play_of(path: Path, at: int) -> Iterator[MarketEvent]:
    return play(open_tape(path), at)


def of_quotes(events: Iterator[MarketEvent]) -> Iterator[MarketEvent]:
    return (event for event in events if isinstance(event, QuoteEvent))


HEADERS = [",".join(sorted(layout.needed | {layout.symbol})) for layout in QUOTE_LAYOUTS]
CELL = st.sampled_from(
    [
        *("2013-10-08T14:00:00Z", "1381239000065000000", "IBM", "181.75", "182050000000", "500"),
        *("500.0", "", "nan", "-1", "1e9", '"', '"1,2"', "9223372036854775807", "\x00", "\ufffd"),
        *("\x1b[31m", "\u202e", "A" * 200),
    ]
)
ROWS = st.lists(st.lists(CELL, min_size=1, max_size=9).map(",".join), max_size=5)
TABLE = st.builds(lambda head, rows: "\n".join([head, *rows]), st.sampled_from(HEADERS), ROWS)
LEAF = st.none() | st.booleans() | st.integers() | st.floats() | CELL
KEY = st.sampled_from(
    ["quotes", "symbol", "trades", "quote", "bars", "message", "IBM", "t", "bp", "bs", "ap", "as"]
)
ANSWER = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=5)
).map(json.dumps)


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


@settings(max_examples=400)
@given(
    content=TABLE.map(encoded) | ANSWER.map(encoded) | st.binary(max_size=80),
    name=st.sampled_from([NAME, "answer.json", "2013-10-08.csv"]),
)
def test_whatever_a_file_holds_it_is_played_in_order_or_refused_in_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(content)
    events: list[MarketEvent] = []
    said = ""
    try:
        events = list(play(open_tape(path), 0))
    except Refusal as refusal:
        said = refusal.sentence
    assert bool(events) is not bool(said)
    assert said.isprintable()
    assert said.endswith(".") is not bool(events)
    assert [event.at for event in events] == sorted(event.at for event in events)


def test_a_row_that_never_ends_is_refused(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(POLYGON + "9" * 200_000)
    with pytest.raises(Refusal, match="row that is far too long"):
        open_tape(tmp_path / NAME)


def test_a_column_that_is_named_twice_is_refused(tmp_path: Path) -> None:
    header = "timestamp,bid_price,bid_size,ask_price,ask_size,bid_price\n"
    (tmp_path / NAME).write_text(header + "2013-10-08T14:00:00Z,1,1,2,1,3\n")
    with pytest.raises(Refusal, match="names the column bid_price twice"):
        open_tape(tmp_path / NAME)
