"""The window as a whole: names, keys, arming, links, frames, without an engine."""

import ast
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

import gui
from core.engine.events import (
    AccountChanged,
    Level,
    LinkChanged,
    MarketChanged,
    Notice,
    QuoteChanged,
    StatusChanged,
    VenueTimeChanged,
)
from core.market.account import Account, Position
from core.market.links import Link, LinkName, LinkState
from core.market.prices import Side
from core.market.quotes import Quote, TradingStatus
from core.market.time import NS
from core.market.trading_hours import MarketClock
from core.market.venue_time import VenueTime
from core.venue.alpaca.stream_protocol import LIMIT_WORDS
from gui.blotter.log_tab import SENTENCE
from gui.controllers.desk import Desk
from gui.style.palette import DARK
from gui.style.text_scale import SMALLEST
from gui.window.watch_list import BID, SPREAD
from tests.support.scripted_orders import ScriptedOrder

D = Decimal


def connect(desk: Desk) -> None:
    """Everything a working session tells at its start."""
    now = desk.clock.now_ns()
    for name in LinkName:
        desk.bridge.publish(LinkChanged(Link(name, LinkState.UP, now, rtt_ms=4)))
    desk.bridge.publish(VenueTimeChanged(VenueTime(0, 0, now)))
    desk.bridge.publish(MarketChanged(MarketClock(True, now, now, now + 3600 * NS)))
    account = Account("i", "PA1", D(100_000), D(50_000), D(50_000))
    desk.bridge.publish(AccountChanged(account, (Position("UVXY", D(500), D(500), D(10)),)))
    tell_quote(desk)
    settle(desk)
    desk.symbols.choose("UVXY")


def tell_quote(desk: Desk) -> None:
    now = desk.clock.now_ns()
    quote = Quote("UVXY", D("15.23"), D("15.32"), 1200, 900, now, now, "iex")
    desk.bridge.publish(QuoteChanged(quote))


def settle(desk: Desk) -> None:
    """Deliver what was published."""
    desk.bridge._drain()


def test_every_control_has_a_stable_name_and_an_accessible_name(desk: Desk) -> None:
    connect(desk)
    desk.bridge.publish(ScriptedOrder().working().changes[-1])
    settle(desk)
    controls: list[QWidget] = []
    for kind in (QAbstractButton, QLineEdit, QAbstractItemView):
        controls += desk.window.findChildren(kind)
    ours = [c for c in controls if not isinstance(c, QHeaderView) and c.isVisibleTo(desk.window)]
    named = [c for c in ours if c.objectName() and not c.objectName().startswith("qt_")]
    nameless = [type(c).__name__ for c in ours if not c.objectName()]
    assert len(named) > 30
    assert not nameless
    assert [c.objectName() for c in named if not c.accessibleName()] == []
    names = [c.objectName() for c in named if not c.objectName().startswith("row-")]
    assert len(names) == len(set(names))


def test_it_starts_disarmed_and_sells_only_when_armed(desk: Desk, qtbot: QtBot) -> None:
    connect(desk)
    assert not desk.window.strip.armed
    assert "Disarmed" in desk.window.ticket.outlook(Side.SELL).refusal
    arm = desk.window.findChild(QPushButton, "strip-arm")
    assert isinstance(arm, QPushButton)
    QTest.mouseClick(arm, Qt.MouseButton.LeftButton)
    assert desk.window.ticket.outlook(Side.SELL).ready
    assert arm.accessibleName() == "Armed"


def test_a_symbol_that_was_given_is_looked_up_and_not_asked_for(desk: Desk) -> None:
    desk.symbols.expect("UVXY")
    assert desk.window.ticket.outlook(Side.SELL).refusal == "UVXY is being looked up."
    connect(desk)
    assert "Disarmed" in desk.window.ticket.outlook(Side.SELL).refusal


def test_a_window_that_was_refused_does_not_say_that_it_connects(desk: Desk) -> None:
    desk.symbols.expect("UVXY")
    assert desk.window.strip.venue.text() == "CONNECTING"
    desk.refused()
    assert desk.window.strip.venue.text() == "NOT CONNECTED"
    assert "looked up" not in desk.window.ticket.outlook(Side.SELL).refusal
    desk.window.strip.show_venue("paper")
    assert desk.window.strip.venue.text() == "PAPER"


def test_losing_the_order_stream_disarms_and_refuses(desk: Desk) -> None:
    connect(desk)
    desk.ticket.arm(True)
    now = desk.clock.now_ns()
    lost = Link(LinkName.ORDERS, LinkState.RECONNECTING, now, "the connection was reset", 1)
    desk.bridge.publish(LinkChanged(lost))
    settle(desk)
    assert not desk.window.strip.armed
    assert "not connected" in desk.window.ticket.outlook(Side.SELL).refusal
    light = desk.window.strip.lights[LinkName.ORDERS]
    assert "reconnecting" in light.text()
    assert "the connection was reset" in light.toolTip()


@pytest.mark.scenario(106)
def test_a_login_that_is_refused_for_an_earlier_connection_counts_down_to_the_next_try(
    desk: Desk,
) -> None:
    connect(desk)
    now = desk.clock.now_ns()
    limited = Link(LinkName.ORDERS, LinkState.LIMITED, now, LIMIT_WORDS, 2, retry_ns=now + 12 * NS)
    desk.bridge.publish(LinkChanged(limited))
    settle(desk)
    light, told = desk.window.strip.lights[LinkName.ORDERS], []
    for seconds in (0, 5, 12):
        desk.window.strip.refresh("UVXY", now + seconds * NS)
        assert "limited" in light.text()
        told.append(light.toolTip())
    assert all("not yet let go of an earlier connection" in each for each in told)
    assert ["; next try in" in each for each in told] == [True, True, False]
    assert "next try in 12 s. The order stream is lost" in told[0]
    assert "next try in 7 s. " in told[1]


@pytest.mark.parametrize(
    ("limit", "colours"), [("5", ["good", "warn", "bad"]), ("60", ["good", "good", "good"])]
)
def test_the_light_of_the_quotes_is_red_when_they_price_no_order(
    desk: Desk, limit: str, colours: list[str]
) -> None:
    connect(desk)
    desk.known.settings = replace(desk.known.settings, max_quote_age=D(limit))
    light, shown = desk.window.strip.lights[LinkName.QUOTES], []
    for seconds in (1, 3, 6):
        desk.window.strip.refresh("UVXY", desk.clock.now_ns() + seconds * NS)
        shown += [name for name in ("good", "warn", "bad") if getattr(DARK, name) in light.text()]
    assert shown == colours


@pytest.mark.parametrize(
    ("name", "lost", "colours"),
    [
        (LinkName.REST, None, ["good", "muted", "warn"]),
        (LinkName.REST, LinkName.QUOTES, ["good", "warn", "warn"]),
        (LinkName.ORDERS, None, ["good", "warn", "warn"]),
    ],
)
def test_a_light_is_green_only_while_an_answer_proves_it_and_else_names_the_age(
    desk: Desk, name: LinkName, lost: LinkName | None, colours: list[str]
) -> None:
    connect(desk)
    if lost is not None:
        now = desk.clock.now_ns()
        desk.bridge.publish(LinkChanged(Link(lost, LinkState.RECONNECTING, now)))
        settle(desk)
    light, said = desk.window.strip.lights[name], []
    heard = desk.known.links[name].at_ns
    for seconds in (2, 14, 80):
        desk.window.strip.refresh("UVXY", heard + seconds * NS)
        colour = light.text().partition("color:")[2].partition('"')[0]
        said.append((light.text().rpartition("</span> ")[2], colour))
    words = ["4 ms", "14 s ago", "80 s ago"]
    assert said == list(zip(words, (getattr(DARK, each) for each in colours), strict=True))
    assert "last answer 80 s ago" in light.toolTip()


def test_the_watch_list_dims_prices_of_lost_quotes_and_names_their_age(desk: Desk) -> None:
    connect(desk)
    model = desk.window.watch.model

    def shown(column: int) -> tuple[str, str]:
        index = model.index(0, column)
        return model.data(index), model.data(index, Qt.ItemDataRole.ForegroundRole).name()

    model.show_ages(desk.clock.now_ns() + NS)
    live = shown(BID)
    now = desk.clock.now_ns()
    desk.bridge.publish(LinkChanged(Link(LinkName.QUOTES, LinkState.RECONNECTING, now)))
    settle(desk)
    model.show_ages(desk.known.board.quotes["UVXY"].received_ns + 70 * NS)
    assert live == ("15.23", DARK.bid)
    assert shown(BID) == ("15.23", DARK.faint)
    assert shown(SPREAD) == ("70 s ago", DARK.warn)


@pytest.mark.scenario(94, 95, 96)
@pytest.mark.parametrize(
    ("own_s", "feed", "words", "beside"),
    [
        (18 * 3600, "sip", "SIP, 18 h behind", "18 h ago"),
        (900, "iex", "IEX, 15 min behind", "15 min ago"),
        (900, "delayed_sip", "DELAYED, 15 min behind", "15 min ago, DELAYED"),
        (0, "delayed_sip", "DELAYED, ", "just now, DELAYED"),
    ],
)
def test_light_watch_list_chart_and_ticket_show_the_own_age_of_a_quote_and_a_delayed_feed(
    desk: Desk, own_s: int, feed: str, words: str, beside: str
) -> None:
    connect(desk)
    desk.ticket.arm(True)
    now = desk.clock.now_ns()
    old = Quote("UVXY", D("15.23"), D("15.32"), 1200, 900, now - own_s * NS, now, feed)
    desk.known.board.quotes["UVXY"] = old
    desk.window.strip.refresh("UVXY", now)
    light = desk.window.strip.lights[LinkName.QUOTES]
    assert words in light.text()
    assert DARK.bad in light.text()
    assert desk.known.outdated("UVXY", now) == beside
    desk.window.watch.model.show_ages(now)
    index = desk.window.watch.model.index(0, SPREAD)
    assert desk.window.watch.model.data(index) == beside
    desk.window.ticket.refresh()
    refusal = desk.window.ticket.outlook(Side.SELL).refusal
    said = "DELAYED" if feed == "delayed_sip" else beside.removesuffix(" ago")
    assert said in refusal


def test_the_strip_names_a_halt_and_a_short_sale_restriction(desk: Desk) -> None:
    connect(desk)
    shown = []
    for halted, restricted in ((False, True), (True, True), (False, False)):
        status = TradingStatus("UVXY", halted, "E", "", desk.clock.now_ns(), restricted)
        desk.bridge.publish(StatusChanged(status))
        settle(desk)
        desk.window.strip.refresh("UVXY", desk.clock.now_ns())
        shown.append((desk.window.strip.halt.text(), bool(desk.window.strip.halt.toolTip())))
    assert shown == [("UVXY SSR", True), ("UVXY HALTED", False), ("", False)]


def test_a_quote_that_grew_old_refuses(desk: Desk) -> None:
    connect(desk)
    desk.ticket.arm(True)
    now = desk.clock.now_ns()
    desk.bridge.publish(LinkChanged(Link(LinkName.QUOTES, LinkState.DOWN, now)))
    settle(desk)
    quote = desk.known.board.quotes["UVXY"]
    later = quote.received_ns + 6 * NS
    assert desk.known.pre_trade_context("UVXY", later, armed=True).unusable is not None
    slider, bid = desk.window.ticket.slider, QColor(DARK.bid).rgb()

    def coloured() -> bool:
        picture = slider.grab().toImage()
        spots = ((x, y) for x in range(picture.width()) for y in range(picture.height()))
        return any(picture.pixel(x, y) == bid for x, y in spots)

    assert coloured()
    desk.known.board.quotes["UVXY"] = replace(quote, exchange_ns=quote.exchange_ns - 60 * NS)
    desk.window.ticket.refresh()
    assert not coloured()


def test_a_dangerous_key_does_nothing_while_a_field_is_typed_in(desk: Desk, qtbot: QtBot) -> None:
    connect(desk)
    desk.ticket.arm(True)
    desk.window.activateWindow()
    qtbot.waitUntil(lambda: desk.window.guard.open)
    sent: list[object] = []
    desk.window.ticket.send.disconnect(desk.ticket.send)
    desk.window.ticket.send.connect(sent.append)
    desk.window.ticket.qty_field.setFocus()
    QTest.keyClick(desk.window.ticket.qty_field, Qt.Key.Key_F2)
    assert not sent
    assert "while you type" in desk.window.notice.words.text()
    QTest.keyClick(desk.window.ticket.qty_field, Qt.Key.Key_Return)
    tell_quote(desk)
    settle(desk)
    QTest.keyClick(desk.window, Qt.Key.Key_F2)
    assert len(sent) == 1


def test_a_notice_goes_to_the_line_and_to_the_log(desk: Desk) -> None:
    desk.bridge.publish(Notice(Level.ALARM, "The journal is full.", desk.clock.now_ns()))
    settle(desk)
    assert desk.window.notice.words.text() == "The journal is full."
    log = desk.window.blotter.log.log
    assert log.index(log.rowCount() - 1, SENTENCE).data() == "The journal is full."


def test_the_story_of_an_order_is_told_with_sources(desk: Desk) -> None:
    connect(desk)
    told = ScriptedOrder(at=desk.clock.now_ns()).working().filled(400, 400)
    for change in told.changes:
        desk.bridge.publish(change)
    settle(desk)
    entries = desk.window.detail.timeline.entries
    texts = [str(entries.index(row).data()) for row in range(entries.rowCount())]
    assert "clicked at 15.23 / 15.32, shown 15.24 (you, preview kept)" in texts[0]
    assert "live at the venue (stream)" in texts[2]
    assert "filled 400 @ 15.24 (+$0.01 a share) (stream, execution a1-400)" in texts[3]
    assert "then 600 to market" in texts[-1]


def test_esc_without_an_order_says_so(desk: Desk) -> None:
    desk.window.activateWindow()
    QTest.keyClick(desk.window, Qt.Key.Key_Escape)
    assert desk.window.notice.words.text() == "No order is chosen."


def test_side_is_told_by_words_as_well_as_by_colour(desk: Desk) -> None:
    connect(desk)
    assert desk.window.ticket.blocks[Side.SELL].button.text().startswith("SELL")
    assert desk.window.ticket.blocks[Side.BUY].button.text().startswith("BUY")


def test_the_window_fits_a_small_screen(desk: Desk) -> None:
    connect(desk)
    desk.window.resize(1280, 800)
    assert desk.window.width() == 1280
    ticket = desk.window.ticket
    for side in Side:
        block = ticket.blocks[side]
        assert block.geometry().bottom() <= ticket.height()
        assert block.geometry().right() <= ticket.width()


def test_no_dialog_runs_a_loop_of_its_own() -> None:
    sources = Path(gui.__file__).parent.rglob("*.py")
    calls = [
        f"{path.name}:{node.lineno}"
        for path in sources
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("exec", "exec_", "processEvents")
    ]
    assert not calls


def test_the_strip_cuts_no_word_off_in_the_smallest_window(desk: Desk) -> None:
    connect(desk)
    desk.window.strip.show_venue("embedded")
    for width in (1600, 1280, SMALLEST[0]):
        desk.window.resize(width, SMALLEST[1])
        settle(desk)
        strip = desk.window.strip
        assert strip.minimumSizeHint().width() <= strip.width(), width
