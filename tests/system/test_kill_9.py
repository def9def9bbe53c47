"""Kill -9 at every journal write of every way an order can go, then `touchline resume`.

Real processes, the real journal, a real exchange on loopback. Whatever the moment:
nothing is sold twice, nothing stays live, and the journal ends with the exchange's truth.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest

from core.exchange.api.running_exchange import RunningExchange
from core.exchange.api.server import serve
from core.exchange.market.events import MarketEvent
from core.exchange.options import ExchangeOptions
from core.journal.file import JournalFile
from core.orders.facts import AnyFact, CancelAsked, PostSent
from tests.support import truth
from tests.support.commands import Command, Commands, Ended, Kill, pointed_at
from tests.support.trading import STILL, SYMBOL, quotes

T = TypeVar("T")

AT_ONCE = 16
ASKED = Decimal(100)
HELD = Decimal(5000)


@dataclass(frozen=True)
class Way:
    """How an order goes when nobody is killed: options, size of the touch, and its end.

    `press` is what a person presses while it works, after a restart too; `runs_away`: its
    price moves by steps, and it sells all that is held, while the quote runs away.
    """

    options: Sequence[str]
    size: int = 5000
    interrupted: bool = False
    state: str = "filled"
    filled: int = 100
    posts: int = 1
    press: str = ""
    runs_away: bool = False

    @property
    def held(self) -> Decimal:
        """Shares held before it."""
        return ASKED if self.runs_away else HELD

    @property
    def market(self) -> list[MarketEvent]:
        """A touch that stays, or falls by a cent every fifth of a second for a while."""
        if not self.runs_away:
            return quotes((0, "15.23", "15.32"), size=self.size)
        cents = ((step / 5, 1523 - step, 1532 - step) for step in range(25))
        return quotes(*((at, f"{b / 100:.2f}", f"{a / 100:.2f}") for at, b, a in cents))


# A sell at the bid fills as far as the bid's size goes; one inside the spread does not.
WAYS = {
    "fill": Way(("--fraction", "1", "--timeout", "2")),
    "timeout": Way(("--timeout", "0.3"), posts=2),
    "partial": Way(("--fraction", "1", "--timeout", "0.3"), size=40, posts=2),
    "collar": Way(("--timeout", "0.3", "--fallback", "collar"), posts=2),
    "steps": Way(("--step", "0.5:0.4", "--step", "0.85:0.4"), posts=3),
    "cancel": Way(("--timeout", "2"), interrupted=True, state="canceled", filled=0),
}
RUNS = ("--step", "0.25:0.4", "--step", "0.5:0.4", "--step", "0.85:0.4", "--limit", "14.90")
PRESSED = {
    "runaway": Way(RUNS, runs_away=True, posts=4),
    "market now": Way(("--timeout", "5"), press="market now", posts=2),
    "pause": Way(("--timeout", "5"), press="pause", posts=2),
    "extend": Way(("--timeout", "0.5"), press="extend", posts=2),
}


@dataclass(frozen=True)
class Scene:
    """One exchange and one home."""

    commands: Commands
    exchange: RunningExchange
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
        with suppress(ProcessLookupError):  # its kill came first, and it is being waited for
            await command.signal(signal.SIGINT)
        return await ended

    def start(self, *argv: str, kill: Kill | None = None) -> Command:
        env = pointed_at(self.exchange, self.home)
        return self.commands.start(
            *argv, env=env, folder=self.folder, kill=kill, press=self.way.press
        )

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
        assert truth.shares(self.exchange, SYMBOL) == self.way.held - sold
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
        """Resuming again sends nothing; it says again only what is still not proven."""
        before, facts = truth.orders(self.exchange), self.journal()
        again = await self.run("resume", "--json")
        assert truth.orders(self.exchange) == before
        if again.done:
            assert again.code == 3
            assert all(Decimal(done["unproven_qty"]) > 0 for done in again.done)
            assert not any(isinstance(fact, PostSent) for fact in self.journal()[len(facts) :])
        else:
            assert (again.code, again.out) == (0, "")
            assert self.journal() == facts


@asynccontextmanager
async def scene(commands: Commands, folder: Path, way: Way) -> AsyncIterator[Scene]:
    folder.mkdir()  # noqa: ASYNC240 - once, before anything runs
    options = ExchangeOptions(knobs=STILL, positions={SYMBOL: way.held}, rate_limit=0)
    async with serve(options, scripted={SYMBOL: iter(way.market)}) as exchange:
        yield Scene(commands, exchange, folder, way)


async def unkilled(commands: Commands, folder: Path, way: Way) -> int:
    """The order goes as it should; returns how many facts it journaled."""
    async with scene(commands, folder, way) as its:
        (done,) = (await its.sell()).done
        assert (done["state"], done["filled_qty"]) == (way.state, str(way.filled)), done
        posts = done["rest"]["orders_posted"]
        assert posts == way.posts
        assert not [o for o in truth.orders(its.exchange) if o["status"] == "replaced"]
        return len(its.journal())


async def killed(commands: Commands, folder: Path, way: Way, kill: Kill) -> bool:
    """The order dies at `kill` and is taken up again; False if it ended in fewer writes."""
    async with scene(commands, folder, way) as its:
        first = await its.sell(kill)
        died = first.code == -signal.SIGKILL
        assert died or len(its.journal()) < kill[1], (kill, first)
        await its.check(await its.run("resume", "--json") if died else first)
        await its.check_nothing_more()
        return died


async def killed_for_ever(commands: Commands, folder: Path, way: Way, number: int) -> int:
    """The order dies, and every run that takes it up dies at its next write; until one lives."""
    async with scene(commands, folder, way) as its:
        await its.sell(("after", number))
        for deaths in range(2, 40):
            kill = ("after" if deaths % 4 else "before", len(its.journal()) + 1 + deaths % 4)
            resumed = await its.run("resume", "--json", kill=kill)
            if resumed.code != -signal.SIGKILL:
                await its.check(resumed)
                await its.check_nothing_more()
                return deaths - 1
        raise AssertionError("it never ended")


async def all_of(works: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """The results of `works`, a few of which run at once."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(work: Coroutine[Any, Any, T]) -> T:
        async with room:
            return await work

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(work)) for work in works]
    return [task.result() for task in tasks]


@pytest.mark.scenario(62)
@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("ways", [WAYS, PRESSED], ids=["by itself", "pressed"])
async def test_a_kill_at_any_journal_write_sells_nothing_twice_and_leaves_nothing_live(
    commands: Commands, tmp_path: Path, ways: dict[str, Way]
) -> None:
    writes = await all_of(unkilled(commands, tmp_path / n, w) for n, w in ways.items())
    kills = [
        (number, when, name)
        for name, most in zip(ways, writes, strict=True)
        for number in range(1, most + 1)
        for when in ("before", "after")
    ]
    deaths = await all_of(
        killed(commands, tmp_path / f"{name}-{when}-{number}", ways[name], (when, number))
        for number, when, name in sorted(kills)  # the early ones take longest to be settled
    )
    # Whether the stream or an answer tells first varies, and so does the number of writes a little.
    assert sum(deaths) > max(100, len(kills) * 9 // 10)
    print(f"{sum(deaths)} kills: {dict(zip(ways, writes, strict=True))} writes")  # noqa: T201


@pytest.mark.scenario(67)
@pytest.mark.slow
async def test_a_resume_that_is_killed_again_and_again_ends_like_one_that_is_not(
    commands: Commands, tmp_path: Path
) -> None:
    deaths = await all_of(
        killed_for_ever(commands, tmp_path / f"{name}-{number}", WAYS[name], number)
        for name in ("timeout", "partial", "cancel")
        for number in (2, 6, 8, 11)
    )
    print(f"{sum(deaths)} deaths")  # noqa: T201
