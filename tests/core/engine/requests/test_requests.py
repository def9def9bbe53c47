"""What a person may ask for, in the whole engine, in virtual time."""

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.engine.events import Level
from core.errors import Confirmation, Refusal
from core.journal.reader import JournalReader
from core.journal.replay import replay
from core.market.prices import Side
from core.market.time import NS
from core.orders.plan import Fallback
from core.orders.refused_instruction import RefusedInstruction
from core.orders.state import State
from core.risk.limits import DEFAULTS
from tests.scenarios.venue_acts import order_from_elsewhere
from tests.support.trading import Trading, instruction, play, quotes
from tests.support.wide_limits import WIDE_LIMITS

D = Decimal
RISES = quotes((0, "15.23", "15.32"), (3, "15.24", "15.33"))


def with_settings(t: Trading, **changed: Any) -> None:
    t.engine.risk_inputs.settings = msgspec.structs.replace(WIDE_LIMITS, **changed)


def turned_away(t: Trading) -> list[RefusedInstruction]:
    reader = JournalReader(t.run.journal)
    try:
        assert replay(reader.load()).keys() == t.engine.orders.keys()
        return reader.turned_away()
    finally:
        reader.close()


# ---- a new order ---------------------------------------------------------------------------


def test_the_same_intent_twice_is_one_order(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        asked = instruction()
        one, two = await t.engine.submit(asked), await t.engine.submit(asked)
        assert one.id == two.id
        await t.until_final(one)
        assert t.at_broker(one) == 100

    play(scenario, tmp_path, RISES)


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ((0, "0", "15.32"), "one-sided"),
        ((0, "15.33", "15.32"), "crossed"),
    ],
)
def test_a_quote_that_cannot_price_an_order_is_refused_before_the_journal(
    tmp_path: Path, row: tuple[float, str, str], rule: str
) -> None:
    async def scenario(t: Trading) -> None:
        with pytest.raises(Refusal) as refused:
            await t.engine.submit(instruction())
        assert refused.value.value == rule
        assert not t.engine.orders
        assert not t.exchange.orders

    play(scenario, tmp_path, quotes(row))


def test_a_halted_symbol_is_refused(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.halt("UVXY")
        with pytest.raises(Refusal, match="halted"):
            await t.engine.submit(instruction())

    play(scenario, tmp_path)


def test_nothing_is_sent_while_the_order_stream_is_down(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.cut_stream()
        with pytest.raises(Refusal, match="order stream"):
            await t.engine.submit(instruction())

    play(scenario, tmp_path)


def test_an_unknown_symbol_is_refused(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        with pytest.raises(Refusal):
            await t.engine.asset("NOPE")

    play(scenario, tmp_path)


def test_a_refusal_is_journaled_with_its_input_and_is_no_order(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        with_settings(t, max_shares=D(99))
        asked = instruction()
        t.venue.calls.clear()
        with pytest.raises(Refusal, match="more than your limit of 99") as refused:
            await t.engine.submit(asked)
        assert refused.value.rule == "max-shares"
        assert t.engine.orders == {}
        assert t.venue.calls == []
        (record,) = turned_away(t)
        assert record.instruction == asked
        assert record.controls == ("max-shares",)
        assert record.sentence == refused.value.sentence
        assert not record.asks
        assert record.quote == t.engine.board.quotes["UVXY"]
        assert (record.venue, record.account) == ("embedded", "EXTEST1")

    play(scenario, tmp_path)


def test_the_same_order_within_ten_seconds_asks_and_is_sent_when_confirmed(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        with_settings(t, duplicate_window=D(10))
        await t.engine.submit(instruction())
        again = instruction()
        with pytest.raises(Confirmation) as asks:
            await t.engine.submit(again)
        assert asks.value.names == ("duplicate",)
        assert [r.asks for r in turned_away(t)] == [True]
        assert len(t.engine.orders) == 1
        sent = await t.engine.submit(again, ("duplicate",))
        assert sent.instruction == again
        await asyncio.sleep(10)
        await t.engine.submit(instruction())
        assert len(t.engine.orders) == 3

    play(scenario, tmp_path)


def test_a_repeated_submit_of_one_intent_is_neither_a_duplicate_nor_counted(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        with_settings(t, duplicate_window=D(10), orders_per_minute=1)
        asked = instruction()
        one = await t.engine.submit(asked)
        assert (await t.engine.submit(asked)).id == one.id

    play(scenario, tmp_path)


def test_a_minute_after_the_limit_of_orders_the_next_one_is_taken(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        with_settings(t, orders_per_minute=2)
        await t.engine.submit(instruction(qty="1"))
        await asyncio.sleep(30)
        await t.engine.submit(instruction(qty="2"))
        with pytest.raises(Refusal, match="as many as your limit allows"):
            await t.engine.submit(instruction(qty="3"))
        await asyncio.sleep(30)
        await t.engine.submit(instruction(qty="3"))

    play(scenario, tmp_path)


def test_open_buys_are_reserved_and_what_does_not_fill_comes_back(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        assert t.engine.account is not None
        power = t.engine.account.buying_power
        qty = int(power / D("15.32"))
        one = await t.working(instruction(Side.BUY, str(qty), timeout="60"))
        with pytest.raises(Refusal, match="buying power is") as refused:
            await t.engine.submit(instruction(Side.BUY, "100"))
        assert refused.value.rule == "funds"
        await t.engine.cancel(one.id)
        await t.until_final(one)
        assert t.engine.account.buying_power == power
        two = await t.until_final(await t.engine.submit(instruction(Side.BUY, "100", timeout="1")))
        assert two.avg_price is not None
        assert t.engine.account.buying_power == power - 100 * two.avg_price

    play(scenario, tmp_path)


def test_shares_that_another_order_holds_are_refused_before_the_venue_is_asked(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        await t.working(instruction(qty="4950", timeout="60"))
        t.venue.calls.clear()
        with pytest.raises(Refusal, match="Only 50 UVXY are available; 4,950 are reserved"):
            await t.engine.submit(instruction())
        assert t.venue.calls == []

    play(scenario, tmp_path)


def test_settings_that_cannot_be_read_refuse_orders_and_let_cancels_by(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        one = await t.working(instruction())
        t.engine.risk_inputs.settings_error = "The settings in x cannot be used: y."
        with pytest.raises(Refusal, match="settings in x"):
            await t.engine.submit(instruction())
        await t.engine.cancel(one.id)
        assert (await t.until_final(one)).state is State.CANCELED

    play(scenario, tmp_path)


def test_the_defaults_let_a_usual_order_by(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.engine.risk_inputs.settings = DEFAULTS
        assert (await t.until_final(await t.engine.submit(instruction()))).filled == 100

    play(scenario, tmp_path)


def test_a_short_sale_is_refused_until_the_settings_allow_it_and_then_marked_as_one(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        await t.until_final(await t.engine.submit(instruction(qty="5000", timeout="1")))
        assert t.exchange.account.shares("UVXY") == 0
        t.exchange.options = msgspec.structs.replace(t.exchange.options, allow_short=True)
        with pytest.raises(Refusal, match="You hold no UVXY to sell"):
            await t.engine.submit(instruction())
        with_settings(t, short_sales=True)
        order = await t.until_final(await t.engine.submit(instruction(timeout="1")))
        assert order.short
        assert (order.state, order.fell_back) == (State.FILLED, True)
        assert t.exchange.account.shares("UVXY") == -100
        assert t.engine.positions["UVXY"].qty == -100
        with pytest.raises(Refusal, match="never turns short into long"):
            await t.engine.submit(instruction(Side.BUY, "101"))

    play(scenario, tmp_path)


# ---- an order there is ---------------------------------------------------------------------


def test_a_manual_cancel_ends_the_order_without_fallback(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.engine.submit(instruction())
        await t.until(lambda: t.engine.orders[order.id].state is State.WORKING, order)
        asked = await t.engine.cancel(order.id)
        assert asked.state is State.CANCELING
        order = await t.until_final(order)
        assert order.state is State.CANCELED
        assert len(order.children) == 1
        assert t.live_at_broker() == []

    play(scenario, tmp_path)


def test_a_cancel_before_the_post_left_means_that_none_leaves(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.calls.clear()
        order = await t.engine.submit(instruction())
        order = await t.engine.cancel(order.id)
        order = await t.until_final(order)
        assert order.state is State.CANCELED
        assert t.venue.calls.count("POST") == len(t.exchange.orders)
        assert t.live_at_broker() == []

    play(scenario, tmp_path)


def test_market_now_cancels_proves_and_sends_the_rest(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.engine.submit(instruction(fallback=Fallback.NONE))
        await t.until(lambda: t.engine.orders[order.id].state is State.WORKING, order)
        order = await t.until_final(await t.engine.market_now(order.id))
        assert order.state is State.FILLED
        assert order.fell_back
        assert t.engine.clock.now_ns() - order.started_ns < 2 * NS

    play(scenario, tmp_path)


def test_a_held_order_keeps_working_until_a_person_decides(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.engine.submit(instruction())
        await t.until(lambda: t.engine.orders[order.id].state is State.WORKING, order)
        await t.engine.pause(order.id)
        order = await t.until_final(order)
        assert order.state is State.FILLED
        assert not order.fell_back
        assert order.ended_ns is not None
        assert order.ended_ns - order.started_ns > 29 * NS

    play(scenario, tmp_path, quotes((0, "15.23", "15.32"), (30, "15.24", "15.33")))


def test_ten_more_seconds_count_from_the_deadline(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.engine.submit(instruction())
        await t.until(lambda: t.engine.orders[order.id].state is State.WORKING, order)
        await t.engine.extend(order.id, Decimal(10))
        order = await t.until_final(order)
        sent = order.children[0].cancel_sent_at
        assert sent is not None
        assert 20 * NS <= sent - order.started_ns < 20 * NS + NS // 100

    play(scenario, tmp_path)


def test_cancelling_all_tells_what_is_not_touchlines_once_ours_are_being_cancelled(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(timeout="600"))
        await t.engine.cancel_all()
        await t.stays_ended(order, 1)
        assert not any("left alone" in said for said in t.notices(Level.INFO))
        order_from_elsewhere(t, "web-1")
        await asyncio.sleep(1)
        t.events.clear()
        await t.engine.cancel_all()
        await asyncio.sleep(1)
        (said,) = (words for words in t.notices(Level.INFO) if "left alone" in words)
        assert "Not in this journal, and left alone: SELL 50 UVXY @ 15.40 (web-1)." in said

    play(scenario, tmp_path)
