"""A journal of many orders: of each the facts of `bench_orders.story`, or the first few."""

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from core.journal.file import JournalFile
from core.orders.facts import AnyFact, ChildFact, OrderAccepted, Reported
from tests.benchmarks.bench_orders import story

OPEN = 4  # facts after which the order still works
BATCH = 512


def told(number: int, facts: int | None = None) -> Iterator[AnyFact]:
    """The first `facts` of the order of that number; None: all, and it has ended."""
    name = f"o{number}"

    def mine(text: str) -> str:
        return text.replace("o1", name)

    for fact in story()[:facts]:
        fact = replace(fact, order_id=name)
        if isinstance(fact, OrderAccepted):
            fact = replace(fact, instruction=replace(fact.instruction, id=f"i{number}"))
        if isinstance(fact, ChildFact):
            fact = replace(fact, client_id=mine(fact.client_id))
        if isinstance(fact, Reported):
            fact = replace(fact, broker_id=mine(fact.broker_id))
            if fact.execution is not None:
                execution = replace(fact.execution, id=mine(fact.execution.id))
                fact = replace(fact, execution=execution)
        yield fact


def write(path: Path, facts: list[AnyFact]) -> None:
    """A journal of `facts`, as a crash leaves it: nothing is kept beside them."""
    file = JournalFile(path)
    for start in range(0, len(facts), BATCH):
        file.append(facts[start : start + BATCH])
    file.close()
