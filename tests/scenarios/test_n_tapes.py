"""N. Tapes: a recorded day is read however people have it, or refused as what it looks like."""

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from alpaca.data.models.quotes import QuoteSet

from core.errors import Refusal
from core.exchange.factory import build_exchange
from core.exchange.market.events import QuoteEvent, Touch
from core.exchange.market.tapes.opening import open_tape
from core.exchange.market.tapes.tape import play
from core.exchange.market.trading_day import HOUR
from core.exchange.options import ExchangeOptions
from core.market.time import NS
from tests.core.exchange.virtual_clock import VirtualTime

OPEN = 9 * HOUR + HOUR // 2
NAME = "XYZ-2013-10-08.quotes.csv"
HEADER = "timestamp,bid_price,bid_size,ask_price,ask_size"
DAY = f"""{HEADER}
2013-10-08T13:30:00.065Z,181.75,500,182.05,100
2013-10-08T19:59:59.500Z,181.8,200,182,300
"""
# The same two quotes of 500 x 100 and 200 x 300, however they are written.
FIRST = Touch(1_817_500, 500, 1_820_500, 100)
SECOND = Touch(1_818_000, 200, 1_820_000, 300)
FIRST_NS = 1_381_239_000_065_000_000
SECOND_NS = 1_381_262_399_500_000_000


def touches(path: Path) -> list[Touch]:
    return [event.touch for event in quotes(path)]


def quotes(path: Path) -> list[QuoteEvent]:
    return [event for event in play(open_tape(path), 0) if isinstance(event, QuoteEvent)]


def written(folder: Path, text: str | bytes, name: str = NAME) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(path: Path, at: int = 10 * HOUR) -> str:
    time = VirtualTime()
    with pytest.raises(Refusal) as refused:
        build_exchange(ExchangeOptions(tapes=(path,), at=at), time.now_ns, time.call_later)
    assert "\n" not in refused.value.sentence
    return refused.value.sentence


@pytest.mark.scenario(119)
def test_a_start_after_the_tapes_last_row_is_refused_with_the_tapes_span(tmp_path: Path) -> None:
    sentence = refusal(written(tmp_path, DAY), at=16 * HOUR)
    assert "XYZ runs from 09:30:00 to 15:59:59 New York time on 2013-10-08" in sentence
    assert "cannot start at 16:00:00" in sentence


@pytest.mark.scenario(119)
def test_the_time_of_the_last_row_is_still_a_start(tmp_path: Path) -> None:
    time = VirtualTime()
    last = 16 * HOUR - NS // 2
    options = ExchangeOptions(tapes=(written(tmp_path, DAY),), at=last)
    exchange = build_exchange(options, time.now_ns, time.call_later)
    exchange.start()
    assert exchange.ticker.quotes["XYZ"].event.touch == SECOND


@pytest.mark.scenario(119)
@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("09:30:00.065", "15:59:59.500"),  # New York
        ("09:30:00.065", "10:30:00.000"),  # its first hour
        ("08:30:00.065", "14:59:59.500"),  # Chicago
        ("15:30:00.065", "21:59:59.500"),  # Berlin
        ("04:00:00.010", "19:58:00.000"),  # with the hours before and after
    ],
)
def test_local_time_marked_as_utc_is_refused_with_the_tapes_span(
    tmp_path: Path, first: str, last: str
) -> None:
    text = f"{HEADER}\n2013-10-08T{first}Z,181.75,500,182.05,100\n2013-10-08T{last}Z,18,1,19,1\n"
    sentence = refusal(written(tmp_path, text), at=0)
    assert "local time marked as UTC" in sentence
    assert "New York time" in sentence
    assert "-04:00" in sentence


@pytest.mark.scenario(119)
def test_local_time_with_its_own_offset_is_read_as_what_it_is(tmp_path: Path) -> None:
    text = DAY.replace("T13:30:00.065Z", "T09:30:00.065-04:00")
    text = text.replace("T19:59:59.500Z", " 15:59:59.5-0400")
    assert [event.at for event in quotes(written(tmp_path, text))] == [
        OPEN + 65_000_000,
        16 * HOUR - NS // 2,
    ]


@pytest.mark.scenario(119)
def test_a_time_without_a_zone_is_refused_and_never_guessed(tmp_path: Path) -> None:
    sentence = refusal(written(tmp_path, DAY.replace("00.065Z", "00.065")))
    assert "bad row 2: timestamp must be a time of that day" in sentence


def replaced(*changes: tuple[str, str]) -> str:
    text = DAY
    for old, new in changes:
        text = text.replace(old, new)
    return text


@pytest.mark.scenario(120)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(DAY, id="plain csv"),
        pytest.param("\ufeff" + DAY, id="byte order mark"),
        pytest.param(DAY.replace("\n", "\r\n"), id="windows line ends"),
        pytest.param(
            "ask_size,ask_price,timestamp,bid_size,bid_price\n"
            "100,182.05,2013-10-08T13:30:00.065Z,500,181.75\n"
            "300,182,2013-10-08T19:59:59.500Z,200,181.8\n",
            id="other order",
        ),
        pytest.param(
            f'{HEADER},conditions,note\n2013-10-08T13:30:00.065Z,181.75,500,182.05,100,"R,[]",a\n'
            "2013-10-08T19:59:59.500Z,181.8,200,182,300,R,b\n",
            id="extra columns",
        ),
        pytest.param(replaced(("065Z", "065000000Z"), ("500Z", "500000000Z")), id="ns"),
        pytest.param(replaced(("065Z", "065000Z"), ("500Z", "500000Z")), id="us"),
        pytest.param(replaced(("065Z", "065+00:00"), ("T19", " 19")), id="offset and a blank"),
        pytest.param(
            replaced((",500,", ",500.0,"), (",300\n", ",300.00\n"), ("181.75", "181.750000")),
            id="500.0",
        ),
        pytest.param(
            f"{HEADER}\n{FIRST_NS},181.75,500,182.05,100\n{SECOND_NS // 1000},181.8,200,182,300\n",
            id="since 1970",
        ),
        pytest.param(DAY.rstrip("\n"), id="no last line end"),
    ],
)
def test_a_tape_is_read_however_its_rows_are_written(tmp_path: Path, text: str) -> None:
    played = quotes(written(tmp_path, text))
    assert [event.touch for event in played] == [FIRST, SECOND]
    assert [event.at for event in played] == [OPEN + 65_000_000, 16 * HOUR - NS // 2]
    packed = written(tmp_path, gzip.compress(text.encode()), "XYZ-2013-10-08.quotes.csv.gz")
    assert quotes(packed) == played


@pytest.mark.scenario(120)
def test_whole_seconds_and_nanoseconds_are_each_kept_to_the_last_digit(tmp_path: Path) -> None:
    text = replaced(("00.065Z", "00Z"), ("59.500Z", "59.500000001Z"))
    assert [event.at for event in quotes(written(tmp_path, text))] == [
        OPEN,
        16 * HOUR - NS // 2 + 1,
    ]


@pytest.mark.scenario(120)
def test_a_tape_without_trades_plays_its_quotes_alone(tmp_path: Path) -> None:
    time = VirtualTime()
    options = ExchangeOptions(tapes=(written(tmp_path, DAY),), at=OPEN)
    exchange = build_exchange(options, time.now_ns, time.call_later)
    exchange.start()
    time.run_for(1)
    assert exchange.ticker.quotes["XYZ"].event.touch == FIRST


@pytest.mark.scenario(120)
def test_rows_after_midnight_in_utc_are_still_of_that_day_in_new_york(tmp_path: Path) -> None:
    text = replaced(("2013-10-08T19:59:59.500Z", "2013-10-09T00:30:00.000Z"))
    assert quotes(written(tmp_path, text))[-1].at == 20 * HOUR + HOUR // 2


# Alpaca's answers and data frames


def alpaca_quote(
    stamp: str, bid: float, bid_size: int, ask: float, ask_size: int
) -> dict[str, object]:
    sides = {"bx": "Q", "bp": bid, "bs": bid_size, "ax": "V", "ap": ask, "as": ask_size}
    return {"t": stamp, **sides, "c": ["R"], "z": "A"}


ALPACA = [
    alpaca_quote("2013-10-08T13:30:00.065Z", 181.75, 500, 182.05, 100),
    alpaca_quote("2013-10-08T19:59:59.5Z", 181.8, 200, 182, 300),
]


def by_symbol(*quotes: object) -> dict[str, object]:
    return {"quotes": {"XYZ": list(quotes)}, "next_page_token": None}


@pytest.mark.scenario(120)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(json.dumps(by_symbol(*ALPACA)), id="many symbols' route"),
        pytest.param(json.dumps({"symbol": "XYZ", "quotes": ALPACA}), id="one symbol's route"),
        pytest.param(json.dumps(by_symbol(*ALPACA), indent=2), id="indented"),
        pytest.param(json.dumps([by_symbol(q) for q in ALPACA]), id="pages in a list"),
        pytest.param("\n".join(json.dumps(by_symbol(q)) for q in ALPACA), id="a page a line"),
        pytest.param("\ufeff" + json.dumps(by_symbol(*ALPACA)), id="byte order mark"),
    ],
)
def test_alpacas_own_answer_about_quotes_is_read(tmp_path: Path, text: str) -> None:
    assert touches(written(tmp_path, text, "answer.json")) == [FIRST, SECOND]
    assert open_tape(tmp_path / "answer.json").symbol == "XYZ"


@pytest.mark.scenario(120)
def test_alpacas_trades_beside_its_quotes_are_played(tmp_path: Path) -> None:
    written(tmp_path, json.dumps(by_symbol(*ALPACA)), "XYZ-2013-10-08.quotes.json")
    print_ = {"t": "2013-10-08T13:31:00Z", "x": "D", "p": 181.876543, "s": 40, "c": ["W"], "i": 1}
    trades = {"trades": {"XYZ": [print_]}, "next_page_token": None}
    written(tmp_path, json.dumps(trades), "XYZ-2013-10-08.trades.json")
    played = list(play(open_tape(tmp_path / "XYZ-2013-10-08.quotes.json"), 0))
    assert [tuple(e)[2:] for e in played if not isinstance(e, QuoteEvent)] == [(1_818_765, 40, "D")]


FRAME = """\
symbol,timestamp,bid_price,bid_size,bid_exchange,ask_price,ask_size,ask_exchange,conditions,tape
XYZ,2013-10-08 13:30:00.065000+00:00,181.75,500.0,Q,182.05,100.0,V,['R'],A
XYZ,2013-10-08 19:59:59.500000+00:00,181.8,200.0,Q,182.0,300.0,V,"['R', 'I']",A
"""


@pytest.mark.scenario(120)
def test_alpaca_pys_data_frame_is_read_and_says_its_symbol_and_day_itself(tmp_path: Path) -> None:
    tape = open_tape(written(tmp_path, FRAME, "frame.csv"))
    assert (tape.symbol, tape.day.isoformat()) == ("XYZ", "2013-10-08")
    assert touches(tmp_path / "frame.csv") == [FIRST, SECOND]


@pytest.mark.scenario(120)
@pytest.mark.filterwarnings("ignore:The inplace keyword")  # alpaca-py's own, of pandas
def test_a_data_frame_as_alpaca_py_makes_it_is_read(tmp_path: Path) -> None:
    QuoteSet({"XYZ": ALPACA}).df.to_csv(tmp_path / "frame.csv")
    assert touches(tmp_path / "frame.csv") == [FIRST, SECOND]


# Polygon's flat files

POLYGON = (
    "ticker,ask_exchange,ask_price,ask_size,bid_exchange,bid_price,bid_size,conditions,indicators,"
    "participant_timestamp,sequence_number,sip_timestamp,tape,trf_timestamp\n"
)


def polygon(symbol: str, stamp: int, bid: str, bid_size: int, ask: str, ask_size: int) -> str:
    return f'{symbol},11,{ask},{ask_size},12,{bid},{bid_size},"1,81",,{stamp - 9},7,{stamp},1,0\n'


MARKET = (
    POLYGON
    + polygon("XYA", FIRST_NS, "1", 100, "2", 100)
    + polygon("XYZ", FIRST_NS, "181.75", 500, "182.05", 100)
    + polygon("XYZ", SECOND_NS, "181.8", 200, "182", 300)
    + polygon("XZZ", FIRST_NS, "1", 100, "2", 100)
)


@pytest.mark.scenario(120)
def test_a_polygon_flat_file_of_the_whole_market_plays_the_symbol_it_is_named_after(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, gzip.compress(MARKET.encode()), "XYZ-2013-10-08.quotes.csv.gz")
    assert touches(path) == [FIRST, SECOND]


@pytest.mark.scenario(120)
def test_a_file_of_many_symbols_that_names_none_is_refused_with_how_to_name_it(
    tmp_path: Path,
) -> None:
    sentence = refusal(written(tmp_path, MARKET, "2013-10-08.csv"))
    assert "more than one symbol (XYA, XYZ)" in sentence
    assert "Name it like XYA-2013-10-08.quotes.csv" in sentence


@pytest.mark.scenario(120)
def test_a_file_without_the_symbol_it_is_named_after_is_refused_with_those_it_has(
    tmp_path: Path,
) -> None:
    sentence = refusal(written(tmp_path, MARKET, "NOPE-2013-10-08.quotes.csv"))
    assert "has no rows of NOPE; it holds XYA, XYZ, XZZ" in sentence


@pytest.mark.scenario(120)
def test_rows_of_a_flat_file_that_are_not_in_order_are_put_in_order(tmp_path: Path) -> None:
    text = (
        POLYGON
        + polygon("XYZ", SECOND_NS, "181.8", 200, "182", 300)
        + polygon("XYZ", FIRST_NS, "181.75", 500, "182.05", 100)
    )
    assert touches(written(tmp_path, text)) == [FIRST, SECOND]


@pytest.mark.scenario(120)
@pytest.mark.parametrize(
    ("stamp", "shares"),
    [(FIRST_NS, 300), (1_764_599_400_000_000_000, 3)],  # 2013-10-08, 2025-12-01
    ids=["round lots before November 2025", "shares since"],
)
def test_sizes_of_the_consolidated_tape_are_shares_whenever_they_were_written(
    tmp_path: Path, stamp: int, shares: int
) -> None:
    text = POLYGON + polygon("XYZ", stamp, "181.75", 3, "182.05", 200)
    assert touches(written(tmp_path, text, "xyz.csv"))[0].bid_size == shares


# Databento

MBP_1 = (
    "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,depth,price,size,flags,"
    "ts_in_delta,sequence,bid_px_00,ask_px_00,bid_sz_00,ask_sz_00,bid_ct_00,ask_ct_00,symbol\n"
)
BBO = (
    "ts_recv,ts_event,rtype,publisher_id,instrument_id,side,price,size,flags,sequence,"
    "bid_px_00,ask_px_00,bid_sz_00,ask_sz_00,bid_ct_00,ask_ct_00,symbol\n"
)


def mbp_1(stamp: str, bid: str, ask: str, bid_size: str, ask_size: str, end: str = ",XYZ") -> str:
    sides = f"{bid},{ask},{bid_size},{ask_size},3,1"
    return f"{stamp},{stamp},1,2,9,A,B,0,{bid},1,128,9,7,{sides}{end}\n"


def bbo(stamp: str, bid: str, ask: str, bid_size: str, ask_size: str) -> str:
    return f"{stamp},,195,2,9,N,,,128,7,{bid},{ask},{bid_size},{ask_size},3,1,XYZ\n"


def two(row: Callable[..., str], stamps: tuple[str, str], prices: tuple[str, str, str, str]) -> str:
    first = row(stamps[0], prices[0], prices[1], "500", "100")
    return first + row(stamps[1], prices[2], prices[3], "200", "300")


PRETTY_TIMES = ("2013-10-08T13:30:00.065000000Z", "2013-10-08T19:59:59.500000000Z")
PRETTY = ("181.750000000", "182.050000000", "181.800000000", "182.000000000")
FIXED = ("181750000000", "182050000000", "181800000000", "182000000000")
FLOATS = ("181.75", "182.05", "181.8", "182.0")


@pytest.mark.scenario(120)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(MBP_1 + two(mbp_1, PRETTY_TIMES, PRETTY), id="mbp-1"),
        pytest.param(
            MBP_1 + two(mbp_1, (str(FIRST_NS), str(SECOND_NS)), FIXED), id="mbp-1 as whole numbers"
        ),
        pytest.param(MBP_1 + two(mbp_1, PRETTY_TIMES, FLOATS), id="mbp-1 of a data frame"),
        pytest.param(BBO + two(bbo, PRETTY_TIMES, PRETTY), id="bbo"),
    ],
)
def test_databentos_mbp_1_and_bbo_are_read(tmp_path: Path, text: str) -> None:
    assert touches(written(tmp_path, text, "xnas-itch-20131008.csv")) == [FIRST, SECOND]


@pytest.mark.scenario(120)
@pytest.mark.parametrize("none", ["", "9223372036854775807", "9223372036.854775807"])
def test_a_side_that_is_not_there_is_none(tmp_path: Path, none: str) -> None:
    text = BBO + bbo(PRETTY_TIMES[0], none, "182.05", "", "100")
    assert touches(written(tmp_path, text, "xyz.csv")) == [Touch(0, 0, 1_820_500, 100)]


@pytest.mark.scenario(120)
def test_two_instruments_without_their_symbols_are_refused(tmp_path: Path) -> None:
    header = MBP_1.replace(",symbol", "")
    one = mbp_1(PRETTY_TIMES[0], *PRETTY[:2], "5", "1", end="")
    other = one.replace(",1,2,9,", ",1,2,10,")
    assert "bad row 3: it is of another instrument" in refusal(
        written(tmp_path, header + one + other)
    )


@pytest.mark.scenario(120)
def test_rows_of_the_evening_before_are_passed_over_in_a_file_cut_at_midnight_utc(
    tmp_path: Path,
) -> None:
    evening = mbp_1("2013-10-08T00:00:01.000000000Z", "1.0", "2.0", "1", "1")
    text = MBP_1 + evening + two(mbp_1, PRETTY_TIMES, PRETTY)
    assert touches(written(tmp_path, text)) == [FIRST, SECOND]
    sentence = refusal(written(tmp_path, text, "frame.csv"))
    assert "more than one day (2013-10-07, 2013-10-08)" in sentence


# What is no tape


@pytest.mark.scenario(121)
@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ("DATE,TIME_M,EX,SYM_ROOT,SYM_SUFFIX,BID,BIDSIZ,ASK,ASKSIZ\n", "a TAQ file"),
        ("DATE,TIME_M,SYM_ROOT,SYM_SUFFIX,BEST_BID,BEST_BIDSIZ,BEST_ASK\n", "a TAQ file"),
        ("Time|Exchange|Symbol|Bid_Price|Bid_Size|Offer_Price|Offer_Size\n", "a TAQ file"),
        ("SYMBOL,DATE,TIME,BID,OFR,BIDSIZ,OFRSIZ,MODE,EX\n", "a TAQ file"),
        ("34200.017459617,5,0,1,2238200,-1\n34200.1,1,1,21,2238100,1\n", "a LOBSTER file"),
        ("2239500,100,2231800,100,2239900,100,2230700,200\n", "a LOBSTER file"),
        ("34200065,1817500,5,1820500,1,Q,1,0\n", "a data file of Lean"),
        ("34200065,1818900,184,Z,0,0\n", "a data file of Lean"),
        (
            "34200000,1817500,1818000,1817000,1817600,5,1820500,1820600,1820100,1820300,1\n",
            "a data file of Lean",
        ),
        ("Statement,Header,Field Name,Field Value\n", "a broker's export"),
        (
            '"Date","Action","Symbol","Description","Quantity","Price","Fees & Comm","Amount"\n',
            "a broker's export",
        ),
        (
            "\n\nRun Date,Account,Action,Symbol,Description,Type,Quantity,Price ($)\n",
            "a broker's export",
        ),
        (
            "Activity Date,Process Date,Settle Date,Instrument,Description,Trans Code,Quantity\n",
            "a broker's export",
        ),
        (
            "Name,Symbol,Side,Status,Filled,Total Qty,Price,Avg Price,Time-in-Force,Placed Time\n",
            "a broker's export",
        ),
        ("timestamp,open,high,low,close,volume\n", "bars"),
        ("timestamp,price,size,exchange\n2013-10-08T13:30:00.065Z,18,1,Q\n", "trades, not quotes"),
        ("ts_event,rtype,publisher_id,instrument_id,price,size,side\n", "Databento's trades"),
        ("<!DOCTYPE html>\n<html><body>Sign in</body></html>\n", "a web page"),
        ("timestamp;bid_price;bid_size;ask_price;ask_size\n", "separated by semicolons"),
        ("PAR1\x15\x04", "a Parquet file"),
        ("DBN\x03\x00", "Databento's own binary format"),
    ],
)
def test_a_foreign_file_is_named_as_what_it_looks_like_with_what_would_be_read(
    tmp_path: Path, text: str, looks: str
) -> None:
    for name in (NAME, "download.csv"):
        sentence = refusal(written(tmp_path, text, name))
        assert f"{name} looks like " in sentence
        assert looks in sentence
        assert "Read are: quotes as CSV" in sentence


@pytest.mark.scenario(121)
@pytest.mark.parametrize(
    ("inside", "looks"),
    [
        ("20131008_xyz_tick_quote.csv", "a data file of Lean"),
        ("xl/workbook.xml", "an Excel workbook"),
        ("quotes.csv", "a ZIP archive"),
    ],
)
def test_a_zip_is_named_after_what_is_in_it(tmp_path: Path, inside: str, looks: str) -> None:
    with zipfile.ZipFile(tmp_path / "20131008_quote.zip", "w") as archive:
        archive.writestr(inside, "34200065,1817500,5,1820500,1,Q,1,0\n")
    assert f"looks like {looks}" in refusal(tmp_path / "20131008_quote.zip")


@pytest.mark.scenario(121)
@pytest.mark.parametrize(
    "text",
    [
        '{"message": "forbidden."}',
        '{"bars": {"XYZ": []}, "next_page_token": null}',
        '{"quotes": 5}',
        '[{"quotes": {"XYZ": [',
        "[[]]",
    ],
)
def test_json_that_holds_no_quotes_is_refused_with_what_would_be_read(
    tmp_path: Path, text: str
) -> None:
    sentence = refusal(written(tmp_path, text, "answer.json"))
    assert "JSON" in sentence
    assert "Alpaca's quotes JSON" in sentence


@pytest.mark.scenario(121)
def test_the_trades_of_a_tape_are_refused_with_the_name_of_its_quotes(tmp_path: Path) -> None:
    path = written(tmp_path, "timestamp,price,size,exchange\n", "XYZ-2013-10-08.trades.csv.gz")
    assert "give the quotes, XYZ-2013-10-08.quotes.csv.gz" in refusal(path)


@pytest.mark.scenario(121)
def test_a_folder_and_a_device_are_refused(tmp_path: Path) -> None:
    assert "a folder or a device" in refusal(tmp_path)
    assert "a folder or a device" in refusal(Path("/dev/zero"))
