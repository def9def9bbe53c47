"""L. Told early, told exactly."""

import asyncio
import io
from pathlib import Path

import pytest

from core.cli.commands import _finals_told
from core.cli.printer import Printer
from core.engine.events import Level
from core.exchange.faults.faults import Fault, Kind
from core.market.time import NS
from core.orders.state import ParentOrder, State
from tests.support.trading import SYMBOL, Trading, instruction, outcome, play


def wash(broker_id: str) -> dict[str, object]:
    """What Alpaca says of an order that would meet another one of the account."""
    return {
        "code": 40310000,
        "existing_order_id": broker_id,
        "message": "potential wash trade detected. use complex orders",
        "reject_reason": "opposite side limit order exists",
    }


async def refused_fallback(t: Trading, broker_id: str, times: int) -> ParentOrder:
    """An order whose fallback the venue will not let meet another one, again and again."""
    order = await t.working()
    t.venue.answer("POST", 403, wash(broker_id), times)
    return await t.until_child(order, lambda child: bool(child.error), place=1)


@pytest.mark.scenario(109)
def test_a_fallback_that_would_meet_another_order_says_so_at_once_and_which_one(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        elsewhere = {"symbol": SYMBOL, "side": "buy", "type": "limit", "time_in_force": "day"}
        t.exchange.submit(
            elsewhere | {"qty": "50", "limit_price": "15.00", "client_order_id": "by hand"}
        )
        other = t.exchange.order_by_client_id("by hand")
        order = await refused_fallback(t, other.id, 3)
        first = t.engine.clock.now_ns()
        (alarm,) = t.notices(Level.ALARM)
        assert "they could trade with another order of this account" in alarm
        await asyncio.sleep(0.1)
        named = [said for said in t.notices(Level.WARNING) if said.startswith("In the way of")]
        assert named == [
            "In the way of SELL 100 UVXY is BUY 50 UVXY @ 15.00 (by hand), which is not "
            "Touchline's: cancel it at the broker to let the fallback through."
        ]
        await asyncio.sleep(8)
        t.exchange.cancel(other.id)
        order = await t.until_final(order)
        assert outcome(order) == (State.FILLED, 100)
        assert t.engine.clock.now_ns() - first > 14 * NS, "2, 4 and 8 seconds were waited"
        assert len([s for s in t.notices(Level.WARNING) if s.startswith("In the way of")]) == 1

    play(scenario, tmp_path)


@pytest.mark.scenario(109)
def test_an_order_of_our_own_that_is_in_the_way_is_offered_to_be_cancelled(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        own = await t.working(instruction(fraction="0", timeout="300"))
        order = await refused_fallback(t, own.children[0].broker_id or "", 1)
        await asyncio.sleep(0.1)
        named = [said for said in t.notices(Level.WARNING) if said.startswith("In the way of")]
        assert f"'touchline cancel {own.id}'" in named[0]
        await t.engine.cancel(own.id)
        assert outcome(await t.until_final(order)) == (State.FILLED, 100)

    play(scenario, tmp_path)


@pytest.mark.scenario(111)
def test_the_command_line_says_every_ten_seconds_what_a_market_order_waits_for(
    tmp_path: Path,
) -> None:
    out = io.StringIO()

    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(timeout="1"))
        t.exchange.faults.arm(Fault(Kind.UPDATE_DROP, times=0, event="fill"))
        order = await t.until_child(order, lambda child: child.acked_at is not None, place=1)
        t.venue.cut_rest()
        waiting = asyncio.ensure_future(
            _finals_told(t.engine, [order.id], Printer(False, out, out))
        )
        await asyncio.sleep(25)
        assert not waiting.done()
        t.venue.mend_rest()
        await waiting
        lines = [line for line in out.getvalue().splitlines() if "waiting for" in line]
        assert len(lines) >= 2
        assert all("100 to go, waiting for fills" in line for line in lines), lines

    play(scenario, tmp_path)
