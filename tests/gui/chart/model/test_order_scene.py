"""What an order looks like on the chart at each stage: proven is solid, the rest is not."""

from decimal import Decimal as D

import pytest
from msgspec import structs

from core.market.time import NS
from core.orders.plan import Step
from core.orders.state import Cause, ChildKind, ChildOrder, Liveness, ParentOrder, State
from gui.chart.model.order_scene import MarkKind, draw_order, sentence, waiting
from tests.gui.chart.samples import T0, fill, limit_child, order


def kinds(drawing_marks: object) -> list[MarkKind]:
    assert isinstance(drawing_marks, tuple)
    return [mark.kind for mark in drawing_marks]


@pytest.mark.parametrize(
    ("liveness", "solid"),
    [
        (Liveness.UNSENT, False),
        (Liveness.SENT, False),
        (Liveness.UNKNOWN, False),
        (Liveness.CHECKING, False),
        (Liveness.WORKING, True),
        (Liveness.CANCEL_SENT, True),
        (Liveness.DEAD, True),
    ],
)
def test_a_line_is_solid_only_from_the_venues_own_word_on(liveness: Liveness, solid: bool) -> None:
    (line,) = draw_order(order(limit_child(liveness))).lines
    assert (line.confirmed_ns is not None) is solid


def test_a_line_that_was_never_acknowledged_is_not_solid() -> None:
    (line,) = draw_order(order(limit_child(acked_at=None))).lines
    assert line.confirmed_ns is None


def test_a_working_order_runs_from_its_click_to_its_deadline() -> None:
    drawing = draw_order(order())
    assert (drawing.start_ns, drawing.deadline_ns) == (T0 - 4 * NS, T0 + 6 * NS)
    assert drawing.counting
    assert drawing.title == "SELL 1,000 @ 15.24"


def replacing() -> ParentOrder:
    """At 15.24 with its cancel sent, and 15.27 asked for by hand."""
    old = limit_child(Liveness.CANCEL_SENT, cancel_sent_at=T0 - NS)
    moved = order(old, state=State.REPLACING)
    return structs.replace(moved, own_price=D("15.27"), times_set=1)


def stepped(*children: ChildOrder, step: int = 0, own_price: str | None = None) -> ParentOrder:
    """Ten seconds from the click in three steps: 3, 3 and 4 seconds."""
    steps = (Step(D("0.5"), D(3)), Step(D("0.7"), D(3)), Step(D("0.85"), D(4)))
    made = order(*children, started_ns=T0 - NS, deadline_ns=T0 + 9 * NS)
    plan = structs.replace(made.instruction.plan, fraction=D("0.5"), timeout=D(10), steps=steps)
    set_price = None if own_price is None else D(own_price)
    return structs.replace(
        made,
        instruction=structs.replace(made.instruction, plan=plan),
        step=step,
        own_price=set_price,
        times_set=0 if own_price is None else 1,
    )


def test_the_end_of_every_step_is_marked_and_the_next_one_is_told_from_the_rest() -> None:
    step_ends = draw_order(stepped()).step_ends
    assert [(end.at_ns - T0) // NS for end in step_ends] == [2, 5, 9]
    assert [end.next for end in step_ends] == [True, False, False]
    assert step_ends[0].words == "then 0.7 of the spread"
    assert step_ends[-1].words == "then 1,000 to market"
    assert waiting(stepped(), T0) == ("next price in 2.0 s", "then 0.7 of the spread")


def test_in_the_last_step_and_after_a_price_set_by_hand_only_the_deadline_is_left() -> None:
    for last in (stepped(step=2), stepped(own_price="15.27")):
        assert [end.at_ns for end in draw_order(last).step_ends] == [T0 + 9 * NS]
        assert waiting(last, T0)[0] == "cancel in 9.0 s"


def test_a_held_order_has_no_end_to_mark() -> None:
    assert draw_order(structs.replace(stepped(), deadline_ns=None)).step_ends == ()


def test_the_prices_of_an_order_follow_one_another_and_its_title_stands_at_the_last() -> None:
    first = limit_child(
        Liveness.DEAD, price="15.30", cancel_sent_at=T0 - 2 * NS, dead_at=T0 - NS - 1
    )
    second = structs.replace(
        limit_child(price="15.27", acked_at=T0 - NS // 2), client_id="tl-a-2", made_ns=T0 - NS
    )
    drawing = draw_order(order(first, second, price="15.30"))
    assert [(line.units, line.start_ns) for line in drawing.lines] == [
        (153_000, T0 - 4 * NS),
        (152_700, T0 - NS),
    ]
    assert drawing.title == "SELL 1,000 @ 15.27"
    assert drawing.titled == (T0 - NS, 152_700)
    assert [(m.kind, m.units) for m in drawing.marks if m.kind is MarkKind.REPLACING] == [
        (MarkKind.REPLACING, 152_700)
    ]


def test_a_price_on_its_way_is_seen_beside_the_one_that_may_still_fill() -> None:
    drawing = draw_order(replacing())
    assert drawing.replacing
    assert (drawing.live_units, drawing.aim_units) == (152_400, 152_700)
    assert drawing.counting, "the deadline runs on"
    assert waiting(replacing(), T0) == ("waiting for proof 1.0 s", "then 15.27")


@pytest.mark.parametrize("state", [State.CANCELING, State.FALLBACK, State.UNCERTAIN, State.FILLED])
def test_the_bar_burns_down_only_while_the_limit_may_wait(state: State) -> None:
    assert not draw_order(order(state=state)).counting


def test_a_paused_order_counts_nothing() -> None:
    paused = order(deadline_ns=None)
    assert not draw_order(paused).counting
    assert waiting(paused, T0)[0].startswith("paused")


def test_the_words_burn_down_and_name_what_follows() -> None:
    partly = order(limit_child(executions=(fill(T0 - NS, 400),)))
    assert waiting(partly, T0) == ("cancel in 6.0 s", "then 600 to market")
    assert waiting(partly, T0 + 2 * NS)[0] == "cancel in 4.0 s"


def test_a_cancel_that_is_not_proven_waits_and_its_line_stays_open() -> None:
    child = limit_child(Liveness.CANCEL_SENT, cancel_sent_at=T0 - NS)
    asked = order(child, state=State.CANCELING, cause=Cause.TIMEOUT)
    drawing = draw_order(asked)
    assert drawing.lines[0].end_ns is None
    assert drawing.live
    assert kinds(drawing.marks)[-1] is MarkKind.CANCEL_ASKED
    assert waiting(asked, T0) == ("waiting for proof 1.0 s", "then 1,000 to market")


def test_a_proven_cancel_ends_the_line_where_it_was_proven() -> None:
    child = limit_child(Liveness.DEAD, cancel_sent_at=T0 - NS, dead_at=T0 - NS // 2)
    drawing = draw_order(order(child, state=State.FALLBACK, cause=Cause.TIMEOUT))
    assert drawing.lines[0].end_ns == T0 - NS // 2
    assert not drawing.live
    assert kinds(drawing.marks) == [
        MarkKind.CLICKED,
        MarkKind.ACKNOWLEDGED,
        MarkKind.CANCEL_ASKED,
        MarkKind.CANCEL_PROVEN,
    ]


def test_a_filled_order_ends_without_a_cancel() -> None:
    child = limit_child(Liveness.DEAD, dead_at=T0, executions=(fill(T0, 1000),))
    filled = order(child, state=State.FILLED, ended_ns=T0)
    assert kinds(draw_order(filled).marks)[-1] is MarkKind.ENDED
    assert waiting(filled, T0 + NS) == ("filled 1,000 @ 15.24", "")


def test_fills_of_the_fallback_are_told_from_those_of_the_limit() -> None:
    market = ChildOrder(
        client_id="tl-a-2",
        kind=ChildKind.MARKET,
        qty=D(600),
        limit_price=None,
        filled=D(600),
        explained=D(600),
        executions=(fill(T0, 600, "15.23", "y"),),
    )
    child = limit_child(Liveness.DEAD, dead_at=T0 - NS, executions=(fill(T0 - 2 * NS, 400),))
    drawing = draw_order(order(child, market, state=State.FALLBACK))
    assert [(f.qty, f.units, f.words) for f in drawing.fills] == [
        (D(400), 152_400, "400"),
        (D(600), 152_300, "600 market"),
    ]
    assert len(drawing.lines) == 1


def test_a_collared_fallback_has_a_line_of_its_own_from_the_proof_on() -> None:
    collar = ChildOrder(
        client_id="tl-a-2", kind=ChildKind.COLLAR, qty=D(1000), limit_price=D("15.20"), posts=1
    )
    child = limit_child(Liveness.DEAD, dead_at=T0 - NS)
    done = structs.replace(
        collar, filled=D(5), explained=D(5), executions=(fill(T0, 5, "15.21", "z"),)
    )
    assert [f.words for f in draw_order(order(child, done)).fills] == ["5 collar"]
    drawing = draw_order(order(child, collar, state=State.FALLBACK))
    assert kinds(drawing.marks)[-1] is MarkKind.FALLBACK
    assert drawing.titled == (T0 - 4 * NS, 152_400), "the title stays at the limit"
    assert (drawing.lines[1].units, drawing.lines[1].start_ns) == (152_000, T0 - NS)
    assert drawing.live_units == 152_000


def test_shares_known_only_from_a_read_are_still_drawn() -> None:
    child = limit_child(executions=(fill(T0 - NS, 400),))
    silent = ChildOrder(
        client_id="tl-a-1",
        kind=ChildKind.LIMIT,
        qty=D(1000),
        limit_price=D("15.24"),
        liveness=Liveness.WORKING,
        filled=D(700),
        explained=child.explained,
        executions=child.executions,
        as_of=T0,
    )
    marks = draw_order(order(silent)).fills
    assert [(mark.qty, mark.at_ns) for mark in marks] == [(D(400), T0 - NS), (D(300), T0)]


def test_an_order_can_be_heard_in_one_sentence() -> None:
    partly = order(limit_child(executions=(fill(T0 - NS, 400),)))
    assert sentence(partly, T0) == (
        "SELL 1,000 @ 15.24, 400 filled: cancel in 6.0 s, then 600 to market."
    )
