"""What keeps an order back: its own opposite orders, through the whole engine and exchange."""

from decimal import Decimal
from pathlib import Path

import pytest

from core import brakes
from core.brakes import Moment, resting
from core.errors import Refusal
from core.events import Level
from core.exchange.orders import Order
from core.next_step import next_step
from core.order_state import ParentOrder, State
from core.plan import Fallback
from core.prices import Side
from tests.core.told_orders import Told
from tests.support.trading import ASK, BID, Trading, instruction, outcome, play

BUY, SELL = Side.BUY, Side.SELL
OWN = "Your own buy of UVXY at 15.23 is open: trading with it would be a wash trade."


async def low_buy(t: Trading) -> ParentOrder:
    """A buy of ours at the bid that nobody will take for a while."""
    return await t.working(instruction(BUY, "50", timeout="600", fraction="0"))


def lead(t: Trading, order: ParentOrder) -> str:
    return next_step(t.now(order), t.engine.clock.now_ns()).lead


def test_a_limit_that_would_meet_our_own_opposite_order_is_refused(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        buy = await t.working(instruction(BUY, "50", timeout="600"))
        assert buy.limit_price == Decimal("15.30")
        with pytest.raises(Refusal, match="wash trade") as refused:
            await t.engine.submit(instruction())
        assert refused.value.rule == "wash"
        assert "Your own buy of UVXY at 15.30 is open" in refused.value.sentence
        assert t.venue.calls == ["POST"]

    play(scenario, tmp_path)


def test_opposite_limits_that_do_not_meet_may_both_work(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        await low_buy(t)
        sell = await t.working()
        assert sell.limit_price == Decimal("15.24")
        assert len(t.live_at_broker()) == 2

    play(scenario, tmp_path)


def test_no_market_order_is_sent_beside_our_own_opposite_order_and_the_wait_says_why(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        buy = await low_buy(t)
        sell = await t.stays_open(await t.working(), 30)
        assert sell.state is State.FALLBACK
        assert lead(t, sell) == OWN
        assert t.notices(Level.WARNING) == [f"{OWN} The fallback for 100 shares waits."]
        assert t.venue.calls == ["POST", "POST", "DELETE"]
        await t.engine.cancel(buy.id)
        await t.until_final(buy)
        proven = t.engine.clock.now_ns()
        sell = await t.until_final(sell, within=0.5)  # at once, not at its next turn
        assert outcome(sell) == (State.FILLED, 100)
        assert (sell.ended_ns or 0) - proven < 10**8

    play(scenario, tmp_path)


def test_a_wait_longer_than_the_window_sends_nothing_and_asks(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        await low_buy(t)
        sell = await t.working()
        t.fill(sell, 40)
        await t.until_child(sell, lambda child: child.filled > 0)
        sell = await t.stays_ended(sell, 100)
        assert outcome(sell) == (State.CANCELED, 40)
        assert f"{OWN} 60 are left; decide yourself." in sell.alarm
        assert len(t.exchange.orders) == 2

    play(scenario, tmp_path)


def test_a_collar_waits_too_and_has_its_whole_time_afterwards(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        buy = await low_buy(t)
        sell = await t.stays_open(await t.working(instruction(fallback=Fallback.COLLAR)), 40)
        assert lead(t, sell) == OWN
        await t.engine.cancel(buy.id)
        sell = await t.until_final(sell, within=2)
        assert outcome(sell) == (State.FILLED, 100)

    play(scenario, tmp_path)


def test_two_fallbacks_against_one_another_go_one_after_the_other(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        buy = await t.engine.submit(instruction(BUY, "50", timeout="10", fraction="0"))
        sell = await t.engine.submit(instruction(timeout="10", fraction="0"))
        for order in (buy, sell):
            done = await t.until_final(order, within=20)
            assert done.state is State.FILLED
            assert done.fell_back
        assert 403 not in [status for _, status in t.venue.statuses]

    play(scenario, tmp_path)


def test_an_order_made_elsewhere_that_the_venue_names_is_waited_for(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        body = {"symbol": "UVXY", "qty": "10", "side": "buy", "type": "limit"}
        other = t.exchange.submit(body | {"time_in_force": "day", "limit_price": "15.00"})
        sell = await t.stays_open(await t.working(), 20)
        assert lead(t, sell) == "potential wash trade detected. use complex orders"
        assert other.body is not None
        t.exchange.cancel(str(other.body["id"]))
        sell = await t.until_final(sell, within=3)
        assert outcome(sell) == (State.FILLED, 100)
        assert all(o.client_order_id.endswith(("-1", "-2")) for o in ours(t))
        assert len(ours(t)) == 2  # one id for the fallback, however often it was refused

    play(scenario, tmp_path)


def ours(t: Trading) -> list[Order]:
    return [o for o in t.exchange.orders.values() if o.client_order_id.startswith("tl-")]


def test_after_a_restart_an_opposite_order_of_the_earlier_run_still_holds_the_fallback(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        buy = await low_buy(t)
        sell = await t.canceling(await t.working())
        await t.restart()
        sell = await t.stays_open(sell, 20)
        assert lead(t, sell) == OWN
        await t.engine.cancel(buy.id)
        assert (await t.until_final(sell, within=2)).state is State.FILLED

    play(scenario, tmp_path)


def test_a_market_order_of_our_own_stands_against_every_order_of_the_other_side() -> None:
    bid, ask = Decimal(BID), Decimal(ASK)
    market = (brakes.Resting("UVXY", BUY, None),)
    assert "at market" in brakes.wash_trade(SELL, ask, market)
    assert brakes.wash_trade(BUY, ask, market) == ""
    assert brakes.wash_trade(SELL, ask, (brakes.Resting("UVXY", BUY, bid),)) == ""


def test_only_what_may_still_trade_counts_as_open() -> None:
    told = Told()
    assert resting([told.order], "UVXY") == ()  # not sent yet
    assert len(resting([told.order], "UVXY", unsent=True)) == 1
    assert resting([told.order], "IBM", unsent=True) == ()
    told.working()
    assert [o.limit for o in resting([told.order], "UVXY")] == [told.order.limit_price]
    told.filled(1000, 1000)
    assert resting([told.order], "UVXY", unsent=True) == ()


def test_every_brake_lets_a_limit_in_a_usual_moment_go() -> None:
    order = Told().order
    assert brakes.bar(order, order.children[0], Moment()) is None
