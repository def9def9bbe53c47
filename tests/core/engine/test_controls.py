"""The pre-trade controls and the kill switch in the whole engine, in virtual time."""

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.engine.events import Level, TakingChanged
from core.errors import Confirmation, Refusal
from core.journal.reader import JournalReader
from core.journal.replay import replay
from core.market.prices import Side
from core.market.time import NS
from core.orders.refused_instruction import RefusedInstruction
from core.orders.state import State
from core.risk.limits import DEFAULTS
from core.wording.kill_report import KillReport
from tests.scenarios.venue_acts import order_from_elsewhere
from tests.support.trading import Scenario, Trading, instruction, play
from tests.support.wide_limits import WIDE_LIMITS

D = Decimal


def with_settings(t: Trading, **changed: Any) -> None:
    t.engine.risk_inputs.settings = msgspec.structs.replace(WIDE_LIMITS, **changed)


def turned_away(t: Trading) -> list[RefusedInstruction]:
    reader = JournalReader(t.run.journal)
    try:
        assert replay(reader.load()).keys() == t.engine.orders.keys()
        return reader.turned_away()
    finally:
        reader.close()


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


# ---- the kill switch -------------------------------------------------------------------------


def test_a_kill_cancels_all_proves_it_and_takes_no_order_until_armed_again(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        one = await t.working(instruction(timeout="600"))
        two = await t.working(instruction(qty="50", timeout="600"))
        told = await t.engine.kill("a person")
        assert told.cancelled == (one.id, two.id)
        assert told.unproven == ()
        assert told.positions == {"UVXY": "5000"}
        assert "2 open orders cancelled; the venue proves" in told.sentence
        assert "Positions stay as they are: 5,000 UVXY." in told.sentence
        assert t.live_at_broker() == []
        assert t.exchange.account.shares("UVXY") == 5000
        assert all(o.state is State.CANCELED for o in t.engine.orders.values())
        with pytest.raises(Refusal, match="Killed by a person: arm again") as refused:
            await t.engine.submit(instruction())
        assert refused.value.rule == "killed"
        await t.engine.rearm()
        await t.engine.submit(instruction())
        whys = [e.why for e in t.events if isinstance(e, TakingChanged)]
        assert whys == ["Killed by a person: arm again to trade.", ""]

    play(scenario, tmp_path)


def test_a_kill_with_nothing_open_says_so(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        told = await t.engine.kill()
        assert told.sentence.startswith("No order was open. The venue lists no other open order.")
        await t.engine.rearm()
        await t.engine.rearm()

    play(scenario, tmp_path)


def test_a_kill_names_what_is_not_touchlines_and_leaves_it_alone(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order_from_elsewhere(t, "web-1")
        await t.working(instruction(timeout="600"))
        told = await t.engine.kill()
        assert told.others == ("SELL 50 UVXY @ 15.40 (web-1)",)
        assert "Not in this journal, and left alone: SELL 50 UVXY @ 15.40 (web-1)." in told.sentence
        assert t.live_at_broker() == ["web-1"]
        assert t.venue.calls.count("LIST") == 1

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


def test_an_order_whose_end_is_not_proven_is_named_and_still_pursued(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        one = await t.working(instruction(timeout="600"))
        t.venue.cut_stream()
        t.venue.rest_down = True
        started = t.engine.clock.now_ns()
        told = await t.engine.kill("a person")
        assert 10 * NS <= t.engine.clock.now_ns() - started < 11 * NS
        assert told.unproven == (one.id,)
        assert "NOT PROVEN dead, and may still fill: SELL 100 UVXY" in told.sentence
        assert told.others is None
        assert "list of open orders could not be read" in told.sentence
        assert "Touchline goes on trying." in told.sentence
        assert "Positions are not touched; as last known: 5,000 UVXY." in told.sentence
        assert told.sentence in t.notices(Level.ALARM)
        t.venue.rest_down = False
        t.venue.mend_stream()
        assert (await t.until_final(one)).state is State.CANCELED

    play(scenario, tmp_path)


def test_a_fallback_at_work_is_cancelled_too_and_nothing_follows_it(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        one = await t.engine.submit(instruction(timeout="5"))
        await asyncio.sleep(4.999)
        await t.engine.kill()
        one = await t.until_final(one)
        assert not one.fell_back
        assert t.live_at_broker() == []

    play(scenario, tmp_path)


def killed_by_file(scenario: Scenario, folder: Path) -> None:
    """Play with a KILL file watched in `folder`."""

    async def watched(t: Trading) -> None:
        t.run.kill_file = folder / "KILL"
        await t.restart()
        await scenario(t)

    play(watched, folder)


def test_the_kill_file_kills_once_refuses_while_it_is_there_and_lets_go_when_removed(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        one = await t.working(instruction(timeout="600"))
        file = tmp_path / "KILL"
        file.touch()
        with pytest.raises(Refusal, match=r"KILL is there\. Remove it"):  # before it is polled
            await t.engine.submit(instruction())
        await asyncio.sleep(1.1)
        assert (await t.until_final(one)).state is State.CANCELED
        with pytest.raises(Refusal, match="Remove it"):
            await t.engine.rearm()
        await asyncio.sleep(5)
        reports = [s for s in t.notices(Level.WARNING) if "open order cancelled" in s]
        assert len(reports) == 1
        file.unlink()
        await asyncio.sleep(1.1)
        assert t.engine.killed == ""
        await t.engine.submit(instruction())

    killed_by_file(scenario, tmp_path)


def test_removing_the_file_does_not_undo_a_kill_by_a_person(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        file = tmp_path / "KILL"
        file.touch()
        await t.engine.kill("a person")
        file.unlink()
        await asyncio.sleep(2)
        with pytest.raises(Refusal, match="Killed by a person"):
            await t.engine.submit(instruction())

    killed_by_file(scenario, tmp_path)


def test_a_file_that_is_there_at_the_start_cancels_what_an_earlier_run_left(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        one = await t.working(instruction(timeout="600"))
        await t.crash()
        (tmp_path / "KILL").touch()
        await t.restart()
        assert (await t.until_final(one)).state is State.CANCELED
        assert t.live_at_broker() == []

    killed_by_file(scenario, tmp_path)


def test_a_report_can_be_sent_as_json() -> None:
    told = KillReport("a person", ("o1",), (), {"UVXY": "5000"}, "All is well.")
    assert msgspec.json.decode(msgspec.json.encode(told), type=KillReport) == told
