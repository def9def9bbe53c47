"""Orders outside regular hours: limit orders only, and only when the settings allow them."""

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from core.analysis.preview import outlook
from core.errors import Refusal
from core.exchange.market.trading_day import HOUR
from core.market.prices import Side
from core.market.time import NS
from core.market.trading_hours import MarketClock, TradingHours
from core.orders.plan import Fallback, Step, stepped
from core.orders.state import State
from core.venue.alpaca.order_requests import order_body
from core.venue.interface import PostRequest
from tests.support.trading import Trading, instruction, outcome, play
from tests.support.wide_limits import WIDE_LIMITS

H = 3600 * NS
EARLY, LATE = 9 * HOUR, 16 * HOUR - 5 * NS  # an hour and a half before the opening; at the close


def allow(t: Trading) -> None:
    t.engine.risk_inputs.settings = structs.replace(WIDE_LIMITS, extended_hours=True)


def test_outside_regular_hours_an_order_is_refused_until_the_settings_allow_it(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        with pytest.raises(Refusal, match="allow no order in extended hours") as refused:
            await t.engine.submit(instruction())
        assert refused.value.rule == "session"
        assert t.exchange.orders == {}
        allow(t)
        assert (await t.working()).extended

    play(scenario, tmp_path, start_of_day=EARLY)


def test_in_the_night_there_is_no_order_whatever_the_settings(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        allow(t)
        with pytest.raises(Refusal, match="The market is closed"):
            await t.engine.submit(instruction())

    play(scenario, tmp_path, start_of_day=3 * HOUR)


def test_an_order_before_the_opening_fills_and_is_marked_for_those_hours(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        allow(t)
        order = await t.working()
        assert t.at_venue(order).extended_hours
        t.fill(order, 100)
        assert outcome(await t.until_final(order)) == (State.FILLED, 100)

    play(scenario, tmp_path, start_of_day=EARLY)


@pytest.mark.parametrize("fallback", list(Fallback))
def test_nothing_falls_back_outside_regular_hours_and_the_preview_says_so(
    tmp_path: Path, fallback: Fallback
) -> None:
    async def scenario(t: Trading) -> None:
        allow(t)
        asked = instruction(fallback=fallback)
        now = t.engine.risk_inputs.pre_trade(await t.engine.asset("UVXY"), t.engine.clock.now_ns())
        shown = outlook(Side.SELL, asked.qty, asked.plan, now)
        assert shown.ready
        assert shown.otherwise.endswith("cancelled; outside regular hours limit orders only")
        order = await t.until_final(await t.working(asked))
        assert outcome(order) == (State.CANCELED, 0)
        assert order.instruction.plan.fallback is Fallback.NONE
        assert t.venue.calls == ["POST", "DELETE"]

    play(scenario, tmp_path, start_of_day=EARLY)


def test_market_now_is_not_sent_outside_regular_hours_and_is_left_to_the_person(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        allow(t)
        order = await t.working()
        await t.engine.market_now(order.id)
        order = await t.until_final(order)
        assert outcome(order) == (State.CANCELED, 0)
        assert "The market is closed. 100 are left; decide yourself." in order.alarm
        assert len(t.exchange.orders) == 1

    play(scenario, tmp_path, start_of_day=EARLY)


def test_the_steps_of_a_plan_are_priced_outside_regular_hours(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        allow(t)
        steps = (Step(Decimal("0.5"), Decimal(3)), Step(Decimal("0.85"), Decimal(5)))
        order = await t.working(structs.replace(instruction(), plan=stepped(steps)))
        order = await t.until_child(order, lambda child: child.status == "new", place=1)
        assert all(o.extended_hours for o in t.exchange.orders.values())

    play(scenario, tmp_path, start_of_day=EARLY)


def test_after_the_close_an_order_trades_on_and_one_of_the_day_has_ended(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        allow(t)
        of_the_day = await t.working(instruction(timeout="600"))
        assert not of_the_day.extended
        assert (await t.until_final(of_the_day)).state is State.EXPIRED
        await asyncio.sleep(60)
        await t.engine.account_state.refresh()  # the venue's clock now speaks of tomorrow
        t.quote("15.23", "15.32")
        late = await t.working()
        t.fill(late, 100)
        assert outcome(await t.until_final(late)) == (State.FILLED, 100)

    play(scenario, tmp_path, start_of_day=LATE)


def test_at_the_end_of_extended_hours_what_is_left_expires(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        allow(t)
        await asyncio.sleep(2)
        order = await t.working(instruction(timeout="3600"))
        await t.engine.pause(order.id)
        await asyncio.sleep(20)
        assert t.live_at_broker() == [f"tl-{order.id}-1"]
        await asyncio.sleep(4 * 3600)
        assert t.now(order).state is State.EXPIRED

    play(scenario, tmp_path, start_of_day=16 * HOUR - NS // 2)


@pytest.mark.parametrize(
    ("at", "session"),
    [
        (0, TradingHours.CLOSED),
        (4 * H - 1, TradingHours.CLOSED),
        (4 * H, TradingHours.EXTENDED),
        (9 * H + H // 2, TradingHours.REGULAR),
        (16 * H - 1, TradingHours.REGULAR),
        (16 * H, TradingHours.EXTENDED),
        (20 * H - 1, TradingHours.EXTENDED),
        (20 * H, TradingHours.CLOSED),
    ],
)
def test_the_hours_of_a_day_are_known_from_its_opening_and_close(
    at: int, session: TradingHours
) -> None:
    opening, close, day = 9 * H + H // 2, 16 * H, 24 * H
    if at < close:
        clock = MarketClock(False, at, opening, close)
        assert clock.hours(at) is session
        return
    assert MarketClock(True, at - 10 * H, opening + day, close).hours(at) is session
    later = MarketClock(False, at, opening + day, close + day, last_close_ns=close)
    assert later.hours(at) is session
    unknown = MarketClock(False, at, opening + day, close + day)
    assert unknown.hours(at) is TradingHours.CLOSED  # today may have had no session at all


def test_the_flag_goes_with_a_limit_only_when_asked_for() -> None:
    request: Any = PostRequest("c", "UVXY", Side.BUY, Decimal(1), Decimal("15.24"))
    assert "extended_hours" not in order_body(request)
    assert order_body(structs.replace(request, extended=True))["extended_hours"] is True
