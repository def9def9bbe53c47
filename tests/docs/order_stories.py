"""Which facts lead an order, and its children, from which state to which: seen, not declared.

The reducer has no table of transitions: `settle` names the state anew after every fact. So
stories are told to it again: the journals that earlier versions left in `tests/earlier`, and
those of simulated days, which are the same for the same seeds.
"""

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from core.journal.reader import JournalReader
from core.orders.facts import AnyFact, ChildFact
from core.orders.reducer import reduce
from core.orders.state import ParentOrder
from tests.core.journal.earlier_versions import unpack
from tests.simulation.day import Day, quiet
from tests.simulation.disk import MemoryJournal
from tests.support.commands import ROOT

EARLIER = ROOT / "tests" / "earlier"
SEEDS = range(1, 1001)
NEW = "new"  # where a state begins


class Change(NamedTuple):
    """One fact, and the state before and after it; the same when it changes none."""

    before: str
    fact: str
    after: str


class Seen(NamedTuple):
    """All changes of the orders' states and of their children's liveness."""

    orders: frozenset[Change]
    children: frozenset[Change]

    def __or__(self, other: "Seen") -> "Seen":
        return Seen(self.orders | other.orders, self.children | other.children)


def seen_in(facts: Iterable[AnyFact]) -> Seen:
    """The changes that these facts make, told from the first on."""
    known: dict[str, ParentOrder] = {}
    orders: set[Change] = set()
    children: set[Change] = set()
    for fact in facts:
        before = known.get(fact.order_id)
        after = known[fact.order_id] = reduce(before, fact)[0]
        name = type(fact).__name__
        orders.add(Change(NEW if before is None else before.state.value, name, after.state.value))
        children.update(_of_children(before, fact, after))
    return Seen(frozenset(orders), frozenset(children))


def _of_children(before: ParentOrder | None, fact: AnyFact, after: ParentOrder) -> Iterator[Change]:
    """A fact about another child counts for this one only if it changes it."""
    name = type(fact).__name__
    for child in after.children:
        old = None if before is None else before.child(child.client_id)
        change = Change(NEW if old is None else old.liveness.value, name, child.liveness.value)
        others = isinstance(fact, ChildFact) and fact.client_id != child.client_id
        if change.before != change.after or not others:
            yield change


def seen_earlier() -> Seen:
    """In the journals of earlier versions, up to where one is damaged."""
    seen = Seen(frozenset(), frozenset())
    expected: dict[str, Any] = json.loads(
        gzip.decompress((EARLIER / "expected.json.gz").read_bytes())
    )
    for name, said in expected.items():
        with TemporaryDirectory() as folder:
            reader = JournalReader(unpack(EARLIER, name, said["mark"], Path(folder)))
            seen |= seen_in(reader.scan().facts)
            reader.close()
    return seen


def seen_in_simulated_days(seeds: Iterable[int] = SEEDS) -> Seen:
    """In what the days of these seeds left in their journals."""
    seen = Seen(frozenset(), frozenset())
    for seed in seeds:
        day = Day(seed)
        with quiet():
            day.play()
            journal = MemoryJournal(day.disk.saved, day.disk.mark)
        seen |= seen_in(journal.load())
        journal.close()
    return seen
