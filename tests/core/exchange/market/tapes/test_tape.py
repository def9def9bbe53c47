"""A recorded day: played as it was, refused when a row is not what it should be."""

import gzip
from itertools import takewhile
from pathlib import Path

import pytest

from core.errors import Refusal
from core.exchange.factory import build_exchange
from core.exchange.market.events import QuoteEvent, Touch, TradeEvent
from core.exchange.market.tapes.opening import open_tape
from core.exchange.market.tapes.tape import play
from core.exchange.market.trading_day import HOUR
from core.exchange.options import ExchangeOptions
from core.market.time import NS
from tests.core.exchange.virtual_clock import VirtualTime

QUOTES = """timestamp,bid_price,bid_size,ask_price,ask_size
2013-10-08T13:30:00.065Z,181.75,500,182.05,100
2013-10-08T13:59:59.000Z,181.8,200,182,300
2013-10-08T14:00:01.500Z,181.9,200,182.01,100
2013-10-08T14:00:02.000Z,181.91,200,182.01,100
"""
TRADES = """timestamp,price,size,exchange
2013-10-08T13:45:00.000Z,181.89,184,Z
2013-10-08T14:00:01.750Z,182,100,D
"""


def write(folder: Path, quotes: str = QUOTES, trades: str = TRADES) -> Path:
    path = folder / "XYZ-2013-10-08.quotes.csv.gz"
    path.write_bytes(gzip.compress(quotes.encode()))
    (folder / "XYZ-2013-10-08.trades.csv.gz").write_bytes(gzip.compress(trades.encode()))
    return path


def test_a_tape_starts_at_any_time_with_what_stood_then(tmp_path: Path) -> None:
    tape = open_tape(write(tmp_path))
    assert list(play(tape, 10 * HOUR)) == [
        QuoteEvent(0, "XYZ", Touch(1_818_000, 200, 1_820_000, 300)),
        TradeEvent(0, "XYZ", 1_818_900, 184, "Z"),
        QuoteEvent(1_500_000_000, "XYZ", Touch(1_819_000, 200, 1_820_100, 100)),
        TradeEvent(1_750_000_000, "XYZ", 1_820_000, 100, "D"),
        QuoteEvent(2 * NS, "XYZ", Touch(1_819_100, 200, 1_820_100, 100)),
    ]


@pytest.mark.parametrize(("at", "events"), [(0, 6), (9 * HOUR, 6), (20 * HOUR, 2)])
def test_before_the_first_row_all_are_ahead_and_after_the_last_only_that_one(
    tmp_path: Path, at: int, events: int
) -> None:
    assert len(list(play(open_tape(write(tmp_path)), at))) == events


def bad(row: int, quotes: str, folder: Path) -> str:
    lines = QUOTES.splitlines()
    lines[row - 1] = quotes
    with pytest.raises(Refusal) as refused:
        open_tape(write(folder, "\n".join(lines) + "\n"))
    return refused.value.sentence


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("2013-10-08T13:59:59.000Z,181.8,200,182", "it has 4 fields instead of 5"),
        ("", "it has 1 fields instead of 5"),
        ("2013-10-08T13:59:59.000Z,x,200,182,300", "bid_price must be a price"),
        ("2013-10-08T13:59:59.000Z,-1,200,182,300", "bid_price must be a price"),
        ("2013-10-08T13:59:59.000Z,nan,200,182,300", "bid_price must be a price"),
        ("2013-10-08T13:59:59.000Z,181.80001,200,182,300", "bid_price must be a price"),
        ("2013-10-08T13:59:59.000Z,181.8,200,1e3,300", "ask_price must be a price"),
        ("2013-10-08T13:59:59.000Z,181.8,2.5,182,300", "bid_size must be a whole number"),
        ("2013-10-09T13:59:59.000Z,181.8,200,182,300", "timestamp must be a time of that day"),
        ("2013-10-08T25:59:59.000Z,181.8,200,182,300", "timestamp must be a time of that day"),
        ("2013-10-08T13:29:59.000Z,181.8,200,182,300", "its time is before that of the row above"),
    ],
)
def test_a_bad_quote_row_is_named(tmp_path: Path, text: str, what: str) -> None:
    sentence = bad(3, text, tmp_path)
    assert sentence.startswith("The tape XYZ-2013-10-08.quotes.csv.gz has a bad row 3: ")
    assert what in sentence


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("2013-10-08T13:45:00.000Z,0,184,Z", "price must be a price above 0"),
        ("2013-10-08T13:45:00.000Z,0.00,184,Z", "price must be a price above 0"),
        ("2013-10-08T13:45:00.000Z,181.89,0,Z", "size must be a whole number of shares above 0"),
        ("2013-10-08T13:45:00.000Z,181.89,184,nyse", "exchange must be one capital letter"),
    ],
)
def test_a_bad_trade_row_is_named(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(Refusal) as refused:
        open_tape(write(tmp_path, trades=f"{TRADES.splitlines()[0]}\n{text}\n"))
    assert "trades.csv.gz has a bad row 2: " in refused.value.sentence
    assert what in refused.value.sentence


def test_a_wrong_header_is_row_one(tmp_path: Path) -> None:
    assert "bad row 1: it must be the header" in bad(1, "time,bid,ask", tmp_path)


def test_a_sub_dollar_price_at_zero_size_and_a_missing_side_are_good_rows(tmp_path: Path) -> None:
    rows = "2013-10-08T13:40:00.000Z,0.4012,0,0,0\n"
    tape = open_tape(write(tmp_path, QUOTES.splitlines()[0] + "\n" + rows))
    first = next(iter(play(tape, 0)))
    assert isinstance(first, QuoteEvent)
    assert first.touch == Touch(4012, 0, 0, 0)


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("IBM.csv", b"", "is named like"),
        ("IBM-2013-13-45.quotes.csv.gz", b"", "names no day"),
        ("IBM-2013-10-08.quotes.csv.gz", None, "There is no file"),
        ("IBM-2013-10-08.quotes.csv.gz", b"not gzip", "is not a readable gzip file"),
        ("IBM-2013-10-08.quotes.csv.gz", gzip.compress(QUOTES.encode())[:60], "not a readable"),
        ("IBM-2013-10-08.quotes.csv.gz", gzip.compress(b""), "bad row 1"),
        (
            "IBM-2013-10-08.quotes.csv.gz",
            gzip.compress(QUOTES.splitlines()[0].encode()),
            "has no rows",
        ),
    ],
)
def test_a_file_that_is_no_tape_is_refused_in_one_sentence(
    tmp_path: Path, name: str, content: bytes | None, what: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Refusal) as refused:
        open_tape(path)
    assert what in refused.value.sentence
    assert "\n" not in refused.value.sentence


@pytest.mark.tape
def test_the_real_tape_plays_from_ten_as_it_was_recorded(tape: Path) -> None:
    ibm = open_tape(tape / "IBM-2013-10-08.quotes.csv.gz")
    minute = list(takewhile(lambda e: e.at < 60 * NS, play(ibm, 10 * HOUR)))
    assert minute[0] == QuoteEvent(0, "IBM", Touch(1_806_300, 500, 1_806_900, 200))
    assert len(minute) > 200
    assert [e.at for e in minute] == sorted(e.at for e in minute)


@pytest.mark.tape
def test_an_order_is_worked_on_the_real_tape_and_ends_the_same_every_time(tape: Path) -> None:
    def ending() -> tuple[str, str]:
        time = VirtualTime()
        options = ExchangeOptions(
            tapes=(tape / "IBM-2013-10-08.quotes.csv.gz",), account_number="EXTAPE001"
        )
        exchange = build_exchange(options, time.now_ns, time.call_later)
        exchange.start()
        touch = exchange.ticker.quotes["IBM"].event.touch
        order = {
            "symbol": "IBM",
            "side": "sell",
            "qty": "300",
            "type": "limit",
            "time_in_force": "day",
            "limit_price": f"{(touch.bid + 100) / 10_000:.2f}",
        }
        body = exchange.submit(order).body
        time.run_for(30)
        done = exchange.order(body["id"])
        return done.status, str(done.value)

    assert ending() == ending()
    assert ending()[0] == "filled"
