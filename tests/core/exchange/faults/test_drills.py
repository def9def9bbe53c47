"""Every fault drill, through the engine in virtual time and through the real server."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest

from core.errors import Refusal
from core.exchange.faults.drills import DRILLS, Drills, drill_named
from core.exchange.faults.faults import Faults
from core.exchange.options import ExchangeOptions
from core.orders.state import ParentOrder, State
from tests.core.exchange.test_main import CAP, command, listening
from tests.support import truth
from tests.support.commands import Commands
from tests.support.exchange_acts import is_halted
from tests.support.exchange_fixture import HELD, ExchangeFixture, open_exchange
from tests.support.trading import STILL, SYMBOL, Trading, instruction, play

CUT_S = 0.3


def begin(t: Trading, name: str) -> Drills:
    """The drill on the exchange of a scenario."""
    loop = asyncio.get_running_loop()

    def do(action: str, what: str) -> None:
        if action == "cut":
            t.venue.cut_stream()
            loop.call_later(CUT_S, t.venue.mend_stream)
            return
        actions: dict[str, Callable[[], object]] = {
            "halt": lambda: t.exchange.halt(what),
            "resume": lambda: t.exchange.resume(what),
            "restrict": lambda: t.exchange.restrict(what),
            "unrestrict": lambda: t.exchange.unrestrict(what),
            "release": t.exchange.release_cancels,
            "replay": lambda: t.exchange.replay_updates(what),
        }
        actions[action]()

    drills = Drills(t.exchange.faults, do, loop.call_later)
    t.exchange.listeners.append(drills)
    drills.begin([name])
    return drills


# ---- in virtual time ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRILLS)
@pytest.mark.parametrize("filled", [0, 40])
def test_under_a_drill_the_order_ends_filled_and_sells_no_share_twice(
    tmp_path: Path, name: str, filled: int
) -> None:
    async def scenario(t: Trading) -> None:
        begin(t, name)
        order = await t.engine.submit(instruction())
        await t.until_child(order, lambda child: child.status == "new")
        if filled:
            t.fill(order, filled)
        order = await t.stays_ended(order, 30)
        assert order.state is State.FILLED
        assert order.filled == t.at_broker(order) == 100
        assert [int(c.filled) for c in order.children] == [filled, 100 - filled]
        assert t.live_at_broker() == []

    play(scenario, tmp_path)


async def _dropped(t: Trading, order: ParentOrder) -> None:
    t.fill(order, 40)
    await asyncio.sleep(1)
    assert t.now(order).filled == 0
    assert (await t.until_final(order)).children[0].filled == 40


async def _late(t: Trading, order: ParentOrder) -> None:
    t.fill(order, 40)
    await asyncio.sleep(3.9)
    assert t.now(order).filled == 0
    await asyncio.sleep(0.2)
    assert t.now(order).filled == 40


async def _twice(t: Trading, order: ParentOrder) -> None:
    t.fill(order, 40)
    await asyncio.sleep(2)
    assert len(t.frames("partial_fill")) == 3
    assert t.now(order).filled == 40


async def _stuck(t: Trading, order: ParentOrder) -> None:
    await t.canceling(order)
    order = await t.stays_open(order, 11)
    assert len(order.children) == 1
    assert (await t.until_final(order, 3)).state is State.FILLED


async def _halted(t: Trading, order: ParentOrder) -> None:
    await asyncio.sleep(1.1)
    assert is_halted(t.exchange, SYMBOL)
    order = await t.until_child(order, lambda child: "halt" in child.error, place=1)
    assert (await t.until_final(order)).state is State.FILLED
    assert not is_halted(t.exchange, SYMBOL)


async def _restricted(t: Trading, order: ParentOrder) -> None:
    await asyncio.sleep(1.1)
    assert t.engine.board.restricted(SYMBOL)
    assert (await t.until_final(order)).state is State.FILLED  # it is no short
    await asyncio.sleep(31)
    assert not t.engine.board.restricted(SYMBOL)


async def _throttled(t: Trading, order: ParentOrder) -> None:
    assert [status for method, status in t.venue.statuses if method == "POST"] == [429, 429, 200]
    order = await t.until_final(order)
    deletes = [status for method, status in t.venue.statuses if method == "DELETE"]
    assert (deletes[:2], deletes[-1]) == ([429, 429], 204)


async def _stormy(t: Trading, order: ParentOrder) -> None:
    reads = t.venue.calls.count("GET")
    await asyncio.sleep(7)
    assert t.venue.calls.count("GET") - reads == 5  # one read for each time it came back


SHOWS: dict[str, Callable[[Trading, ParentOrder], Awaitable[None]]] = {
    "drop": _dropped,
    "duplicate": _twice,
    "late-fill": _late,
    "stuck-cancel": _stuck,
    "halt": _halted,
    "short-restriction": _restricted,
    "throttle": _throttled,
    "reconnect-storm": _stormy,
}


@pytest.mark.parametrize("name", DRILLS)
def test_a_drill_does_what_its_sentence_says(tmp_path: Path, name: str) -> None:
    async def scenario(t: Trading) -> None:
        begin(t, name)
        order = await t.engine.submit(instruction())
        order = await t.until_child(order, lambda child: child.status == "new")
        await SHOWS[name](t, order)

    play(scenario, tmp_path)


def test_a_drill_that_ends_in_a_halt_lets_trading_go_on(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        drills = begin(t, "halt")
        await t.working()
        await asyncio.sleep(2)
        assert is_halted(t.exchange, SYMBOL)
        drills.clear()
        assert not is_halted(t.exchange, SYMBOL)
        assert drills.begun == []

    play(scenario, tmp_path)


# ---- through the real server -------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", DRILLS)
async def test_a_real_order_under_a_drill_on_a_real_server_sells_what_was_asked(
    commands: Commands, tmp_path: Path, name: str
) -> None:
    options = ExchangeOptions(knobs=STILL, positions={SYMBOL: HELD}, rate_limit=0, drills=(name,))
    async with open_exchange(commands, tmp_path, options=options) as its:
        if name in ("stuck-cancel", "halt"):
            await ended_early(its, name)
            return
        seconds = "4" if name == "throttle" else "1"  # a refused POST waits for its Retry-After
        ended = await its.run("sell", SYMBOL, "100", "--timeout", seconds, "--json")
        assert ended.code == 0, ended
        assert truth.sold(its.exchange) == 100
        assert truth.live(its.exchange) == []


async def ended_early(its: ExchangeFixture, name: str) -> None:
    """A drill that takes long is played up to what it shows, then ended."""
    selling = its.start("sell", SYMBOL, "100", "--timeout", "1.3", "--json")
    await its.updates.until("pending_cancel")
    if name == "halt":
        assert is_halted(its.exchange.exchange, SYMBOL)
        await its.updates.until("canceled")
    assert len(truth.orders(its.exchange)) == 1
    its.exchange.do("clear")
    ended = await selling.ended()
    assert ended.code == 0, ended
    assert truth.sold(its.exchange) == 100


# ---- by name -----------------------------------------------------------------------------------


def test_every_drill_has_a_sentence_and_faults_that_can_be_armed() -> None:
    for name, drill in DRILLS.items():
        assert drill.name == name
        assert drill.sentence.endswith(".")
        assert drill.faults or drill.acts
        Faults(drill.faults)


def test_an_unknown_drill_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(Refusal, match="reconnect-storm"):
        drill_named("earthquake")


async def test_the_command_begins_drills_and_says_which() -> None:
    async with command("--drill", "halt", "--drill", "drop") as process:
        line = await listening(process)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{line['port']}") as http:
            async with http.get("/_exchange") as answer:
                assert (await answer.json())["drills"] == ["halt", "drop"]
            async with http.post("/_exchange/drill?what=earthquake") as answer:
                assert answer.status == 400
            await http.post("/_exchange/clear")
            async with http.get("/_exchange") as answer:
                assert ((about := await answer.json())["drills"], about["faults"]) == ([], [])
            await http.post("/_exchange/stop")
        assert await asyncio.wait_for(process.wait(), CAP) == 0


async def test_the_command_lists_the_drills_and_refuses_others() -> None:
    async with command("--drill", "list") as process:
        out, err = await asyncio.wait_for(process.communicate(), CAP)
        assert [line.split()[0] for line in out.decode().splitlines()] == list(DRILLS)
        assert (process.returncode, err) == (0, b"")
    async with command("--drill", "earthquake") as process:
        out, err = await asyncio.wait_for(process.communicate(), CAP)
        assert (process.returncode, out) == (2, b"")
        assert err.startswith(b"There is no drill earthquake")


async def test_a_session_passes_drills_to_its_own_exchange_only(
    commands: Commands, tmp_path: Path
) -> None:
    env = {"TOUCHLINE_HOME": str(tmp_path / "home")}
    argv = ("sell", "PNNY", "100", "--fraction", "1", "--timeout", "1", "--drill", "duplicate")
    ended = await commands.run(*argv, "--json", env=env, folder=tmp_path)
    assert (ended.code, ended.done[0]["filled_qty"]) == (0, "100")
    for refused in (("--venue", "paper"), ("--drill", "earthquake")):
        ended = await commands.run(*argv, *refused, env=env, folder=tmp_path)
        assert (ended.code, ended.out) == (2, "")
        assert "drill" in ended.err
    async with open_exchange(commands, tmp_path) as its:
        assert "own only" in (await its.run(*argv)).err
