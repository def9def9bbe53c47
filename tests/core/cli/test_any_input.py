"""Anything at all on the command line, in the settings file and in a tape: read, or a sentence."""

import contextlib
import gzip
import io
import json
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.app import limits_file
from core.cli import main
from core.errors import Refusal
from core.exchange.market.events import QuoteEvent, TradeEvent
from core.exchange.market.tapes import collector
from core.exchange.market.tapes.opening import open_tape
from core.exchange.market.tapes.tape import play
from core.risk import limits as ours
from core.runtime import event_loop, logs

# ---- the command line --------------------------------------------------------------------------

WORDS = (
    *("sell", "buy", "resume", "orders", "cancel", "doctor", "exchange", "kill", "journal"),
    *("verify", "show", "export", "--venue", "embedded", "paper", "live", "--tape", "--at"),
    *("--speed", "--seed", "--grace", "--confirm", "--json", "--fraction", "--timeout"),
    *("--fallback", "market", "collar", "none", "--all", "--step", "0.5:3", "0.75:4", "--limit"),
    *("--drill", "halt", "list", "--port", "0", "UVXY", "100", "-1", "1e309", "NaN", "", "--"),
    *("--position", "UVXY=5", "--cash", "--yes", "10:00", "\N{BLACK HEART SUIT}", "\udcff", "٣"),
)
ARGV = st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=9)


def _nothing_runs(work: Coroutine[Any, Any, int]) -> int:
    work.close()
    return 0


def _our_mistake(error: BaseException) -> NoReturn:
    raise AssertionError("an error of our own reached the command line") from error


@contextlib.contextmanager
def parsing_only(folder: Path) -> Iterator[io.StringIO]:
    """Commands are read and refused as ever, and what they would do is not done."""
    with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as stack:
        patch.setenv("TOUCHLINE_HOME", str(folder))
        patch.setattr(event_loop, "run", _nothing_runs)
        patch.setattr(logs, "failed", _our_mistake)
        patch.setattr(logs, "start", lambda _folder: None)
        patch.setattr(logs, "catch_all", lambda: None)
        patch.setattr("sys.stdin", io.StringIO())
        said = io.StringIO()
        stack.enter_context(contextlib.redirect_stdout(said))
        stack.enter_context(contextlib.redirect_stderr(said))
        yield said


@settings(max_examples=600)
@given(argv=ARGV)
def test_whatever_is_typed_is_done_or_refused_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, argv: list[str]
) -> None:
    folder = tmp_path_factory.getbasetemp() / "fuzzed-home"
    with parsing_only(folder) as said:
        try:
            code = main.main(argv)
        except SystemExit as ended:  # --help
            code = int(ended.code or 0)
    assert code in (0, 1, 2, 3)
    assert "Traceback" not in said.getvalue()
    if code == 2:
        sentence = said.getvalue().strip()
        assert sentence
        assert sentence.endswith((".", ")")), sentence


# ---- the settings file -------------------------------------------------------------------------


def read_settings(folder: Path, data: bytes) -> ours.Limits | None:
    path = folder / "settings.json"
    path.write_bytes(data)
    try:
        return limits_file.load(path)
    except Refusal as refusal:
        said = refusal.sentence
    assert said.endswith(".")
    return None


@given(place=st.integers(0, 5000), mask=st.integers(1, 255))
def test_a_flipped_byte_in_the_settings_file_is_read_within_bounds_or_refused(
    tmp_path_factory: pytest.TempPathFactory, place: int, mask: int
) -> None:
    folder = tmp_path_factory.getbasetemp()
    limits_file.save(folder / "whole.json", ours.DEFAULTS)
    data = bytearray((folder / "whole.json").read_bytes())
    data[place % len(data)] ^= mask
    found = read_settings(folder, bytes(data))
    if found is not None:
        ours.check(found)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
ODD = st.sampled_from(("1e309", "-0", "NaN", "1e-400", "9" * 5000, "0x10", " 5 ", "\ud800"))
NAMES = st.sampled_from(ours.Limits.__struct_fields__)


@given(given=st.dictionaries(NAMES | st.text(max_size=6), VALUES | ODD, max_size=4) | VALUES)
def test_whatever_the_settings_file_holds_is_read_within_bounds_or_refused(
    tmp_path_factory: pytest.TempPathFactory, given: object
) -> None:
    found = read_settings(tmp_path_factory.getbasetemp(), json.dumps(given).encode())
    if found is not None:
        ours.check(found)


# ---- the tape ----------------------------------------------------------------------------------

HEADERS = {
    "quotes": b"timestamp,bid_price,bid_size,ask_price,ask_size\n",
    "trades": b"timestamp,price,size,exchange\n",
}
CELL = st.sampled_from(
    [
        *(b"2013-10-08T14:00:00.000Z", b"2013-10-08T14:00:01.500Z", b"2013-10-09T00:00:00.000Z"),
        *(b"15.23", b"15.32", b"100", b"0", b"-1", b"1e9", b"NaN", b"", b"9" * 40, b"D", b"\xff"),
    ]
)
ROW = st.lists(CELL | st.binary(max_size=6), max_size=6).map(b",".join)
ROWS = st.lists(ROW, max_size=6).map(b"\n".join)
WHOLE = (
    b"2013-10-08T14:00:00.000Z,15.23,100,15.32,100\n2013-10-08T14:00:01.000Z,15.24,100,15.33,100\n"
)


def played(folder: Path, quote_rows: bytes, trade_rows: bytes, *, raw: bool = False) -> int:
    """How many events the tape of these rows gives; -1 when it is refused."""
    path = folder / "UVXY-2013-10-08.quotes.csv.gz"
    for kind, rows in (("quotes", quote_rows), ("trades", trade_rows)):
        data = rows if raw else gzip.compress(HEADERS[kind] + rows, 1)
        path.with_name(f"UVXY-2013-10-08.{kind}.csv.gz").write_bytes(data)
    try:
        events = list(play(open_tape(path), 0))
    except Refusal as refusal:
        said = refusal.sentence
    else:
        assert all(isinstance(event, QuoteEvent | TradeEvent) for event in events)
        assert [e.at for e in events] == sorted(e.at for e in events)
        return len(events)
    assert said.endswith(".")
    return -1


@settings(max_examples=300)
@given(quote_rows=ROWS | st.binary(max_size=80), trade_rows=ROWS)
def test_whatever_rows_a_tape_has_they_are_played_in_order_or_refused(
    tmp_path_factory: pytest.TempPathFactory, quote_rows: bytes, trade_rows: bytes
) -> None:
    played(tmp_path_factory.getbasetemp(), quote_rows, trade_rows)


@given(data=st.binary(max_size=200), cut=st.integers(1, 60))
def test_a_tape_that_is_no_gzip_or_breaks_off_is_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, cut: int
) -> None:
    folder = tmp_path_factory.getbasetemp()
    assert played(folder, data, data, raw=True) == -1
    whole = gzip.compress(HEADERS["quotes"] + WHOLE)
    assert played(folder, whole[:-cut], whole, raw=True) == -1


def test_a_whole_tape_is_played(tmp_path: Path) -> None:
    assert played(tmp_path, WHOLE, b"2013-10-08T14:00:00.500Z,15.25,100,D\n") == 3


def test_a_tape_that_would_fill_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector, "MOST_BYTES", 1000)
    with pytest.raises(Refusal, match="far too long"):
        open_and_fill(tmp_path, WHOLE * 20)


def open_and_fill(folder: Path, rows: bytes) -> None:
    path = folder / "UVXY-2013-10-08.quotes.csv.gz"
    path.write_bytes(gzip.compress(HEADERS["quotes"] + rows))
    open_tape(path)
