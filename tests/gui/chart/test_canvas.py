"""The chart in a person's hands: the line that is dragged, crosshair, zoom."""

from decimal import Decimal as D

import pytest
from msgspec import structs
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from core.market.time import NS
from core.orders.state import Liveness, State
from gui.chart.painting.plot_layout import plot_box
from gui.style.palette import DARK
from tests.gui.chart.hands import Hands
from tests.gui.chart.samples import T0, fill, limit_child, order, quote
from tests.gui.chart.test_chart import picture, place, share

# ---- the line that is dragged ----------------------------------------------------------------


def test_a_dragged_line_snaps_to_whole_ticks_and_asks_for_its_price_on_release(
    hands: Hands,
) -> None:
    hands.drag(152_700, off=2.0)
    assert hands.head == "15.27  +4 ticks, +$40.00 vs the bid, replaces 15.24"
    assert hands.tail == "Release sets it, Esc leaves it."
    assert hands.asked == [], "nothing is sent while it is dragged"
    hands.release()
    assert hands.asked == [("a", D("15.27"))]
    assert hands.head == ""


def test_the_chosen_price_is_drawn_through_the_whole_plot_with_its_words(hands: Hands) -> None:
    hands.drag(152_700)
    image, frame = picture(hands.chart), hands.canvas.frame()
    left, y = place(frame, T0 - 30 * NS, 152_700)
    assert 0.4 < share(image, (left, y - 0.5, left + 80, y + 0.5), DARK.sell) < 0.9
    card = hands.canvas.picture.boxes["proposal"]
    assert plot_box(frame.plot).contains(card)
    box = (card.left() + 2, card.top() + 2, card.right() - 2, card.bottom() - 2)
    assert share(image, box, DARK.raised) > 0.4


def test_a_click_on_a_line_changes_nothing(hands: Hands) -> None:
    hands.mouse(QEvent.Type.MouseButtonPress, hands.on_line())
    hands.mouse(QEvent.Type.MouseMove, hands.on_line() + QPointF(1, 2))
    hands.release()
    assert hands.asked == []
    assert hands.canvas.follow


def test_a_quote_that_moves_during_the_drag_changes_the_words_and_never_the_price(
    hands: Hands,
) -> None:
    hands.drag(152_500)
    shown = hands.canvas.frame().scale
    hands.quote = quote(T0 + NS, D("15.25"), D("15.60"))
    hands.chart.add_quote(hands.quote)
    for _ in range(5):
        hands.tick()
    assert hands.canvas.frame().scale == shown, "the price under the pointer stays there"
    assert hands.head == "15.25  at the far touch, replaces 15.24"
    assert hands.tail == "15.25 is at the bid of 15.25: it fills at once. Release asks first."
    hands.release()
    assert hands.asked == [("a", D("15.25"))]
    hands.tick()
    assert hands.canvas.frame().scale != shown, "then the prices follow the market again"


def test_a_price_that_would_be_refused_says_why_and_is_not_asked_for(hands: Hands) -> None:
    hands.drag(151_800)
    assert hands.tail.startswith("15.18 is past the bid at 15.23 by more than a marketable limit")
    hands.release()
    assert hands.asked == []
    assert hands.refused[0].startswith("15.18 is past the bid")


def test_an_order_that_ends_under_the_hand_is_not_moved(hands: Hands) -> None:
    hands.drag(152_700)
    dead = limit_child(Liveness.DEAD, dead_at=T0, executions=(fill(T0, 1000),))
    hands.show(order(dead, state=State.FILLED, ended_ns=T0, deadline_ns=None))
    assert hands.tail == "No price can be set: it has ended."
    hands.release()
    assert hands.asked == []
    assert hands.refused == ["No price can be set: it has ended."]


@pytest.mark.parametrize("way", ["escape", "other button", "focus"])
def test_a_drag_is_given_up_and_the_price_stays(hands: Hands, way: str) -> None:
    hands.canvas.setFocus()
    hands.drag(152_700)
    if way == "escape":
        hands.key(Qt.Key.Key_Escape)
    elif way == "other button":
        hands.mouse(QEvent.Type.MouseButtonPress, hands.on_line(), Qt.MouseButton.RightButton)
    else:
        hands.canvas.clearFocus()
    hands.release()
    assert (hands.asked, hands.head) == ([], "")


def test_dragged_back_to_where_it_was_nothing_is_asked_or_said(hands: Hands) -> None:
    hands.drag(152_700)
    hands.mouse(QEvent.Type.MouseMove, hands.on_line())
    hands.release()
    assert (hands.asked, hands.refused) == ([], [])


def test_a_drag_beside_the_line_pans_and_moves_no_price(hands: Hands) -> None:
    start = hands.on_line() + QPointF(0, 30)
    hands.mouse(QEvent.Type.MouseButtonPress, start)
    hands.mouse(QEvent.Type.MouseMove, start + QPointF(60, 40))
    hands.release()
    assert hands.asked == []
    assert not hands.canvas.follow


def test_the_pointer_says_where_a_line_can_be_taken(hands: Hands) -> None:
    hands.hover(hands.on_line())
    assert hands.canvas.cursor().shape() is Qt.CursorShape.SizeVerCursor
    hands.hover(hands.on_line() + QPointF(0, 30))
    assert hands.canvas.cursor().shape() is Qt.CursorShape.ArrowCursor


def test_by_keys_the_price_moves_by_ticks_enter_sends_and_escape_gives_up(hands: Hands) -> None:
    hands.canvas.setFocus()
    hands.key(Qt.Key.Key_Up)
    hands.key(Qt.Key.Key_Up)
    hands.key(Qt.Key.Key_Down)
    assert hands.head.startswith("15.25  +2 ticks, +$20.00 vs the bid")
    assert hands.tail == "Enter sets it, Esc leaves it."
    hands.key(Qt.Key.Key_Escape)
    assert (hands.head, hands.asked) == ("", [])
    hands.key(Qt.Key.Key_PageUp)
    hands.key(Qt.Key.Key_Return)
    assert hands.asked == [("a", D("15.34"))]


def test_escape_means_the_windows_cancel_only_while_no_price_is_being_chosen(
    hands: Hands,
) -> None:
    def taken() -> bool:
        event = QKeyEvent(
            QEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier
        )
        event.ignore()
        QApplication.sendEvent(hands.canvas, event)
        return event.isAccepted()

    assert not taken()
    hands.key(Qt.Key.Key_Up)
    assert taken()


def test_a_held_enter_sends_nothing(hands: Hands) -> None:
    hands.key(Qt.Key.Key_Up)
    held = QKeyEvent(
        QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r", True
    )
    QApplication.sendEvent(hands.canvas, held)
    assert hands.asked == []


def test_keys_are_about_the_order_in_hand_and_say_so_when_there_is_none(hands: Hands) -> None:
    other = order(limit_child(price="15.26"), name="b", price="15.26")
    hands.chart.set_orders((hands.order, other))
    hands.chart.choose("a")
    in_hand = hands.canvas.model.order_in_hand()
    assert in_hand is not None
    assert in_hand.id == "a"
    hands.chart.set_orders(())
    hands.key(Qt.Key.Key_Up)
    assert hands.refused == ["No order works on this chart."]


def test_a_price_on_its_way_is_a_dashed_line_beside_the_one_that_is_live(hands: Hands) -> None:
    old = limit_child(Liveness.CANCEL_SENT, price="15.24", cancel_sent_at=T0)
    moving = structs.replace(order(old, state=State.REPLACING), own_price=D("15.27"), times_set=1)
    hands.show(moving)
    image, frame = picture(hands.chart), hands.canvas.frame()
    now, y = place(frame, hands.canvas.model.now_ns, 152_700)
    line = share(image, (now + 4, y - 0.5, now + 60, y + 0.5), DARK.sell)
    assert 0.3 < line < 0.9
    assert share(image, (now - 60, y - 2, now - 4, y + 2), DARK.sell) == 0


# ---- crosshair and zoom ----------------------------------------------------------------------


def test_the_crosshair_reads_time_price_quote_and_ticks_from_both_touches(hands: Hands) -> None:
    hands.chart.add_quote(quote(T0 + NS, D("15.20"), D("15.30")))
    hands.tick()
    hands.hover(QPointF(*place(hands.canvas.frame(), T0 - 5 * NS, 152_600)))
    reading = hands.canvas.reading()
    assert reading is not None
    assert reading.lines[0].endswith("  15.26")
    assert reading.lines[0].startswith("13:46:3")
    assert reading.lines[1:] == (
        "15.23 / 15.32, spread 9¢ · 59 bps",
        "+3 ticks from the bid",
        "\N{MINUS SIGN}6 ticks from the ask",
    )
    picture(hands.chart)
    assert plot_box(hands.canvas.frame().plot).contains(hands.canvas.picture.boxes["crosshair"])


def test_the_crosshair_tells_the_fill_and_the_mark_under_it(hands: Hands) -> None:
    child = limit_child(executions=(fill(T0 - 3 * NS, 400, "15.24"),), acked_at=T0 - 15 * NS)
    hands.show(order(child, started_ns=T0 - 15 * NS))
    hands.hover(QPointF(*place(hands.canvas.frame(), T0 - 3 * NS, 152_400)))
    reading = hands.canvas.reading()
    assert reading is not None
    assert reading.lines[-1].endswith("filled 400 @ 15.24: SELL 1,000 @ 15.24")
    hands.hover(QPointF(*place(hands.canvas.frame(), T0 - 15 * NS, 152_400)))
    reading = hands.canvas.reading()
    assert reading is not None
    told = " ".join(reading.lines)
    assert "acknowledged" in told
    assert "clicked" in told


def test_in_a_gap_the_crosshair_reads_no_quotes(hands: Hands) -> None:
    hands.chart.mark_gap(T0, None)
    hands.chart.add_quote(quote(T0 + 9 * NS))
    hands.chart.tick(T0 + 10 * NS)
    hands.hover(QPointF(*place(hands.canvas.frame(), T0 + 5 * NS, 152_600)))
    reading = hands.canvas.reading()
    assert reading is not None
    assert reading.lines[1:] == ("no quotes",)


def test_after_now_the_crosshair_reads_the_quote_of_now_and_outside_nothing(
    hands: Hands,
) -> None:
    hands.hover(QPointF(*place(hands.canvas.frame(), T0 + 5 * NS, 152_600)))
    reading = hands.canvas.reading()
    assert reading is not None
    assert reading.lines[1].startswith("now 15.23 / 15.32")
    hands.hover(QPointF(hands.canvas.width() - 3, 100))
    assert hands.canvas.reading() is None
    QApplication.sendEvent(hands.canvas, QEvent(QEvent.Type.Leave))
    assert hands.canvas.model.pointed is None


def test_with_shift_arrows_move_the_crosshair(hands: Hands) -> None:
    hands.key(Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    before = hands.canvas.reading()
    hands.key(Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    hands.key(Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    after = hands.canvas.reading()
    assert before is not None
    assert after is not None
    assert after.units == before.units + 100
    assert after.at_ns < before.at_ns
    assert hands.head == "", "no price is being chosen by it"


def test_the_wheel_on_the_price_axis_zooms_prices_until_a_double_click(hands: Hands) -> None:
    before = hands.canvas.frame().scale
    axis = QPointF(hands.canvas.width() - 10, 200)
    for _ in range(3):
        hands.wheel(axis)
    zoomed = hands.canvas.frame().scale
    assert zoomed.high - zoomed.low < (before.high - before.low) * 0.6
    hands.chart.add_quote(quote(T0 + NS, D("15.50"), D("15.60")))
    hands.tick()
    assert hands.canvas.frame().scale == zoomed, "it stays as it was left"
    hands.mouse(QEvent.Type.MouseButtonDblClick, axis)
    assert hands.canvas.frame().scale.high > 156_000


def test_prices_are_never_zoomed_to_less_than_a_few_ticks_or_to_nonsense(hands: Hands) -> None:
    axis = QPointF(hands.canvas.width() - 10, 200)
    for up in (True, False):
        for _ in range(60):
            hands.wheel(axis, up)
        scale = hands.canvas.frame().scale
        assert 400 <= scale.high - scale.low <= 2 * 160_000
        assert scale.low >= 0
