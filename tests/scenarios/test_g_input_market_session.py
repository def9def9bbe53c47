"""G. Input, market, session: quotes that price nothing, halts, the close, parts of shares."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.engine.events import Level
from core.errors import Confirmation, Refusal
from core.exchange.market.trading_day import HOUR
from core.exchange.options import Knobs
from core.market.links import Link, LinkName, LinkState
from core.market.time import NS
from core.orders.plan import Fallback
from core.orders.state import State
from core.risk.pre_trade_controls import CONFIRMABLE
from core.wording.next_step import next_step
from tests.scenarios.venue_acts import execute
from tests.support.exchange_venue import HEARTBEAT
from tests.support.trading import (
    ASK,
    BID,
    STILL,
    Trading,
    instruction,
    outcome,
    play,
    quotes,
)
from tests.support.wide_limits import WIDE_LIMITS

CLOSE = 16 * HOUR


@pytest.mark.scenario(78)
@pytest.mark.parametrize(
    ("bid", "ask", "rule"),
    [
        ("0", ASK, "one-sided"),
        (BID, "0", "one-sided"),
        ("0", "0", "zero"),
        ("15.33", "15.32", "crossed"),
    ],
)
def test_a_quote_that_is_no_market_invents_no_price_and_sends_nothing(
    tmp_path: Path, bid: str, ask: str, rule: str
) -> None:
    async def scenario(t: Trading) -> None:
        with pytest.raises(Refusal) as refused:
            await t.engine.submit(instruction())
        assert refused.value.value == rule
        assert t.exchange.orders == {}
        assert t.engine.orders == {}
        t.quote(BID, ASK)
        assert (await t.working()).limit_price == Decimal("15.24")

    play(scenario, tmp_path, quotes((0, bid, ask)))


@pytest.mark.scenario(78)
def test_a_collar_without_a_market_is_not_priced_and_asks(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.canceling(await t.working(instruction(fallback=Fallback.COLLAR)))
        t.quote("0", ASK)
        order = await t.until_final(order)
        assert outcome(order) == (State.ATTENTION, 0)
        assert "only one side" in order.alarm
        assert t.venue.calls.count("POST") == 1

    play(scenario, tmp_path)


@pytest.mark.scenario(79)
def test_a_quote_older_than_the_limit_prices_nothing(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        cut = Link(LinkName.QUOTES, LinkState.RECONNECTING, t.engine.clock.now_ns())
        await asyncio.sleep(HEARTBEAT * 2)
        await t.venue.stop()  # no heartbeat and no quote from now on
        t.engine.sink.on_link(cut)
        t.engine.set_limits(replace(WIDE_LIMITS, max_quote_age=Decimal(5)))
        await asyncio.sleep(6)
        with pytest.raises(Refusal, match=r"newest quote is .* old") as refused:
            await t.engine.submit(instruction())
        assert refused.value.value == "stale"
        assert t.exchange.orders == {}
        assert t.engine.orders == {}

    play(scenario, tmp_path)


@pytest.mark.scenario(81)
def test_a_spread_wider_than_the_cap_is_refused_whatever_a_person_confirms(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        t.run.settings = replace(
            WIDE_LIMITS, max_spread_refuse_bps=Decimal(300), max_spread_ticks=10
        )
        await t.restart()
        t.quote("15.00", "15.60")
        with pytest.raises(Refusal, match="too wide to trade: 392 bps, above 300") as refused:
            await t.engine.submit(instruction(), confirmed=CONFIRMABLE)
        assert refused.value.rule == "spread-limit"
        assert t.exchange.orders == {}
        assert t.engine.orders == {}

    play(scenario, tmp_path)


@pytest.mark.scenario(81)
def test_a_market_fallback_waits_while_the_spread_is_wider_than_the_cap_and_says_why(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        t.run.settings = replace(
            WIDE_LIMITS, max_spread_refuse_bps=Decimal(300), max_spread_ticks=10
        )
        await t.restart()
        order = await t.working()
        t.quote("14.00", "15.30")
        order = await t.stays_open(order, 30)
        why = "The spread of UVXY is wider than your limit of 300 bps."
        assert next_step(order, t.engine.clock.now_ns()).lead == why
        assert t.notices(Level.WARNING) == [f"{why} The fallback for 100 shares waits."]
        assert t.venue.calls.count("POST") == 1
        t.quote(BID, ASK)
        order = await t.until_final(order, within=2)
        assert outcome(order) == (State.FILLED, 100)
        assert order.avg_price == Decimal(BID)

    play(scenario, tmp_path)


@pytest.mark.scenario(81)
def test_a_spread_that_stays_too_wide_for_the_window_asks_and_market_now_is_a_persons_answer(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        t.run.settings = replace(
            WIDE_LIMITS, max_spread_refuse_bps=Decimal(300), max_spread_ticks=10
        )
        await t.restart()
        first, second = await t.working(), await t.working(instruction(qty="50", timeout="600"))
        t.quote("14.00", "15.30")
        first = await t.stays_ended(first, 100)
        assert outcome(first) == (State.CANCELED, 0)
        assert "wider than your limit of 300 bps. 100 are left; decide yourself." in first.alarm
        await t.engine.market_now(second.id)
        assert outcome(await t.until_final(second, within=2)) == (State.FILLED, 50)

    play(scenario, tmp_path)


@pytest.mark.scenario(81)
def test_a_wide_spread_within_the_cap_sends_nothing_unless_a_person_confirms_it(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        t.run.settings = replace(WIDE_LIMITS, max_spread_bps=Decimal(100), max_spread_ticks=10)
        await t.restart()
        t.quote("15.00", "15.60")
        with pytest.raises(Confirmation, match="spread is wide") as refused:
            await t.engine.submit(instruction())
        assert refused.value.names == ("spread",)
        assert t.exchange.orders == {}
        assert t.engine.orders == {}

    play(scenario, tmp_path)


@pytest.mark.scenario(81)
def test_a_collared_fallback_never_sells_beyond_its_slippage_and_then_asks(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(qty="4000", fallback=Fallback.COLLAR))
        t.quote(BID, ASK, 30)
        order = await t.until_child(order, lambda child: child.filled > 0, place=1)
        t.quote("14.00", ASK)
        order = await t.until_final(order)
        assert order.state is State.ATTENTION
        assert 0 < order.filled < 4000
        collar = order.children[1].limit_price
        assert collar == Decimal("15.20")
        assert all(e.price >= collar for e in order.children[1].executions)
        assert t.live_at_broker() == []

    play(scenario, tmp_path)


@pytest.mark.scenario(84)
def test_in_a_halt_the_limit_is_cancelled_and_the_fallback_waits_says_why_and_asks(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.fill(order, 40)
        await asyncio.sleep(5)
        t.exchange.halt("UVXY")
        order = await t.stays_open(order, 30)
        assert t.live_at_broker() == []
        assert order.state is State.FALLBACK
        assert next_step(order, t.engine.clock.now_ns()).lead == "UVXY is halted."
        assert t.notices(Level.WARNING) == ["UVXY is halted. The fallback for 60 shares waits."]
        order = await t.stays_ended(order, 60)
        assert outcome(order) == (State.CANCELED, 40)
        assert "UVXY is halted. 60 are left; decide yourself." in order.alarm
        assert t.venue.calls.count("POST") == 1

    play(scenario, tmp_path)


@pytest.mark.scenario(84)
def test_a_halt_that_ends_within_the_window_lets_the_fallback_go(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.canceling(await t.working())
        t.exchange.halt("UVXY")
        order = await t.stays_open(order, 20)
        t.exchange.resume("UVXY")
        order = await t.until_final(order, within=2)
        assert outcome(order) == (State.FILLED, 100)
        assert t.venue.calls == ["POST", "DELETE", "POST"]

    play(scenario, tmp_path)


@pytest.mark.scenario(84)
def test_a_person_may_cancel_what_waits_for_the_end_of_a_halt(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.canceling(await t.working())
        t.exchange.halt("UVXY")
        order = await t.stays_open(order, 20)
        await t.engine.cancel(order.id)
        t.exchange.resume("UVXY")
        order = await t.stays_ended(order, 60)
        assert outcome(order) == (State.CANCELED, 0)
        assert len(t.exchange.orders) == 1

    play(scenario, tmp_path)


@pytest.mark.scenario(85)
def test_a_proof_that_comes_after_the_close_sends_no_fallback_and_says_so(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.fill(order, 40)
        assert t.engine.market is not None
        close = t.engine.market.next_close_ns
        order = await t.stays_ended(order, 120)
        sent = order.children[0].cancel_sent_at
        assert sent is not None
        assert sent < close < (order.ended_ns or 0)
        assert order.filled == 40
        assert order.state in (State.CANCELED, State.EXPIRED)
        assert order.reason
        assert len(t.exchange.orders) == 1

    play(
        scenario,
        tmp_path,
        knobs=Knobs(hidden_chance=0.0, price_improvement=0.0, cancel_delay=2.0),
        start_of_day=CLOSE - 11 * NS,
    )


@pytest.mark.scenario(85)
def test_a_deadline_after_the_close_sends_no_market_order_into_tomorrow(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.fill(order, 40)
        t.venue.travel["DELETE"] = 0.4  # the cancel is confirmed in the last moment
        order = await t.canceling(order)
        t.venue.travel["GET"] = 1.0
        t.venue.mute = True  # and read when the bell has rung
        order = await t.stays_ended(order, 120)
        assert outcome(order) == (State.CANCELED, 40)
        assert "The market is closed. 60 are left; decide yourself." in order.alarm
        assert len(t.exchange.orders) == 1

    play(scenario, tmp_path, knobs=STILL, start_of_day=CLOSE - 11 * NS)


@pytest.mark.scenario(86)
def test_parts_of_a_share_add_up_to_exactly_what_was_asked(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(qty="1"))
        for part in ("0.1", "0.2", "0.7"):
            execute(t, order, part)
        order = await t.until_final(order)
        assert outcome(order) == (State.FILLED, 1)
        assert order.rest == 0
        assert t.venue.calls == ["POST"]

    play(scenario, tmp_path)
