"""A window that hangs: the engine on its own thread goes on, and the window catches up."""

import time
from decimal import Decimal

import pytest

from core.market.prices import Side
from core.market.time import NS
from core.orders.state import State
from gui.controllers.desk import Desk
from tests.gui.waiting import until
from tests.gui.window.test_at_work import Play, arm, order, send

BLOCKED_S = 2.5  # longer than the order's whole life; the scenario says 5


@pytest.mark.scenario(88)
def test_while_the_window_hangs_deadline_cancel_and_fallback_go_on_and_are_shown_afterwards(
    play: Play,
) -> None:
    async def story(desk: Desk) -> None:
        desk.window.ticket.rows.wait_field.setText("1")
        desk.window.ticket.rows.wait_field.textEdited.emit("1")
        await arm(desk)
        order_id = await send(desk, Side.SELL)
        await until(lambda: order(desk, order_id).state is State.WORKING)
        hang(BLOCKED_S)
        assert order(desk, order_id).state is State.WORKING  # it has seen nothing yet
        await until(lambda: order(desk, order_id).final)
        done = order(desk, order_id)
        assert (done.state, done.filled) == (State.FILLED, Decimal(done.qty))
        assert done.ended_ns is not None
        assert done.ended_ns - done.started_ns < 2 * NS
        told = [entry.sentence for entry in desk.order_display.stories.of(order_id)]
        assert "time is up" in told

    play(story)


def hang(seconds: float) -> None:
    """Block the window's thread, as a display that computes too long does."""
    time.sleep(seconds)
