"""C. Stream content: frames twice, late, reordered, contradictory, malformed, impossible."""

import asyncio
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.engine.events import Level
from core.exchange.faults.faults import Fault, Kind
from core.orders.state import State
from tests.scenarios.frames import Frame, doctored, without
from tests.scenarios.venue_acts import order_from_elsewhere, rewrite
from tests.support.trading import Trading, outcome, play


@pytest.mark.scenario(31)
def test_an_execution_that_comes_twice_counts_once(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.exchange.faults.arm(Fault(Kind.UPDATE_TWICE, event="partial_fill"))
        t.fill(order, 40)
        order = await t.stays_open(order, 1)
        assert order.filled == order.children[0].explained == 40

    play(scenario, tmp_path)


@pytest.mark.scenario(32)
def test_a_reconnect_that_replays_everything_ends_the_order_once(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.fill(order, 40)
        t.fill(order, 60)
        order = await t.until_final(order)
        ended = order.ended_ns
        t.venue.cut_stream()
        t.venue.mend_stream()
        assert t.exchange.replay_updates() > 3
        order = await t.stays_ended(order, 5)
        assert outcome(order) == (State.FILLED, 100)
        assert order.ended_ns == ended
        assert t.venue.calls == ["POST"]

    play(scenario, tmp_path)


@pytest.mark.scenario(33)
def test_one_execution_id_with_two_quantities_is_read_and_not_guessed(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.fill(order, 40)
        order = await t.until_child(order, lambda child: child.filled == 40)
        first = t.frames("partial_fill")[0]["data"]["execution_id"]
        t.venue.mute = True
        t.fill(order, 60)
        t.venue.mute = False
        t.venue.inject(doctored(t.frames("fill")[0], execution_id=first))
        order = await t.until_final(order)
        assert outcome(order) == (State.FILLED, 100)
        assert order.children[0].explained == 40
        assert t.venue.calls == ["POST", "GET"]
        assert any("twice with different numbers" in said for said in t.notices(Level.ALARM))

    play(scenario, tmp_path)


@pytest.mark.scenario(34)
def test_fills_out_of_order_fill_once_at_the_price_of_both(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.exchange.faults.arm(Fault(Kind.UPDATE_LATE, event="partial_fill", seconds=0.1))
        t.fill(order, 40)
        t.fill(order, 60)
        order = await t.stays_ended(order, 5)
        assert outcome(order) == (State.FILLED, 100)
        assert [e.qty for e in order.children[0].executions] == [60, 40]
        assert order.avg_price == Decimal("15.24")
        assert t.venue.calls == ["POST"]

    play(scenario, tmp_path)


@pytest.mark.scenario(35)
def test_a_stale_new_after_a_partial_fill_is_ignored(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.fill(order, 40)
        await t.until_child(order, lambda child: child.filled == 40)
        t.venue.inject(t.frames("new")[0])
        order = await t.stays_open(order, 1)
        assert order.filled == 40
        assert order.children[0].status == "partially_filled"

    play(scenario, tmp_path)


@pytest.mark.scenario(36)
@pytest.mark.parametrize("event", ["pending_new", "new"])
def test_a_stale_word_leaves_a_cancel_in_flight(tmp_path: Path, event: str) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(Fault(Kind.CANCEL_SLOW, seconds=1.5))
        order = await t.canceling(await t.working())
        t.venue.inject(t.frames(event)[0])
        assert t.now(order).state is State.CANCELING
        order = await t.until_final(order)
        assert t.venue.calls == ["POST", "DELETE", "POST"]
        assert order.filled == 100

    play(scenario, tmp_path)


@pytest.mark.scenario(37)
def test_an_order_of_another_touchline_is_read_shown_as_an_orphan_and_left_alone(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        order_from_elsewhere(t, "tl-zzz-1")
        await t.stays_open(order, 5)
        (alarm,) = t.notices(Level.ALARM)
        assert "tl-zzz-1" in alarm
        assert "SELL 50 UVXY @ 15.40" in alarm
        assert ", 0 filled." in alarm
        assert t.venue.calls == ["POST", "GET"]
        assert list(t.engine.orders) == [order.id]
        assert "tl-zzz-1" in t.live_at_broker()

    play(scenario, tmp_path)


@pytest.mark.scenario(37)
@pytest.mark.parametrize(("status", "words"), [(404, "find nothing"), (503, "could not be read")])
def test_an_orphan_that_no_read_finds_is_told_for_what_it_is(
    tmp_path: Path, status: int, words: str
) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.answer("GET", status, times=5)
        order_from_elsewhere(t, "tl-zzz-1")
        await asyncio.sleep(20)
        (alarm,) = t.notices(Level.ALARM)
        assert words in alarm
        assert t.venue.calls == ["GET"] * 5

    play(scenario, tmp_path)


@pytest.mark.scenario(37)
def test_an_unknown_child_of_an_order_is_read_adopted_and_stops_what_is_too_much(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        t.oracle.venue_errs = True  # nobody may send under our ids
        order = await t.working()
        t.fill(order, 70)
        await t.until_child(order, lambda child: child.filled == 70)
        order_from_elsewhere(t, f"tl-{order.id}-3")
        order = await t.until_final(order)
        assert [c.client_id for c in order.children] == [f"tl-{order.id}-1", f"tl-{order.id}-3"]
        assert outcome(order) == (State.ATTENTION, 70)
        assert any("did not know" in said for said in t.notices(Level.ALARM))
        assert t.live_at_broker() == []
        await t.restart()
        assert t.now(order) == order

    play(scenario, tmp_path)


@pytest.mark.scenario(37)
def test_an_order_that_is_not_touchlines_is_shown_once_and_never_touched(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order_from_elsewhere(t, "web-1")
        t.quote("15.40", "15.45", 20)
        t.quote("15.23", "15.32")
        await asyncio.sleep(5)
        told = [said for said in t.notices(Level.INFO) if "not Touchline's" in said]
        assert told == [
            "At the venue and not Touchline's: SELL 50 UVXY @ 15.40 (web-1). It is left alone."
        ]
        assert t.notices(Level.ALARM) == t.venue.calls == []
        assert t.live_at_broker() == ["web-1"]

    play(scenario, tmp_path)


def changed(order: dict[str, Any] | None = None, **data: Any) -> Callable[[Frame], bytes]:
    """A frame with other words in it."""
    return lambda frame: json.dumps(doctored(frame, order, **data)).encode()


MALFORMED: dict[str, Callable[[Frame], bytes]] = {
    "half a frame": lambda frame: json.dumps(frame).encode()[:-9],
    "no event": lambda frame: json.dumps(without(frame, "event")).encode(),
    "no status": lambda frame: json.dumps(without(frame, "status")).encode(),
    "no filled quantity": lambda frame: json.dumps(without(frame, "filled_qty")).encode(),
    "null execution": changed(execution_id=None),
    "NaN": changed({"filled_qty": "NaN"}),
    "a word for a number": changed(qty="forty"),
}


@pytest.mark.scenario(38)
@pytest.mark.parametrize("spoil", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_frame_is_dropped_and_told_and_its_order_is_read(
    tmp_path: Path, spoil: Callable[[Frame], bytes]
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.venue.mute = True
        t.fill(order, 40)
        t.venue.mute = False
        t.venue.inject(spoil(t.frames("partial_fill")[0]))
        order = await t.until_child(order, lambda child: child.filled == 40)
        assert t.venue.calls == ["POST", "GET"]
        assert t.engine.counters.bad_frames == 1
        assert len(t.notices(Level.WARNING)) == 1
        t.fill(order, 60)
        assert (await t.until_final(order)).state is State.FILLED

    play(scenario, tmp_path)


@pytest.mark.scenario(38)
def test_a_number_with_an_idle_zero_is_that_number_and_an_unknown_event_is_no_fill(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.venue.mute = True
        t.fill(order, 40)
        t.venue.mute = False
        frame = t.frames("partial_fill")[0]
        t.venue.inject(doctored(t.frames("new")[0], event="something_new"))
        assert outcome(t.now(order)) == (State.WORKING, 0)
        t.venue.inject(doctored(frame, {"filled_qty": "40.0"}, qty="40.0"))
        assert t.now(order).filled == 40
        t.venue.inject(b"\xff\xfe no frame at all")
        t.fill(order, 60)
        assert (await t.until_final(order)).filled == 100

    play(scenario, tmp_path)


@pytest.mark.scenario(39)
@pytest.mark.parametrize("qty", ["0", "-40", "400"])
def test_an_impossible_fill_is_not_applied_but_read(tmp_path: Path, qty: str) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.venue.mute = True
        t.fill(order, 40)
        t.venue.mute = False
        t.venue.inject(doctored(t.frames("partial_fill")[0], qty=qty))
        order = await t.stays_open(order, 1)
        assert t.venue.calls == ["POST", "GET"]
        assert order.filled == 40
        assert order.children[0].explained == 0

    play(scenario, tmp_path)


@pytest.mark.scenario(40)
def test_more_filled_than_asked_is_recorded_alarms_and_reverses_nothing(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.oracle.venue_errs = True
        order = await t.working()
        t.venue.mute = True
        t.fill(order, 100)
        rewrite(t, order, filled=Decimal(105))
        t.venue.mute = False
        t.venue.inject(doctored(t.frames("fill")[0], {"filled_qty": "105"}, qty="105"))
        order = await t.stays_ended(order, 60)
        assert outcome(order) == (State.ATTENTION, 105)
        assert any("105 filled of 100" in said for said in t.notices(Level.ALARM))
        assert len(t.exchange.orders) == 1

    play(scenario, tmp_path)


@pytest.mark.scenario(41)
@pytest.mark.parametrize("event", ["trade_bust", "trade_correct"])
def test_a_bust_is_recorded_and_alarms_and_nothing_is_sold_again(
    tmp_path: Path, event: str
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.fill(order, 100)
        order = await t.until_final(order)
        t.oracle.venue_errs = True
        rewrite(t, order, filled=Decimal(60))
        t.venue.inject(doctored(t.frames("fill")[0], {"filled_qty": "60"}, event=event))
        order = await t.stays_ended(order, 60)
        assert outcome(order) == (State.ATTENTION, 60)
        assert any("60 of 100 now stand" in said for said in t.notices(Level.ALARM))
        assert len(t.exchange.orders) == 1

    play(scenario, tmp_path)


@pytest.mark.scenario(42)
def test_a_fill_lost_on_a_healthy_socket_is_found_at_the_deadline_without_polling(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.exchange.faults.arm(Fault(Kind.UPDATE_DROP, event="partial_fill"))
        t.fill(order, 40)
        await asyncio.sleep(9.5)
        assert t.now(order).filled == 0
        assert t.venue.calls == ["POST"]
        order = await t.until_final(order)
        assert [c.filled for c in order.children] == [40, 60]

    play(scenario, tmp_path)


@pytest.mark.scenario(43)
def test_a_quantity_known_from_a_read_is_not_counted_again_by_its_execution(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.exchange.faults.arm(Fault(Kind.UPDATE_LATE, event="partial_fill", seconds=3))
        t.fill(order, 40)
        t.venue.cut_stream()
        t.venue.mend_stream()
        order = await t.until_child(order, lambda child: child.filled == 40)
        assert order.children[0].executions == ()
        order = await t.until_child(order, lambda child: bool(child.executions))
        assert order.filled == order.children[0].explained == 40

    play(scenario, tmp_path)
