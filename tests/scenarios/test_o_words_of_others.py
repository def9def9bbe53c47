"""O. Words of others: what a stranger put into a name is shown, and steers nothing."""

import io
import logging
from pathlib import Path

import pytest

from core.cli.printer import Printer
from core.engine.events import Level, Notice
from core.journal import audit
from core.journal.file import JournalFile
from core.market.printable import plain, printable
from core.orders.facts import Source
from core.orders.ids import parent_of
from core.orders.state import State
from core.runtime import logs
from core.venue.alpaca import account_wire, order_wire
from core.venue.alpaca.order_wire import BadFrame
from tests.core.venue.alpaca.frames import as_json, order, update
from tests.support.trading import Trading, outcome, play

HOSTILE = {
    "terminal escape": "\x1b[2J\x1b]0;owned\x07",
    "line end": "a\r\nSELL 100 UVXY: filled",
    "right to left": "\u202exeva\u202c",
    "isolate": "\u2067abc\u2069",
    "no width": "tl\u200b\u200d-1",
    "mark-up": "<img src='http://evil/x.png'>",
    "byte order": "\ufeffweb-1",
    "line separator": "a\u2028b\u2029c",
}
hostile = pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)


@pytest.mark.scenario(129)
@hostile
def test_every_name_in_an_order_of_others_is_clean_once_it_is_read(name: str) -> None:
    words = ("client_order_id", "id", "symbol", "status", "replaced_by")
    report = order_wire.order_report(as_json(order(**dict.fromkeys(words, name))), Source.READ)
    for read in (
        report.client_id, report.broker_id, report.symbol, report.status, report.replaced_by
    ):  # fmt: skip
        assert read == plain(name) != name
        assert read.isprintable()
        assert "<" not in read


@pytest.mark.scenario(129)
@pytest.mark.parametrize("mark", ["\u200b", "\u202e", "\x00", "\ufeff"])
def test_no_cleaned_name_becomes_one_of_ours(mark: str) -> None:
    report = order_wire.order_report(as_json(order(client_order_id=f"tl-{mark}o1-1")), Source.READ)
    assert report.client_id != "tl-o1-1"
    assert parent_of(report.client_id) != "o1"


@pytest.mark.scenario(129)
@hostile
def test_positions_assets_refusals_and_bad_frames_are_clean_too(name: str) -> None:
    holds = {"symbol": name, "qty": "1", "avg_entry_price": "1"}
    (position,) = account_wire.positions(as_json([holds]))
    asset = account_wire.asset(as_json({"symbol": name, "name": name, "tradable": True}))
    error = account_wire.error_body(as_json({"message": name, "existing_order_id": name}))
    bad = BadFrame(name, name)
    for read in (
        position.symbol, asset.symbol, asset.name, error.message, error.existing_order_id,
        bad.reason, str(bad.client_id),
    ):  # fmt: skip
        assert read.isprintable()
        assert "<" not in read


@pytest.mark.scenario(129)
@hostile
def test_a_foreign_order_is_named_in_one_clean_line_while_ours_goes_on(
    tmp_path: Path, name: str
) -> None:
    async def scenario(t: Trading) -> None:
        ours = await t.working()
        t.venue.inject(update("new", {"client_order_id": name, "symbol": name, "id": "web"}))
        (told,) = [said for said in t.notices(Level.INFO) if "not Touchline's" in said]
        assert told.isprintable()
        assert "<" not in told
        ours = await t.until_final(ours)
        assert outcome(ours) == (State.FILLED, 100)

    play(scenario, tmp_path)


@pytest.mark.scenario(129)
@hostile
def test_a_terminal_gets_one_clean_line_whatever_a_sentence_holds(name: str) -> None:
    out, err = io.StringIO(), io.StringIO()
    printer = Printer(as_json=False, out=out, err=err)
    printer.on_event(Notice(Level.WARNING, f"In the way is {name}.", 1, "o1"))
    printer.tell("remark", name)
    for stream in (out, err):
        (line,) = stream.getvalue().splitlines()
        assert line.isprintable()


@pytest.mark.scenario(129)
@hostile
def test_the_log_holds_no_character_that_steers_who_reads_it(tmp_path: Path, name: str) -> None:
    path = logs.start(tmp_path)
    try:
        logging.getLogger("core.test").warning("an order called %s", name)
        written = path.read_text(encoding="utf-8")
    finally:
        logs.start(tmp_path / "elsewhere")
    assert all(line.isprintable() for line in written.split("\n"))
    assert "an order called" in written


@pytest.mark.scenario(129)
@hostile
def test_the_journal_is_exported_as_clean_lines_that_keep_what_was_written(
    tmp_path: Path, name: str
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.venue.inject(update("new", {"client_order_id": "tl-x-1", "id": name}))
        await t.until_final(order)

    play(scenario, tmp_path)
    (path,) = tmp_path.glob("*.sqlite")
    lines, _ = audit.export(path)
    out = io.StringIO()
    Printer(as_json=True, out=out).export(lines)
    assert JournalFile(path).load()
    assert all(line.isprintable() for line in out.getvalue().split("\n"))


def test_what_can_be_seen_stays_as_it_is() -> None:
    for text in ("", "SELL 1,000 UVXY @ 15.24", "Äpfel & Birnen", "株式", "a > b", "\N{BULLET}"):
        assert printable(text) == plain(text) == text
    assert printable("a <b> c") == "a <b> c"
    assert plain("a <b> c") == "a \N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}b> c"
