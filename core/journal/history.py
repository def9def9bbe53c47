"""Orders of earlier days, read from the journal a page at a time.

Every call opens the file, only to look, and closes it again: any thread may call, and none that
must not block should (use `asyncio.to_thread`). A running engine is not disturbed. What is
shown of an order is what its facts say, each of which is checked.
"""

from contextlib import closing
from pathlib import Path

import msgspec

from core.errors import Refusal
from core.journal.reader import JournalReader
from core.journal.replay import replay
from core.orders.facts import AnyFact
from core.orders.state import ParentOrder


class Page(msgspec.Struct, frozen=True):
    """Ended orders, the one that ended last first.

    `before` asks for the next page; None: there is no more.
    """

    orders: tuple[ParentOrder, ...]
    before: int | None


def ended(path: Path, before: int | None = None, most: int = 100) -> Page:
    """At most `most` orders that have ended, and not in the last moments of a running engine.

    Start with `before` None and go on with the `before` of each page. An order whose late word
    came while pages were turned may be seen again. Raises Refusal for a damaged record.
    """
    if not path.exists():
        return Page((), None)
    with closing(JournalReader(path)) as reader:
        found = reader.ended(before, most)
        orders = tuple(_order(reader.facts_of(order_id)) for _, order_id in found)
    return Page(orders, found[-1][0] if len(found) == most else None)


def facts(path: Path, order_id: str) -> list[tuple[int, AnyFact]]:
    """The facts of one order, oldest first, each with its number in the journal.

    Raises Refusal when the journal does not know the order, or one of its records is damaged.
    """
    with closing(JournalReader(path)) as reader:
        found = reader.facts_of(order_id)
    if not found:
        raise Refusal("order", f"There is no order {order_id[:40]} in {path}.", order_id)
    return found


def order(path: Path, order_id: str) -> ParentOrder:
    """One order as its facts make it. Raises Refusal as `facts` does."""
    return _order(facts(path, order_id))


def _order(facts_of_it: list[tuple[int, AnyFact]]) -> ParentOrder:
    (found,) = replay(fact for _, fact in facts_of_it).values()
    return found
