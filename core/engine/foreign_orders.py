"""Orders at the venue that the journal does not know: shown, and never cancelled from here.

One under the id of an order of ours is read, and a read that finds it makes it count. One of
another Touchline, or of nobody we know, is told once and left alone.
"""

import asyncio
from collections.abc import Callable

from core.engine.events import Level
from core.engine.listeners import Listeners
from core.errors import Refusal
from core.orders.child_record import TERMINAL
from core.orders.facts import AnyFact
from core.orders.ids import parent_of
from core.orders.ledger import Ledger
from core.orders.state import ParentOrder
from core.runtime.clock import Clock
from core.runtime.tasks import Tasks
from core.venue.interface import Absent, OrderReport, Unanswered, Venue
from core.wording.numbers import price, qty
from core.wording.order_words import order_title, side_word, status_words

READS = 5
_WAIT_S = 0.5
_LIST_S = 5.0
_MOST = 1000  # that are kept in mind as told


class ForeignOrders:
    """Hears of every order that no child of ours stands for."""

    def __init__(
        self,
        venue: Venue,
        ledger: Ledger,
        listeners: Listeners,
        tasks: Tasks,
        clock: Clock,
        apply: Callable[[AnyFact], None],
    ) -> None:
        self._venue = venue
        self._ledger = ledger
        self._listeners = listeners
        self._tasks = tasks
        self._clock = clock
        self._apply = apply
        self._named: set[tuple[str, str]] = set()
        self._met: dict[str, None] = {}  # broker ids, oldest first

    def on_report(self, report: OrderReport) -> None:
        """The stream tells of an order that is no child of ours, as far as is known."""
        if report.broker_id in self._met:
            return
        parent = parent_of(report.client_id)
        if parent is not None and self._ledger.is_left_alone(parent):
            return
        self._met[report.broker_id] = None
        if len(self._met) > _MOST:
            del self._met[next(iter(self._met))]
        if parent is not None:
            self._tasks.spawn(self._look_into(parent, report), f"quarantine {report.client_id}")
        elif report.status not in TERMINAL:
            words = f"At the venue and not Touchline's: {title(report)}. It is left alone."
            self._listeners.notice(Level.INFO, words)

    async def _look_into(self, parent: str, report: OrderReport) -> None:
        """Read an order under an id of ours: the read decides, not the frame."""
        reply = await self._venue.read(report.client_id, report.broker_id)
        for tries in range(1, READS):
            if isinstance(reply, OrderReport):
                break
            await asyncio.sleep(_WAIT_S * 2**tries)
            reply = await self._venue.read(report.client_id, report.broker_id)
        if isinstance(reply, OrderReport) and parent in self._ledger.orders:
            self._apply(reply.as_fact(parent, report.client_id, self._clock.now_ns()))
            return
        self._listeners.notice(Level.ALARM, _orphan(report, reply))

    def name_in_the_way(self, order: ParentOrder, broker_id: str) -> None:
        """Say once whose order it is that the venue will not let `order` meet."""
        if (order.id, broker_id) not in self._named:
            self._named.add((order.id, broker_id))
            self._tasks.spawn(self._name(order, broker_id), f"in the way {broker_id}")

    async def _name(self, order: ParentOrder, broker_id: str) -> None:
        for own in self._ledger.current:
            if any(child.broker_id == broker_id for child in own.children):
                which = f"your own {order_title(own)}: cancel it ('touchline cancel {own.id}')"
                break
        else:
            reply = await self._venue.read("", broker_id)
            what = title(reply) if isinstance(reply, OrderReport) else f"order {broker_id[:40]}"
            which = f"{what}, which is not Touchline's: cancel it at the broker"
        self._listeners.notice(
            Level.WARNING,
            f"In the way of {order_title(order)} is {which} to let the fallback through.",
            order.id,
        )

    async def open(self) -> tuple[str, ...] | None:
        """What is open at the venue and not ours, in words; None when it could not be read."""
        try:
            async with asyncio.timeout(_LIST_S):
                listed = await self._venue.open_orders()
        except (Refusal, TimeoutError):
            return None
        return tuple(title(report) for report in listed if not self._is_ours(report))

    def _is_ours(self, report: OrderReport) -> bool:
        return any(self._ledger.of_child(n) for n in (report.client_id, report.broker_id))


def title(report: OrderReport) -> str:
    """An order in a few words: side, shares, symbol, limit, the id under which it was sent."""
    parts = [side_word(report.side) if report.side is not None else "order"]
    if report.qty is not None:
        parts.append(qty(report.qty))
    parts.append(report.symbol)
    if report.limit_price is not None:
        parts.append(f"@ {price(report.limit_price)}")
    name = report.client_id or report.broker_id
    return " ".join(p for p in parts if p) + f" ({name[:40]})"


def _orphan(report: OrderReport, reply: OrderReport | Absent | Unanswered) -> str:
    match reply:
        case OrderReport():
            found = f"{title(reply)} is {status_words(reply.status)}, {qty(reply.filled)} filled."
        case Absent():
            found = f"Reads of {title(report)} find nothing."
        case Unanswered():
            found = f"{title(report)} could not be read ({reply.reason})."
    return (
        f"The venue reports {report.client_id[:40]}, an order of Touchline's that this journal "
        f"does not know. {found} Touchline leaves it alone; check it at the broker."
    )
