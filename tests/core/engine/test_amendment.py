"""A price set by hand, on the real exchange and the real journal, in virtual time."""

import asyncio
import contextlib
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from core.engine.events import Level
from core.errors import Confirmation, Refusal
from core.exchange.faults.faults import Fault, Kind
from core.market.prices import Side
from core.market.quotes import Trade
from core.market.time import NS
from core.orders.plan import Plan, stepped
from core.orders.plan_input import parse_steps
from core.orders.state import ParentOrder, State
from core.risk.amendment import CONFIRMABLE, why_not
from tests.support.trading import Crashed, Trading, instruction, play
from tests.support.wide_limits import WIDE_LIMITS

D = Decimal
WHOLE = "5000"  # the exchange's account holds this much: a sell of it keeps its reservation


def prices(order: ParentOrder) -> list[str]:
    """Limits of the children, in order; a market order has none."""
    return [str(c.limit_price) for c in order.children]


async def in_force(t: Trading, order: ParentOrder, price: str) -> ParentOrder:
    """The order once `price` is proven to be in force."""

    def proven() -> bool:
        now = t.now(order)
        return now.state is State.WORKING and now.live_children[0].limit_price == D(price)

    return await t.until(proven, order)


@pytest.mark.parametrize("qty", ["100", WHOLE])
def test_a_price_set_by_hand_is_in_force_once_the_venue_proves_it(tmp_path: Path, qty: str) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.calls.clear()
        order = await t.working(instruction(qty=qty))
        order = await t.engine.reprice(order.id, D("15.26"))
        assert order.state is State.REPLACING
        order = await in_force(t, order, "15.26")
        assert t.venue.calls == ["POST", "DELETE", "POST"]
        deadline = order.deadline_ns
        assert deadline == order.started_ns + 10 * NS, "the deadline stays"
        order = await t.until_final(order)
        assert order.state is State.FILLED
        assert order.filled == t.at_broker(order) == int(qty)

    play(scenario, tmp_path)


def test_a_buy_is_moved_too_and_reserves_what_it_costs_more(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(Side.BUY))
        order = await in_force(t, await t.engine.reprice(order.id, D("15.28")), "15.28")
        order = await t.until_final(order)
        assert prices(order) == ["15.30", "15.28", "None"]
        assert t.at_broker(order) == 100

    play(scenario, tmp_path)


def test_later_steps_are_given_up_and_the_fallback_is_not(tmp_path: Path) -> None:
    plan = stepped(parse_steps(("0.5:3", "0.75:4", "0.85:3")))

    async def scenario(t: Trading) -> None:
        order = await t.working(msgspec.structs.replace(instruction(), plan=plan))
        await t.engine.reprice(order.id, D("15.30"))
        order = await t.until_final(order)
        assert prices(order) == ["15.28", "15.30", "None"]
        assert order.state is State.FILLED

    play(scenario, tmp_path)


def test_a_new_price_after_a_new_price_replaces_it_in_turn(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(qty=WHOLE))
        for price in ("15.26", "15.27", "15.28"):
            await t.engine.reprice(order.id, D(price))
            await asyncio.sleep(0.003)
        order = await in_force(t, order, "15.28")
        assert t.live_at_broker() == [order.children[-1].client_id]
        assert (await t.until_final(order)).filled == t.at_broker(order) == 5000

    play(scenario, tmp_path)


def test_a_held_order_may_be_moved_and_stays_held(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.engine.pause((await t.working()).id)
        order = await in_force(t, await t.engine.reprice(order.id, D("15.26")), "15.26")
        order = await t.stays_open(order, 60)
        assert order.deadline_ns is None
        await t.until_final(await t.engine.cancel(order.id))

    play(scenario, tmp_path)


# ---- the worst moments ----------------------------------------------------------------------


@pytest.mark.parametrize("after", [0.0, 0.002, 0.004, 0.006, 0.01, 0.05])
@pytest.mark.parametrize("size", [40, 5000])
@pytest.mark.parametrize("qty", ["100", WHOLE])
def test_a_fill_at_any_moment_of_a_reprice_is_counted_once(
    tmp_path: Path, after: float, size: int, qty: str
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(qty=qty))
        await t.engine.reprice(order.id, D("15.26"))
        await asyncio.sleep(after)
        t.fill(order, size)
        order = await t.until_final(order)
        assert order.state is State.FILLED
        assert order.filled == t.at_broker(order) == int(qty)
        assert t.live_at_broker() == []

    play(scenario, tmp_path)


def test_a_price_set_while_a_fill_is_on_its_way_leads_to_nothing_more(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(qty=WHOLE))
        t.venue.calls.clear()
        t.fill(order, 5000)  # the frame is still on its way
        await t.engine.reprice(order.id, D("15.26"))
        order = await t.until_final(order)
        assert order.state is State.FILLED
        assert "POST" not in t.venue.calls
        assert len(t.exchange.orders) == 1

    play(scenario, tmp_path)


def test_a_cancel_that_is_never_proven_keeps_the_new_limit_back(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.exchange.faults.arm(Fault(Kind.CANCEL_STUCK))
        await t.engine.reprice(order.id, D("15.26"))
        order = await t.stays_open(order, 5)
        assert (order.state, len(order.children)) == (State.REPLACING, 1)
        t.exchange.release_cancels()
        await in_force(t, order, "15.26")

    play(scenario, tmp_path)


def test_in_a_halt_the_order_stays_and_the_new_price_waits_for_its_end(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.exchange.faults.arm(Fault(Kind.CANCEL_SLOW, seconds=1.0))
        await t.engine.reprice(order.id, D("15.26"))
        t.exchange.halt("UVXY")
        order = await t.stays_open(order, 3)
        assert order.live_children == ()
        assert t.notices(Level.WARNING) == [
            "UVXY is halted. Nothing is live until yours may be sent."
        ]
        t.exchange.resume("UVXY")
        t.quote("15.23", "15.32")
        await in_force(t, order, "15.26")

    play(scenario, tmp_path)


@pytest.mark.parametrize("press", ["cancel", "market_now"])
@pytest.mark.parametrize("after", [0.0, 0.002, 0.004, 0.006, 0.01, 0.05])
@pytest.mark.parametrize("qty", ["100", WHOLE])
def test_cancel_and_market_now_win_in_the_middle_of_it(
    tmp_path: Path, press: str, after: float, qty: str
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(qty=qty))
        await t.engine.reprice(order.id, D("15.26"))
        await asyncio.sleep(after)
        await getattr(t.engine, press)(order.id)
        order = await t.until_final(order)
        sold = 0 if press == "cancel" else int(qty)
        assert order.filled == t.at_broker(order) == sold
        assert t.live_at_broker() == []

    play(scenario, tmp_path)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("qty", ["100", WHOLE])
@pytest.mark.parametrize("sleep", [0.0, 4.0])
def test_a_crash_at_any_journal_write_of_it_sells_all_once(
    tmp_path: Path, when: str, qty: str, sleep: float
) -> None:
    deaths: list[bool] = []

    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(qty=qty))
        t.fill(order, 40)
        t.killer.arm(when, number)
        with contextlib.suppress(Crashed):
            await t.engine.reprice(order.id, D("15.26"))
            ending = asyncio.ensure_future(t.until_final(order))
            dying = asyncio.ensure_future(t.killer.dead.wait())
            await asyncio.wait([ending, dying], return_when=asyncio.FIRST_COMPLETED)
        deaths.append(t.killer.dead.is_set())
        await t.crash()
        await asyncio.sleep(sleep)
        await t.restart()
        order = await t.until_final(order)
        assert order.filled == t.at_broker(order) == int(qty), order.reason
        assert t.live_at_broker() == []

    for number in range(1, 60):
        folder = tmp_path / str(number)
        folder.mkdir()
        play(scenario, folder)
        if any(deaths) and not deaths[-1]:
            break
    assert sum(deaths) > 10


# ---- the boundary ---------------------------------------------------------------------------


REFUSALS = [
    ("15.265", "increment", "whole cents"),
    ("0", "increment", "above 0"),
    ("-1", "increment", "above 0"),
    ("NaN", "increment", "above 0"),
    ("15.24", "unchanged", "its price already"),
    ("15.17", "far-touch", "Market now"),
]


@pytest.mark.parametrize(("price", "rule", "words"), REFUSALS)
def test_what_can_not_be_is_refused_with_the_rule_and_changes_nothing(
    tmp_path: Path, price: str, rule: str, words: str
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        with pytest.raises(Refusal, match=words) as refused:
            await t.engine.reprice(order.id, D(price), CONFIRMABLE)
        assert refused.value.rule == rule
        assert refused.value.sentence.endswith("SELL 100 UVXY stays at 15.24.")
        assert t.now(order) == order

    play(scenario, tmp_path)


@pytest.mark.parametrize(("price", "where"), [("15.23", "at"), ("15.21", "past")])
def test_a_marketable_price_asks_first(tmp_path: Path, price: str, where: str) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        with pytest.raises(Confirmation, match=f"is {where} the bid of 15.23") as asks:
            await t.engine.reprice(order.id, D(price))
        assert asks.value.names == ("marketable",)
        order = await t.engine.reprice(order.id, D(price), asks.value.names)
        order = await t.until_final(order)
        assert order.avg_price == D("15.23")
        assert not order.fell_back

    play(scenario, tmp_path)


async def refused(t: Trading, order: ParentOrder, price: str) -> Refusal:
    """Why that price is not taken."""
    with pytest.raises(Refusal) as told:
        await t.engine.reprice(order.id, D(price), CONFIRMABLE)
    return told.value


def test_the_traders_own_limit_is_not_passed(tmp_path: Path) -> None:
    plan = Plan(D("0.5"), D(10), limit=D("15.26"))

    async def scenario(t: Trading) -> None:
        order = await t.working(msgspec.structs.replace(instruction(), plan=plan))
        assert "limit of 15.26" in (await refused(t, order, "15.25")).sentence
        assert (await t.engine.reprice(order.id, D("15.26"))).own_price == D("15.26")

    play(scenario, tmp_path)


def test_the_controls_of_the_desk_judge_it_too(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.engine.risk_inputs.settings = msgspec.structs.replace(WIDE_LIMITS, max_notional=D(1527))
        assert (await refused(t, order, "15.28")).rule == "max-notional"
        t.engine.risk_inputs.settings = msgspec.structs.replace(
            WIDE_LIMITS, price_band_percent=D(5)
        )
        t.engine.sink.on_trade(Trade("UVXY", D(15), 100, 0, 0))
        with pytest.raises(Confirmation, match="5 %") as asks:
            await t.engine.reprice(order.id, D("15.80"))
        assert asks.value.names == ("price-band",)
        t.engine.risk_inputs.settings = WIDE_LIMITS
        t.quote("15.23", "0")
        await asyncio.sleep(0.1)
        assert (await refused(t, order, "15.28")).rule == "quote"
        t.exchange.halt("UVXY")
        await asyncio.sleep(0.1)
        assert (await refused(t, order, "15.28")).rule == "halt"

    play(scenario, tmp_path)


def test_a_dearer_buy_needs_the_money(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(Side.BUY))
        assert t.engine.account is not None
        t.engine.account_state.account = msgspec.structs.replace(
            t.engine.account, buying_power=D("0.99")
        )
        told = await refused(t, order, "15.31")
        assert (told.rule, told.value) == ("funds", D("15.31"))

    play(scenario, tmp_path)


def test_an_order_that_is_not_at_work_says_why_it_cannot_be_moved(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.engine.submit(instruction())
        assert why_not(order) == "it is not live yet"
        order = await t.until_child(order, lambda child: child.status == "new")
        t.exchange.faults.arm(Fault(Kind.CANCEL_STUCK))
        order = await t.engine.market_now(order.id)
        assert (await refused(t, order, "15.26")).sentence == (
            "The price of SELL 100 UVXY cannot be set: its fallback is under way."
        )
        order = await t.engine.cancel(order.id)
        assert why_not(order) == "it is being cancelled"
        await asyncio.sleep(0.1)
        t.exchange.release_cancels()
        order = await t.until_final(order)
        assert (await refused(t, order, "15.26")).sentence.endswith("it has ended.")

    play(scenario, tmp_path)
