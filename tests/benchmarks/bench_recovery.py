"""A start on a journal of 100,000 facts with 50 open orders, without the venue's reads."""

import tempfile
from contextlib import closing
from pathlib import Path
from time import perf_counter

from core.journal.file import JournalFile
from core.journal.recovery import recover
from core.journal.replay import replay
from tests.benchmarks.bench_orders import story
from tests.support.many_orders import OPEN, told, write

START = "a start on 100,000 facts with 50 open orders"
TARGETS = {START: 1000.0}

FACTS = 100_000
OPEN_ORDERS = 50
STARTS = 5


def run() -> list[tuple[str, float, str]]:
    """The best start of some, and what the first one costs, which has nothing to go by."""
    ended = FACTS // len(story())
    facts = [fact for number in range(ended) for fact in told(number)]
    facts += [fact for number in range(ended, ended + OPEN_ORDERS) for fact in told(number, OPEN)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.sqlite"
        write(path, facts)
        first = _start(path)
        best = min(_start(path) for _ in range(STARTS))
        with closing(JournalFile(path)) as file:
            begun = perf_counter()
            replay(file.load())
            whole = (perf_counter() - begun) * 1000
    return [
        (START, best, "ms"),
        ("the first start after an update of Touchline", first, "ms"),
        ("replaying every one of these facts", whole, "ms"),
    ]


def _start(path: Path) -> float:
    begun = perf_counter()
    with closing(JournalFile(path)) as file:
        orders, _ = recover(file, 0)
        took = perf_counter() - begun
    assert sum(not order.final for order in orders.values()) == OPEN_ORDERS
    return took * 1000
