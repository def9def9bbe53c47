"""The kill switch in the whole engine, in virtual time."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from core.engine.events import Level, TakingChanged
from core.errors import Refusal
from core.market.time import NS
from core.orders.state import State
from core.wording.kill_report import KillReport
from tests.scenarios.venue_acts import order_from_elsewhere
from tests.support.trading import Scenario, Trading, instruction, play


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
