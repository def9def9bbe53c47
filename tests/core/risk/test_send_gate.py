"""What keeps an order back: its own opposite orders, through the whole engine and exchange."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from core.engine.events import Level
from core.errors import Refusal
from core.exchange.matching.exchange import Exchange
from core.exchange.matching.orders import Order
from core.market.prices import Side
from core.orders.plan import Fallback, Step, stepped
from core.orders.state import ParentOrder, State
from core.risk import send_gate
from core.risk.send_gate import (
    Block,
    Look,
    NotWanted,
    Send,
    SendContext,
    Verdict,
    Withhold,
    resting,
    verdict,
)
from core.wording.next_step import next_step
from tests.support.scripted_orders import ScriptedOrder
from tests.support.trading import ASK, BID, Trading, instruction, outcome, play
from tests.support.wide_limits import WIDE_LIMITS

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
        sell = await t.until_final(sell, within=17)
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
    market = (send_gate.Resting("UVXY", BUY, None),)
    assert "at market" in send_gate.wash_trade(SELL, ask, market)
    assert send_gate.wash_trade(BUY, ask, market) == ""
    assert send_gate.wash_trade(SELL, ask, (send_gate.Resting("UVXY", BUY, bid),)) == ""


def test_only_what_may_still_trade_counts_as_open() -> None:
    told = ScriptedOrder()
    assert resting([told.order], "UVXY") == ()  # not sent yet
    assert len(resting([told.order], "UVXY", unsent=True)) == 1
    assert resting([told.order], "IBM", unsent=True) == ()
    told.working()
    assert [o.limit for o in resting([told.order], "UVXY")] == [told.order.limit_price]
    told.filled(1000, 1000)
    assert resting([told.order], "UVXY", unsent=True) == ()


def test_every_rule_lets_a_limit_in_a_usual_moment_go() -> None:
    order = ScriptedOrder().order
    assert send_gate.block_for(order, order.children[0], SendContext()) is None


# ---- the verdict ------------------------------------------------------------------------------


def ask(told: ScriptedOrder, look: Look, place: int = 0, **now: Any) -> Verdict:
    """The gate's answer about the child at `place`."""
    name = told.order.children[place].client_id
    return verdict(told.order, name, look, SendContext(now_ns=told.at, **now))


def falling_back() -> ScriptedOrder:
    """An order whose limit is proven cancelled at its deadline; its fallback has not left."""
    return ScriptedOrder().working().wait(10).timed_out().reported("canceled")


def test_a_limit_in_a_usual_moment_may_leave_at_every_look() -> None:
    told = ScriptedOrder()
    child = told.order.children[0]
    assert ask(told, Look.DUE) == ask(told, Look.READY) == Send(child)
    told.sent()
    assert ask(told, Look.RECORDED) == Send(told.order.children[0])


def test_a_post_that_is_due_is_not_wanted_twice_nor_once_the_child_is_dead() -> None:
    assert ask(ScriptedOrder().sent(), Look.DUE) == NotWanted()
    assert ask(ScriptedOrder().working(), Look.DUE) == NotWanted()
    assert ask(falling_back(), Look.DUE) == NotWanted()
    assert isinstance(ask(falling_back(), Look.DUE, place=1), Send)


@pytest.mark.parametrize("look", Look)
def test_a_child_that_there_is_not_is_not_wanted(look: Look) -> None:
    assert verdict(ScriptedOrder().order, "tl-other-1", look, SendContext()) == NotWanted()


def test_what_is_recorded_is_withheld_once_a_person_cancels() -> None:
    told = ScriptedOrder().sent().cancel_asked()
    assert ask(told, Look.RECORDED) == Withhold()
    assert ask(told, Look.RECORDED, halted=True) == Withhold(), "that comes before what bars it"


def test_a_recorded_fallback_is_withheld_once_its_grace_is_over() -> None:
    told = falling_back()
    assert isinstance(ask(told, Look.RECORDED, place=1), Send)
    assert isinstance(ask(told.wait(60), Look.RECORDED, place=1), Send)
    assert ask(told.wait(0.001), Look.RECORDED, place=1) == Withhold()
    assert isinstance(ask(told, Look.READY, place=1), Send), "only a recorded one is withheld"


def test_what_bars_a_post_is_asked_before_it_is_recorded_and_after() -> None:
    told = falling_back()
    for look in (Look.READY, Look.RECORDED):
        block = ask(told, look, place=1, halted=True)
        assert isinstance(block, Block)
        assert (block.reason, block.retry_after) == ("UVXY is halted.", 1.0)
    assert isinstance(ask(told, Look.DUE, place=1, halted=True), Send), "it is not asked when due"


# ---- the short-sale restriction --------------------------------------------------------------

RULE = (
    "UVXY is under the short-sale restriction (Rule 201): "
    "a short may be sold only above the best bid."
)


async def flat(t: Trading) -> None:
    """All shares are sold, and short sales are allowed."""
    await t.until_final(await t.engine.submit(instruction(qty="5000", timeout="1")))
    assert t.exchange.account.shares("UVXY") == 0
    t.quote(BID, ASK)  # all its size is there again
    t.exchange.options = structs.replace(t.exchange.options, allow_short=True)
    t.engine.risk_inputs.settings = structs.replace(WIDE_LIMITS, short_sales=True)
    t.venue.calls.clear()


def test_a_restricted_short_is_refused_at_the_bid_and_taken_above_it(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        await flat(t)
        t.exchange.restrict("UVXY")
        with pytest.raises(Refusal, match="Rule 201") as refused:
            await t.engine.submit(instruction(fraction="1"))
        assert refused.value.rule == "short-restriction"
        assert t.venue.calls == []
        assert (await t.working()).limit_price == Decimal("15.24")

    play(scenario, tmp_path)


def test_the_fallback_of_a_restricted_short_waits_says_why_and_goes_when_it_is_lifted(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        await flat(t)
        order = await t.working()
        t.exchange.restrict("UVXY")
        order = await t.stays_open(order, 30)
        assert order.state is State.FALLBACK
        assert lead(t, order) == RULE
        assert t.notices(Level.WARNING)[-1] == f"{RULE} The fallback for 100 shares waits."
        assert t.venue.calls == ["POST", "DELETE"]
        t.exchange.unrestrict("UVXY")
        assert outcome(await t.until_final(order, within=2)) == (State.FILLED, 100)

    play(scenario, tmp_path)


@pytest.mark.parametrize("fallback", [Fallback.MARKET, Fallback.COLLAR])
def test_a_restriction_longer_than_the_window_sends_nothing_and_asks(
    tmp_path: Path, fallback: Fallback
) -> None:
    async def scenario(t: Trading) -> None:
        await flat(t)
        order = await t.working(instruction(fallback=fallback))
        t.exchange.restrict("UVXY")
        order = await t.stays_ended(order, 100)
        assert outcome(order) == (State.CANCELED, 0)
        assert f"{RULE} 100 are left; decide yourself." in order.alarm
        assert t.venue.calls == ["POST", "DELETE"]

    play(scenario, tmp_path)


def test_a_step_of_a_restricted_short_waits_while_its_price_is_at_the_bid(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        await flat(t)
        asked = instruction()
        steps = (Step(Decimal("0.5"), Decimal(3)), Step(Decimal(1), Decimal(10)))
        order = await t.working(structs.replace(asked, plan=stepped(steps)))
        t.exchange.restrict("UVXY")
        order = await t.stays_open(order, 6)
        assert lead(t, order) == RULE
        assert t.notices(Level.WARNING)[-1] == f"{RULE} The limit for 100 shares waits."
        t.quote("15.20", ASK)  # now its price is above the bid
        order = await t.until_child(order, lambda child: child.status == "new", place=1, within=2)
        assert order.children[1].limit_price == Decimal("15.23")

    play(scenario, tmp_path)


def test_the_sale_of_what_is_held_is_not_restricted(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.restrict("UVXY")
        order = await t.until_final(await t.engine.submit(instruction(fraction="1")))
        assert outcome(order) == (State.FILLED, 100)

    play(scenario, tmp_path)


def test_without_a_quote_a_restricted_short_is_held_back() -> None:
    assert "Rule 201" in send_gate.short_restricted("UVXY", Decimal(ASK), None)
    order = structs.replace(ScriptedOrder().order, short=True)
    bar = send_gate.block_for(order, order.children[0], SendContext(restricted=True))
    assert bar is not None
    assert "Rule 201" in bar.reason


def test_what_becomes_forbidden_while_the_journal_is_written_does_not_leave(
    tmp_path: Path,
) -> None:
    halts: list[Exchange] = []

    def on_write(when: str, number: int) -> None:
        while halts and when == "before":
            halts.pop().halt("UVXY")

    async def scenario(t: Trading) -> None:
        order = await t.canceling(await t.working())
        order = await t.until_child(order, lambda child: child.dead)
        halts.append(t.exchange)  # at the next write, which is the one before the fallback's POST
        order = await t.stays_open(order, 5)
        assert order.children[1].error == "UVXY is halted."
        assert (order.children[1].posts, halts) == (0, [])
        assert t.venue.calls == ["POST", "DELETE"]
        t.exchange.resume("UVXY")
        assert outcome(await t.until_final(order, within=2)) == (State.FILLED, 100)

    play(scenario, tmp_path, on_write=on_write)
