"""N. Tapes: what people were met by with other files, from packing to two venues in one file."""

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from core.exchange.market.tapes.opening import open_tape
from tests.scenarios.test_n_tapes import (
    ALPACA,
    BBO,
    DAY,
    FIRST,
    FIRST_NS,
    MBP_1,
    NAME,
    POLYGON,
    PRETTY,
    PRETTY_TIMES,
    SECOND,
    bbo,
    by_symbol,
    mbp_1,
    polygon,
    refusal,
    touches,
    two,
    written,
)

TRADES_NAME = "XYZ-2013-10-08.trades.csv"


def archive(name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(name, "34200065,1817500,5,1820500,1,Q,1,0\n")
    return packed.getvalue()


def tar() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as file:
        file.addfile(tarfile.TarInfo("quotes.csv"))
    return packed.getvalue()


@pytest.mark.scenario(120)
def test_a_tape_that_the_browser_unpacked_and_left_its_name_is_read(tmp_path: Path) -> None:
    assert touches(written(tmp_path, DAY, NAME + ".gz")) == [FIRST, SECOND]


@pytest.mark.scenario(120)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n \n\n"])
def test_empty_lines_after_the_last_row_are_passed_over(tmp_path: Path, end: str) -> None:
    assert touches(written(tmp_path, DAY + end)) == [FIRST, SECOND]


@pytest.mark.scenario(120)
def test_an_empty_line_between_rows_is_still_a_bad_row(tmp_path: Path) -> None:
    text = DAY.replace("\n2013-10-08T19", "\n\n2013-10-08T19")
    assert "bad row 3: it has 1 fields instead of 5" in refusal(written(tmp_path, text))


@pytest.mark.scenario(120)
@pytest.mark.parametrize("text", [MBP_1, BBO], ids=["mbp-1", "bbo"])
def test_two_venues_own_books_are_never_played_as_one_market(tmp_path: Path, text: str) -> None:
    row = mbp_1 if text is MBP_1 else bbo
    one = row(PRETTY_TIMES[0], *PRETTY[:2], "500", "100")
    other = row(PRETTY_TIMES[1], "181.000000000", "183.000000000", "1", "1")
    other = other.replace(",1,2,9,", ",1,39,9,").replace(",195,2,9,", ",195,39,9,")
    sentence = refusal(written(tmp_path, text + one + other))
    assert "bad row 3: its publisher_id is '39', and that of the rows above '2'" in sentence
    assert "cmbp-1" in sentence


@pytest.mark.scenario(120)
def test_venues_of_another_symbol_do_not_matter(tmp_path: Path) -> None:
    other = mbp_1(PRETTY_TIMES[0], *PRETTY[:2], "5", "1", ",XYA").replace(",1,2,9,", ",1,39,8,")
    text = MBP_1 + other + two(mbp_1, PRETTY_TIMES, PRETTY)
    assert touches(written(tmp_path, text)) == [FIRST, SECOND]


@pytest.mark.scenario(120)
def test_the_consolidated_book_is_read_whichever_venue_its_best_prices_are_of(
    tmp_path: Path,
) -> None:
    header = MBP_1.replace("bid_ct_00,ask_ct_00", "bid_pb_00,ask_pb_00")
    first, second = two(mbp_1, PRETTY_TIMES, PRETTY).splitlines(keepends=True)
    text = header + first + second.replace(",1,2,9,", ",1,39,9,")
    assert touches(written(tmp_path, text)) == [FIRST, SECOND]


@pytest.mark.scenario(121)
@pytest.mark.parametrize(
    ("content", "looks"),
    [
        (archive("20131008_brk.b_tick_quote.csv"), "a data file of Lean"),
        (archive("XYZ_2012-06-21_34200000_57600000_message_10.csv"), "a LOBSTER file"),
        (b"<html><body>Sign in</body></html>", "a web page"),
        (b"PAR1\x15\x04", "a Parquet file"),
        (gzip.compress(gzip.compress(DAY.encode())), "a file packed twice with gzip"),
        (tar(), "a tar archive"),
    ],
)
def test_what_is_packed_otherwise_than_its_name_says_is_named(
    tmp_path: Path, content: bytes, looks: str
) -> None:
    sentence = refusal(written(tmp_path, content, NAME + ".gz"))
    assert f"looks like {looks}" in sentence
    assert "Read are: quotes as CSV" in sentence


@pytest.mark.scenario(121)
@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ("20131008 00:00,1817500,1818000,1817000,1817600,5\n", "a data file of Lean"),
        ("20131008 09:00,1817500,1818000,1817000,1817600,5,1,1,1,1,1\n", "a data file of Lean"),
        ("SYMBOL,DATE,TIME,PRICE,SIZE,G127,CORR,COND,EX\n", "a TAQ file"),
        ("Date,Timestamp,EventType,Ticker,Price,Quantity,Exchange,Conditions\n", "AlgoSeek"),
        ("Action,Time,ISIN,Ticker,Name,No. of shares,Price / share\n", "a broker's export"),
        (
            "TransactionDate,TransactionType,SecurityType,Symbol,Quantity,Amount,Price,Commission\n",
            "a broker's export",
        ),
        ('"ClientAccountID","Symbol","TradeID","DateTime","Quantity"\n', "a broker's export"),
        ("id,client_order_id,created_at,symbol,qty,filled_qty,type,side\n", "a broker's export"),
    ],
)
def test_files_that_are_told_apart_by_a_column_or_two_are_named_rightly(
    tmp_path: Path, text: str, looks: str
) -> None:
    assert f"looks like {looks}" in refusal(written(tmp_path, text))


@pytest.mark.scenario(121)
def test_a_table_with_none_of_a_brokers_own_columns_is_not_called_a_brokers(
    tmp_path: Path,
) -> None:
    sentence = refusal(written(tmp_path, "Symbol,Date,Price,Quantity\nXYZ,2013-10-08,1,1\n"))
    assert "broker" not in sentence
    assert "must be the header" in sentence


@pytest.mark.scenario(121)
@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ('{"message": "forbidden."}', "an answer that says an error"),
        ('{"bars": {"XYZ": []}, "next_page_token": null}', "Alpaca's answer about bars"),
        ('{"trades": {"XYZ": [{"p": 1}]}}', "Alpaca's answer about trades"),
        ('{"symbol": "XYZ", "quote": {"bp": 1}}', "Alpaca's answer about the latest quote"),
        ('{"quotes": {"XYZ": {"bp": 1}}}', "Alpaca's answer about the latest quote"),
        ('[{"activity_type": "FILL", "side": "buy"}]', "Alpaca's account activities"),
        ('[{"id": "1", "client_order_id": "1"}]', "Alpaca's orders"),
        ('{"results": [{"ask_price": 1}], "status": "OK"}', "an answer of Polygon's REST"),
        ('{"ts_recv": "1", "hd": {"rtype": 1}}\n{"ts_recv": "2"}', "Databento's JSON"),
    ],
)
def test_json_of_another_kind_is_named_as_what_it_looks_like(
    tmp_path: Path, text: str, looks: str
) -> None:
    sentence = refusal(written(tmp_path, text, "answer.json"))
    assert f"answer.json looks like {looks}" in sentence
    assert "Alpaca's quotes JSON" in sentence


@pytest.mark.scenario(121)
def test_an_error_among_pages_of_quotes_is_a_hole_and_no_tape(tmp_path: Path) -> None:
    pages = [by_symbol(ALPACA[0]), {"message": "too many requests."}, by_symbol(ALPACA[1])]
    for text in (json.dumps(pages), "\n".join(map(json.dumps, pages))):
        sentence = refusal(written(tmp_path, text, "answer.json"))
        assert "looks like an answer that says an error" in sentence


@pytest.mark.scenario(120)
@pytest.mark.parametrize("held", ["{}", "null", "[]"])
def test_an_answer_that_there_were_no_trades_is_a_tape_without_trades(
    tmp_path: Path, held: str
) -> None:
    written(
        tmp_path, f'{{"trades": {held}, "next_page_token": null}}', "XYZ-2013-10-08.trades.json"
    )
    assert touches(written(tmp_path, DAY)) == [FIRST, SECOND]


@pytest.mark.scenario(121)
@pytest.mark.parametrize("start", ['{"quotes":', '{"x":', "", '{"quotes":{"XYZ":[{"t":'])
@pytest.mark.parametrize("deep", ["[", '{"x":'])
def test_json_that_is_nested_without_end_is_refused(tmp_path: Path, start: str, deep: str) -> None:
    assert "JSON" in refusal(written(tmp_path, start + deep * 100_000, "answer.json"))


@pytest.mark.scenario(121)
@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ("Time|Exchange|Symbol|Trade_Volume|Trade_Price\n", "a TAQ file"),
        ("<html></html>", "a web page"),
        ("ts_event,rtype,publisher_id,instrument_id,price,size,side\n", "Databento's trades,"),
        ('{"bars": {}}', "Alpaca's answer about bars"),
    ],
)
def test_wrong_trades_beside_good_quotes_are_named_with_which_trades_are_read(
    tmp_path: Path, text: str, looks: str
) -> None:
    written(tmp_path, text, TRADES_NAME)
    sentence = refusal(written(tmp_path, DAY))
    assert f"{TRADES_NAME} looks like {looks}" in sentence
    assert "not quotes" not in sentence
    assert "Read as trades are: CSV with the columns timestamp,price,size,exchange" in sentence


@pytest.mark.scenario(121)
@pytest.mark.parametrize("text", ["", "timestamp,price,size\n", "{}"])
def test_trades_that_nothing_tells_are_refused_with_which_trades_are_read(
    tmp_path: Path, text: str
) -> None:
    written(tmp_path, text, TRADES_NAME)
    sentence = refusal(written(tmp_path, DAY))
    assert "looks like" not in sentence
    assert "Read as trades are" in sentence


@pytest.mark.scenario(121)
@pytest.mark.parametrize("symbol", ["\x1b[31mRED", "X\u202eYZ", "A" * 60_000])
@pytest.mark.parametrize("name", [NAME, "day.csv"])
def test_a_symbol_of_a_file_is_shown_cleaned_and_short(
    tmp_path: Path, symbol: str, name: str
) -> None:
    rows = polygon("XYZ", FIRST_NS, "1", 1, "2", 1) if name != NAME else ""
    rows += polygon(symbol, FIRST_NS, "1", 1, "2", 1)
    sentence = refusal(written(tmp_path, POLYGON + rows, name))
    assert sentence.isprintable()
    assert len(sentence) < 300


@pytest.mark.scenario(120)
def test_the_symbol_inside_is_taken_when_the_name_says_only_the_day(tmp_path: Path) -> None:
    text = POLYGON + polygon("XYZ", FIRST_NS, "181.75", 500, "182.05", 100)
    assert open_tape(written(tmp_path, text, "2013-10-08.csv")).symbol == "XYZ"


@pytest.mark.scenario(121)
@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ("5", "it is no object"),
        ('{"bp": 1, "bs": 1, "ap": 2, "as": 1}', "t must be a time of that day"),
        ('{"t": "2013-10-08T14:00:00", "bp": 1, "bs": 1, "ap": 2, "as": 1}', "t must be a time"),
        (
            '{"t": "2013-10-08T14:00:00Z", "bp": -1, "bs": 1, "ap": 2, "as": 1}',
            "bp must be a price",
        ),
        ('{"t": "2013-10-08T14:00:00Z", "bp": 1, "ap": 2, "as": 1}', "bs must be a whole number"),
        ('{"t": "2013-10-08T14:00:00Z", "bp": 1, "bs": 1, "ap": null, "as": 1}', "ap must be"),
        ('{"t": "2013-10-08T14:00:00Z", "bp": 1, "bs": 1, "ap": 2, "as": "\\u001b"}', "as must be"),
        ('{"t": "2013-10-08T13:00:00Z", "bp": 1, "bs": 1, "ap": 2, "as": 1}', "its time is before"),
    ],
)
def test_a_bad_entry_of_an_answer_is_named_by_its_number(
    tmp_path: Path, entry: str, what: str
) -> None:
    text = f'{{"quotes": {{"XYZ": [{json.dumps(ALPACA[0])}, {entry}]}}}}'
    sentence = refusal(written(tmp_path, text, "answer.json"))
    assert sentence.startswith("The tape answer.json has a bad entry 2 in its quotes: ")
    assert what in sentence
    assert sentence.isprintable()


@pytest.mark.scenario(120)
def test_entries_of_other_days_are_passed_over_where_the_name_says_the_day(tmp_path: Path) -> None:
    other = ALPACA[0] | {"t": "2013-10-07T14:00:00Z"}
    text = json.dumps(by_symbol(other, *ALPACA))
    assert touches(written(tmp_path, text, "XYZ-2013-10-08.quotes.json")) == [FIRST, SECOND]
