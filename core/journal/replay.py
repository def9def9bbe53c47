"""From a journal to the orders it stands for.

`replay` is what the facts mean. A start is spared most of it: an ended order is taken as it was
kept beside its facts, if it was made by today's rules and is bound to the order's last fact,
whose checksum stands for all facts before it. Every record is read and checked all the same.
"""

import logging
from collections.abc import Iterable

from core.errors import Refusal
from core.journal.damage import End, JournalError
from core.journal.file import JournalFile
from core.orders.facts import AnyFact, OrderAccepted
from core.orders.reducer import reduce
from core.orders.state import ParentOrder
from core.runtime import garbage

_LOG = logging.getLogger(__name__)


def replay(facts: Iterable[AnyFact]) -> dict[str, ParentOrder]:
    """The state that the facts add up to, by order id, oldest first."""
    orders: dict[str, ParentOrder] = {}
    for fact in facts:
        orders[fact.order_id] = _after(orders.get(fact.order_id), fact)
    return orders


def _after(order: ParentOrder | None, fact: AnyFact) -> ParentOrder:
    if order is None and not isinstance(fact, OrderAccepted):
        raise Refusal(
            "journal",
            f"The journal tells of order {fact.order_id} before that was accepted; "
            "it is not whole.",
            fact.order_id,
        )
    return reduce(order, fact)[0]


def restore(file: JournalFile) -> dict[str, ParentOrder]:
    """What `replay` makes of all facts in `file`, in less time. Raises Refusal as `load` does."""
    with garbage.paused():
        return _restore(file)


def _restore(file: JournalFile) -> dict[str, ParentOrder]:
    found = _Restored(file, file.ends())
    extent = file.walk(found.take)
    doubted = found.doubted
    if doubted:
        found = _Restored(file, {})
        extent = file.walk(found.take)
    file.refuse(extent.damage)
    if extent.damage is None:
        _keep(file, found, anew=doubted)
    return found.orders


def _keep(file: JournalFile, found: "_Restored", *, anew: bool) -> None:
    """Keep what had to be worked out, for the next start; `anew`: and nothing else."""
    new = [(o, *found.last[o.id]) for o in found.orders.values() if o.id in found.last and o.done]
    if not (new or anew):
        return
    try:
        file.keep_ends(new, anew=anew)
    except JournalError as error:  # the facts are safe; who next sends an order hears of it
        _LOG.warning("ended orders could not be kept: %s", error)


class _Restored:
    """Takes a journal's records: skips those that an end stands for, reduces all others.

    `last` has the number and the checksum of the last record of each order that was reduced.
    """

    def __init__(self, file: JournalFile, ends: dict[str, tuple[ParentOrder, End]]) -> None:
        self.orders: dict[str, ParentOrder] = {}
        self.last: dict[str, tuple[int, int]] = {}
        self._fact = file.fact
        self._ahead = dict(ends)  # ends whose last record is still to come

    def take(self, seq: int, order_id: str, body: bytes, crc: int) -> bool:
        """One record, known to be whole. False when it says nothing we know."""
        if order_id in self._ahead:
            order, end = self._ahead[order_id]
            self.orders[order_id] = order
            if seq == end.seq and end.bound_to(crc):
                del self._ahead[order_id]
            return True
        fact = self._fact(body)
        if fact is None:
            return False
        self.orders[order_id] = _after(self.orders.get(order_id), fact)
        self.last[order_id] = seq, crc
        return True

    @property
    def doubted(self) -> bool:
        """Whether there is an end for which no such record was found."""
        return bool(self._ahead)
