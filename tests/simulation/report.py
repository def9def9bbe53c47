"""Plays many days on all cores and says what they came to, as text and as a page for `docs/`."""

import gc
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.simulation.day import Result, play

_CHUNK = 20


@dataclass
class Summary:
    """What a number of days came to."""

    first: int
    days: int = 0
    orders: int = 0
    runs: int = 0
    fills: int = 0
    writes: int = 0
    seconds: float = 0.0  # virtual
    wall: float = 0.0
    workers: int = 1
    faults: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    violations: list[Result] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """One more day."""
        self.days += 1
        self.orders += result.orders
        self.runs += result.runs
        self.fills += result.fills
        self.writes += result.writes
        self.seconds += result.seconds
        self.faults.update(result.faults)
        self.ends.update(result.ends)
        if result.violation:
            self.violations.append(result)

    @property
    def kinds(self) -> dict[str, list[Result]]:
        """The violations by kind, the shortest day of each first, the most frequent kind first."""
        found: dict[str, list[Result]] = {}
        for result in sorted(self.violations, key=lambda result: result.lines):
            found.setdefault(result.kind, []).append(result)
        return dict(sorted(found.items(), key=lambda item: -len(item[1])))

    @property
    def sentence(self) -> str:
        """The outcome in one line."""
        return (
            f"{self.days:,} days from seed {self.first}: {self.orders:,} orders, "
            f"{self.fills:,} executions, {sum(self.faults.values()):,} faults and presses, "
            f"{self.faults['crash']:,} crashes, {len(self.violations)} violations; "
            f"{self.wall:.1f} s on {self.workers} processes, "
            f"{self.orders / max(self.wall, 1e-9):.0f} orders a second."
        )


def simulate(first: int, count: int, workers: int | None = None) -> Summary:
    """Play `count` days from seed `first` on."""
    began = time.perf_counter()
    seeds = range(first, first + count)
    workers = min(workers or multiprocessing.cpu_count(), max(1, count // _CHUNK))
    summary = Summary(first, workers=workers)
    for result in _played(seeds, workers):
        summary.add(result)
    summary.violations.sort(key=lambda result: result.seed)
    summary.wall = time.perf_counter() - began
    return summary


def _played(seeds: Iterable[int], workers: int) -> Iterator[Result]:
    if workers == 1:
        yield from map(play, seeds)
        return
    with multiprocessing.get_context("spawn").Pool(workers, initializer=_collect_rarely) as pool:
        yield from pool.imap_unordered(play, seeds, chunksize=_CHUNK)


def _collect_rarely() -> None:
    """A day's rings of objects go with the day; looking through the program for them costs 10 %."""
    play(1)  # which loads all that a day needs
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def page(summary: Summary, command: str) -> str:
    """The summary as a page."""
    rows = "".join(f"| {kind} | {n:,} |\n" for kind, n in sorted(summary.faults.items()))
    ends = "".join(f"| {state} | {n:,} |\n" for state, n in sorted(summary.ends.items()))
    wrong = "".join(f"* seed {r.seed}: {r.violation}\n" for r in summary.violations) or "None.\n"
    return f"""# Simulated days

Made by `{command}`. The same seed gives the same day, byte for byte; `make simulate SEED=n`
prints one.

| | |
|---|---|
| days (seeds {summary.first} to {summary.first + summary.days - 1}) | {summary.days:,} |
| orders | {summary.orders:,} |
| executions at the exchange | {summary.fills:,} |
| journal writes | {summary.writes:,} |
| starts of the engine | {summary.runs:,} |
| crashes | {summary.faults["crash"]:,} |
| faults and presses in all | {sum(summary.faults.values()):,} |
| simulated hours | {summary.seconds / 3600:,.1f} |
| **violations** | **{len(summary.violations)}** |
| time | {summary.wall:.0f} s on {summary.workers} processes |
| orders a second | {summary.orders / max(summary.wall, 1e-9):.0f} |

## Violations

{wrong}
## Faults injected and buttons pressed

| kind | times |
|---|---|
{rows}
## How the orders ended

| state | orders |
|---|---|
{ends}
## What the faults leave out

* A request is never on its way for more than 12 s, and the exchange never denies an order
  that it holds so often that more than five reads of it find nothing: the engine gives up
  after six in a row.
* The two seconds within which a cancel has to follow its deadline are not asked of a process
  that was stopped, starting or without a journal, nor for an order that the venue denied.
* Torn and flipped bytes of the journal, real sockets and real kills have tests of their own
  (`tests/core/journal/test_reader.py`, `tests/system/test_kill_9.py`).
* An execution that the exchange reports after an order's end, in a frame that is lost, can be
  known to nobody; the oracle allows the difference, and nothing else.
"""
