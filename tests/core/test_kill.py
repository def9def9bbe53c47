"""Kill -9 at every journal write of every way an order can go, then `touchline resume`.

Real processes, the real journal, a real exchange on loopback. Whatever the moment:
nothing is sold twice, nothing stays live, and the journal ends with the exchange's truth.
"""

import asyncio
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from core.exchange.options import Options
from core.exchange.running import Running
from core.exchange.server import serve
from core.facts import AnyFact, CancelAsked
from core.journal import JournalFile
from tests.support import truth
from tests.support.commands import Command, Commands, Ended, Kill, pointed_at
from tests.support.trading import STILL, SYMBOL, quotes

AT_ONCE = 6
ASKED = Decimal(100)
HELD = Decimal(5000)


@dataclass(frozen=True)
class Way:
    """How an order goes when nobody is killed: options, size of the touch, and its end."""

    options: Sequence[str]
    size: int = 5000
    interrupted: bool = False
    state: str = "filled"
    filled: int = 100
    posts: int = 1


# A sell at the bid fills as far as the bid's size goes; one inside the spread does not.
WAYS = {
    "fill": Way(("--fraction", "1", "--timeout", "2")),
    "timeout": Way(("--timeout", "0.3"), posts=2),
    "partial": Way(("--fraction", "1", "--timeout", "0.3"), size=40, posts=2),
    "collar": Way(("--timeout", "0.3", "--fallback", "collar"), posts=2),
    "cancel": Way(("--timeout", "2"), interrupted=True, state="canceled", filled=0),
}


@dataclass(frozen=True)
class Scene:
    """One exchange and one home."""

    commands: Commands
    exchange: Running
    folder: Path
    way: Way

    @property
    def home(self) -> Path:
        return self.folder / "home"

    async def sell(self, kill: Kill | None = None) -> Ended:
        """Run the order, to its end or to its death."""
        updates = truth.Updates(self.exchange)
        argv = ("sell", SYMBOL, str(ASKED), "--json", *self.way.options)
        command = self.start(*argv, kill=kill)
        if not self.way.interrupted:
            return await command.ended()
        ended = asyncio.ensure_future(command.ended())
        working = asyncio.ensure_future(updates.until("new"))
        await asyncio.wait((ended, working), return_when=asyncio.FIRST_COMPLETED)
        working.cancel()
        await command.signal(signal.SIGINT)
        return await ended

    def start(self, *argv: str, kill: Kill | None = None) -> Command:
        env = pointed_at(self.exchange, self.home)
        return self.commands.start(*argv, env=env, folder=self.folder, kill=kill)

    async def run(self, *argv: str, kill: Kill | None = None) -> Ended:
        return await self.start(*argv, kill=kill).ended()

    def journal(self) -> list[AnyFact]:
        file = JournalFile(self.home / "journal-embedded.sqlite")
        try:
            return file.load()
        finally:
            file.close()

    async def check(self, resumed: Ended) -> None:
        """The oracle."""
        sold = truth.sold(self.exchange)
        assert sold <= ASKED
        assert truth.live(self.exchange) == []
        assert truth.shares(self.exchange, SYMBOL) == HELD - sold
        assert resumed.code in (0, 1, 3), resumed.err
        for done in resumed.done:
            assert Decimal(done["filled_qty"]) == sold
            assert (done["state"] == "filled") == (sold == ASKED)
        facts = self.journal()
        if any(isinstance(fact, CancelAsked) for fact in facts):
            assert all(o["type"] == "limit" for o in truth.orders(self.exchange))
        listed = (await self.run("orders", "--json")).lines
        assert len(listed) == bool(facts)
        for line in listed:
            assert line["state"] in ("filled", "canceled", "attention")
            assert Decimal(line["filled_qty"]) == sold

    async def check_nothing_more(self) -> None:
        """Resuming again changes nothing."""
        before, facts = truth.orders(self.exchange), self.journal()
        again = await self.run("resume", "--json")
        assert (again.code, again.out) == (0, "")
        assert truth.orders(self.exchange) == before
        assert self.journal() == facts


async def play(commands: Commands, folder: Path, way: Way, kill: Kill | None) -> int:
    """One order, killed if asked, and taken up again; returns how many facts it journaled."""
    folder.mkdir()
    options = Options(knobs=STILL, positions={SYMBOL: HELD}, rate_limit=0)
    market = quotes((0, "15.23", "15.32"), size=way.size)
    async with serve(options, scripted={SYMBOL: iter(market)}) as exchange:
        scene = Scene(commands, exchange, folder, way)
        first = await scene.sell(kill)
        if kill is None:
            (done,) = first.done
            assert (done["state"], done["filled_qty"]) == (way.state, str(way.filled)), done
            assert done["rest"]["orders_posted"] == way.posts
            return len(scene.journal())
        assert first.code == -signal.SIGKILL, (kill, first)
        await scene.check(await scene.run("resume", "--json"))
        await scene.check_nothing_more()
        return 0


@pytest.mark.slow
@pytest.mark.parametrize("name", WAYS)
async def test_a_kill_at_any_journal_write_sells_nothing_twice_and_leaves_nothing_live(
    commands: Commands, tmp_path: Path, name: str, record_property: Callable[[str, object], None]
) -> None:
    way = WAYS[name]
    writes = await play(commands, tmp_path / "whole", way, None)
    kills = [(when, n) for n in range(1, writes + 1) for when in ("before", "after")]
    room = asyncio.Semaphore(AT_ONCE)

    async def one(when: str, number: int) -> None:
        async with room:
            await play(commands, tmp_path / f"{when}-{number}", way, (when, number))

    async with asyncio.TaskGroup() as group:
        for kill in kills:
            group.create_task(one(*kill))
    record_property("kill points", len(kills))
    print(f"{name}: {len(kills)} kill points")
