"""The orders of one journal, and how to find the one that a word is about. Plain data.

Only the engine puts orders in. What an earlier run left open and this one is not to go on
with is left alone: words about it are not for us.
"""

from collections.abc import Iterable

from core.orders.state import ParentOrder


class Ledger:
    """`orders` is by id, oldest first."""

    def __init__(self, orders: dict[str, ParentOrder]) -> None:
        self.orders = orders
        self._current = {o.id: o for o in orders.values() if not o.done}
        self._parents = {c.client_id: o.id for o in orders.values() for c in o.children}
        self._intents = {o.instruction.id: o.id for o in orders.values()}
        self._left_alone: set[str] = set()

    @property
    def open(self) -> tuple[ParentOrder, ...]:
        """Orders that are not final."""
        return tuple(o for o in self._current.values() if not o.final)

    @property
    def unproven(self) -> tuple[ParentOrder, ...]:
        """Orders that ended while nobody knew whether something of them may still fill."""
        return tuple(o for o in self._current.values() if o.final)

    @property
    def current(self) -> tuple[ParentOrder, ...]:
        """The open orders, and those that ended while a child of theirs was not proven dead."""
        return tuple(self._current.values())

    def put(self, order: ParentOrder) -> None:
        """Keep `order` as it is now."""
        before = self.orders.get(order.id)
        self.orders[order.id] = order
        if order.done:
            self._current.pop(order.id, None)
        else:
            self._current[order.id] = order
        if before is None:
            self._intents[order.instruction.id] = order.id
        if before is None or len(before.children) != len(order.children):
            self._parents.update((c.client_id, order.id) for c in order.children)

    def of_intent(self, intent: str) -> ParentOrder | None:
        """The order that this intent has become; the same intent is never two."""
        order_id = self._intents.get(intent)
        return None if order_id is None else self.orders[order_id]

    def of_child(self, client_id: str) -> str | None:
        """The id of the order that this child belongs to."""
        return self._parents.get(client_id)

    def is_left_alone(self, order_id: str) -> bool:
        """Whether this run has nothing to do with that open order."""
        return order_id in self._left_alone

    def leave_alone(self, order_ids: Iterable[str]) -> None:
        """Have nothing to do with these, until a person asks something of them."""
        self._left_alone.update(order_ids)

    def attend(self, order_ids: Iterable[str]) -> None:
        """Go on with these after all."""
        self._left_alone.difference_update(order_ids)
