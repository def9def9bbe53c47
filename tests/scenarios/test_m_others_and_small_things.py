"""M. Others in the account, small things."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.engine.account_refresher import REFRESH_S
from core.engine.events import Level, Notice
from core.errors import Confirmation, Refusal
from core.market.account import Position
from core.market.prices import Side
from core.orders.state import State
from tests.support.trading import ASK, BID, SYMBOL, Trading, instruction, outcome, play, quotes

OPTION = Position("UVXY261218C00015000", Decimal(2), Decimal(2), Decimal("1.5"), "us_option")
LAST = Decimal("0.0333")
COIN = Position("BTCUSD", Decimal("0.1"), Decimal("0.1"), Decimal(90_000), "crypto")


def told(t: Trading, level: Level) -> list[str]:
    return [e.sentence for e in t.events if isinstance(e, Notice) and e.level is level]


def hold_others(t: Trading) -> None:
    """The account holds an option and a coin beside its shares."""
    shares = t.venue.positions

    async def positions() -> tuple[Position, ...]:
        return (*await shares(), OPTION, COIN)

    t.venue.positions = positions  # type: ignore[method-assign]


@pytest.mark.scenario(112)
def test_flatten_all_leaves_options_and_coins_and_names_them(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        hold_others(t)
        left = f"Left as held: 2 {OPTION.symbol}, 0.1 BTCUSD."
        with pytest.raises(Confirmation, match="Left as held"):
            await t.engine.flatten("")
        (done,) = await t.engine.flatten("", ("flatten",))
        order = await t.until_final(t.engine.orders[done.order])
        assert outcome(order) == (State.FILLED, 5000)
        assert order.symbol == SYMBOL
        assert any(sentence.startswith(left) for sentence in told(t, Level.WARNING))
        with pytest.raises(Refusal, match="stocks and funds only"):
            await t.engine.flatten("BTCUSD")

    play(scenario, tmp_path)


@pytest.mark.scenario(114)
def test_a_last_part_of_a_share_may_be_sold_and_none_so_small_bought(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        await t.engine.watch(["IBM"])
        await asyncio.sleep(0.1)
        sold = replace(instruction(qty=str(LAST)), symbol="IBM")
        order = await t.until_final(await t.engine.submit(sold))
        assert outcome(order) == (State.FILLED, LAST)
        with pytest.raises(Refusal, match=r"worth \$1\.00 or more"):
            await t.engine.submit(
                replace(instruction(Side.BUY, qty=str(LAST)), symbol="IBM"), ("duplicate",)
            )

    play(scenario, tmp_path, quotes((0, BID, ASK), symbol="IBM"), positions={"IBM": LAST})


@pytest.mark.scenario(118)
def test_upkeep_that_fails_is_told_once_and_goes_on(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        read = t.venue.clock
        asked = []

        async def clock() -> object:
            asked.append(1)
            if len(asked) < 3:
                raise ValueError("nobody foresaw this")
            return await read()

        t.venue.clock = clock  # type: ignore[method-assign,assignment]
        await asyncio.sleep(REFRESH_S * 4.5)
        assert len(asked) == 4
        (alarm,) = told(t, Level.ALARM)
        assert "(ValueError) in the refresh of the account. It goes on" in alarm
        order = await t.until_final(await t.engine.submit(instruction()))
        assert order.state is State.FILLED

    play(scenario, tmp_path)


@pytest.mark.scenario(118)
def test_a_watch_for_the_kill_file_that_fails_still_kills(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "KILL"

    async def scenario(t: Trading) -> None:
        t.run.kill_file = file
        await t.restart()
        switch = t.engine._parts.kill_switch
        there = switch.file_there
        monkeypatch.setattr(switch, "file_there", lambda: 1 / 0)
        await asyncio.sleep(2)
        assert "(ZeroDivisionError) in the watch for the KILL file" in told(t, Level.ALARM)[0]
        monkeypatch.setattr(switch, "file_there", there)
        file.touch()
        await asyncio.sleep(2)
        assert t.engine.killed

    play(scenario, tmp_path)
