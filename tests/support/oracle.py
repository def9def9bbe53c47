"""The eight invariants, checked while a scenario runs: at the engine, its journal and the exchange.

The exchange's own books are the truth. A breach is written down, not raised: an engine goes on
whatever its listeners throw. `play` raises at the end of the scenario.
"""

import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from core.engine.engine import Engine
from core.engine.events import Event, OrderChanged
from core.exchange.matching.exchange import Exchange
from core.exchange.matching.orders import Order
from core.journal.replay import replay
from core.journal.writer import Recorder
from core.market.prices import ZERO
from core.orders.child_record import TERMINAL
from core.orders.facts import AnyFact, PostSent
from core.orders.ids import parent_of
from core.orders.reducer import reduce
from core.orders.state import ChildKind, ChildOrder, ParentOrder, State
from core.venue.interface import PostRequest
from tests.support.exchange_venue import ExchangeVenue


class Tail:
    """Reads a journal by a connection of its own, as another program would."""

    def __init__(self, path: Path) -> None:
        self.facts: list[AnyFact] = []
        self._db = sqlite3.connect(path)
        self._decode = msgspec.json.Decoder(AnyFact).decode

    def news(self) -> list[AnyFact]:
        """What was written since the last look."""
        rows = self._db.execute(
            "SELECT body FROM facts WHERE seq > ? ORDER BY seq", (len(self.facts),)
        )
        new: list[AnyFact] = [self._decode(body) for (body,) in rows]
        self.facts += new
        return new

    def close(self) -> None:
        """Close the connection."""
        self._db.close()


class Oracle:
    """Watches one exchange and every engine that trades on it, one after the other.

    `venue_errs` is set by a scenario in which the venue itself breaks its word (an overfill,
    a bust, a record that changes after its end): then only what Touchline does about it counts.
    """

    def __init__(self, exchange: Exchange, journal: Path) -> None:
        self.breaches: list[str] = []
        self.venue_errs = False
        self.steps = 0
        self._exchange = exchange
        self._journal = journal
        self._tail: Tail | None = None
        self._replayed: dict[str, ParentOrder] = {}
        self._finals: dict[str, ParentOrder] = {}
        self._engine: Engine | None = None
        self._recorder: Recorder | None = None
        exchange.listeners.append(self)

    def watch(self, engine: Engine, venue: ExchangeVenue, recorder: Recorder) -> None:
        """Look at this engine from now on."""
        self._engine, self._recorder = engine, recorder
        engine.listen(self._on_event)
        venue.on_post = self._on_post
        venue.on_replace = self._on_replace
        self._read_journal()
        # What a run showed that could not record any more, the next one can't know.
        recorded = {o.id for o in self._replayed.values() if o.final}
        self._finals = {name: o for name, o in self._finals.items() if name in recorded}

    def verdict(self) -> None:
        """Raise AssertionError if an invariant was broken."""
        self._at_the_end()
        if self._tail is not None:
            self._tail.close()
        assert not self.breaches, "\n".join(self.breaches)

    def _expect(self, true: bool, rule: str, words: str) -> None:
        if not true:
            self.breaches.append(f"{rule} after {self.steps} steps: {words}")

    # ---- the journal ------------------------------------------------------------------------

    def _read_journal(self) -> list[AnyFact]:
        if self._tail is None:
            self._tail = Tail(self._journal)
        new = self._tail.news()
        for fact in new:
            before = self._replayed.get(fact.order_id)
            self._replayed[fact.order_id] = reduce(before, fact)[0]
        return new

    @property
    def _records(self) -> bool:
        """Whether the journal can still record; when it can't, memory is ahead of it."""
        return self._recorder is not None and not self._recorder.broken

    # ---- after every fact -------------------------------------------------------------------

    def _on_event(self, event: Event) -> None:
        try:
            self._look_at(event)
        except Exception as error:  # noqa: BLE001 - the engine would swallow it, a test must not
            self.breaches.append(f"the oracle itself failed: {error!r}")

    def _look_at(self, event: Event) -> None:
        self.steps += 1
        if not isinstance(event, OrderChanged) or event.fact is None:
            return
        order = event.order
        self._read_journal()
        if self._records:
            same = self._replayed.get(order.id) == order
            self._expect(same, "I6 I8", f"{order.id} is not what its journal says")
        self._one_final_state(order)
        for child in order.children:
            self._child(order, child)
        self._watched(order)

    def _one_final_state(self, order: ParentOrder) -> None:
        before = self._finals.get(order.id)
        if before is not None:
            stays = order.state in (before.state, State.ATTENTION)
            self._expect(stays, "I5", f"{order.id} went from {before.state} to {order.state}")
            less = order.filled < before.filled and not order.busted
            self._expect(not less, "I5", f"{order.id} lost shares after its end")
        if order.final:
            self._finals[order.id] = order

    def _child(self, order: ParentOrder, child: ChildOrder) -> None:
        ids = [e.id for e in child.executions]
        self._expect(len(ids) == len(set(ids)), "I4", f"{child.client_id} counts a fill twice")
        if self.venue_errs:
            return
        real = self._real(child)
        filled = real.filled if real is not None else ZERO
        self._expect(
            child.filled <= filled, "I4", f"{child.client_id}: {child.filled} counted of {filled}"
        )
        if child.dead and not order.alarm:
            dead = real is None or not real.is_open
            self._expect(dead, "I2", f"{child.client_id} is shown dead and lives")
            proven = child.status not in TERMINAL or child.filled == filled
            self._expect(proven, "I4", f"{child.client_id}: dead at {child.filled} of {filled}")

    def _watched(self, order: ParentOrder) -> None:
        if order.final and not order.alarm:
            self._expect(not order.live_children, "I2", f"{order.id} ended with a live child")

    # ---- before every POST ------------------------------------------------------------------

    def _on_post(self, request: PostRequest) -> None:
        try:
            self._before_post(request)
        except Exception as error:  # noqa: BLE001 - as above
            self.breaches.append(f"the oracle itself failed: {error!r}")

    def _on_replace(self, name: str, qty: Decimal) -> None:
        try:
            order, _ = self._leaving(name)
        except Exception as error:  # noqa: BLE001 - as above
            self.breaches.append(f"the oracle itself failed: {error!r}")
            return
        worst = order.filled + qty
        self._expect(worst <= order.qty, "I1", f"{name} replaces for {qty}: {worst} may fill")

    def _leaving(self, name: str) -> tuple[ParentOrder, ChildOrder]:
        """The order and the child that leave, which must be journaled and wanted."""
        self.steps += 1
        assert self._engine is not None
        assert self._tail is not None
        self._read_journal()
        order = self._engine.orders[parent_of(name) or ""]
        child = order.child(name)
        assert child is not None
        sent = any(isinstance(f, PostSent) and f.client_id == name for f in self._tail.facts)
        self._expect(sent, "I3", f"{name} left before it was journaled")
        self._expect(not order.final, "I5", f"{name} was sent for an order that had ended")
        return order, child

    def _before_post(self, request: PostRequest) -> None:
        name = request.client_id
        order, child = self._leaving(name)
        self._expect(order.exposure <= order.qty, "I1", f"{name} is one too many: {order.exposure}")
        others = [o for o in self._family(order.id) if o.client_order_id != name]
        if not self.venue_errs:
            worst = _worst(others) + request.qty
            self._expect(worst <= order.qty, "I1", f"{name}: {worst} of {order.qty} may fill")
        if child.kind is not ChildKind.LIMIT:
            alive = [o.client_order_id for o in others if o.is_open]
            self._expect(not alive, "I7", f"{name} was sent while {alive} lives")
            rest = order.qty - sum((o.filled for o in others), ZERO)
            right = self.venue_errs or request.qty == rest
            self._expect(right, "I7", f"{name} is for {request.qty}, the rest is {rest}")

    # ---- the exchange's own books -----------------------------------------------------------

    def _real(self, child: ChildOrder) -> Order | None:
        for order in self._exchange.orders.values():
            if child.client_id in (order.client_order_id, order.id):
                return order
        return None

    def _family(self, order_id: str) -> list[Order]:
        """The orders sent for a parent, and those that someone made of them at the broker."""
        prefix = f"tl-{order_id}-"
        found: dict[str, Order] = {}
        for order in self._exchange.orders.values():
            if order.client_order_id.startswith(prefix) or order.replaces in found:
                found[order.id] = order
        return list(found.values())

    def on_update(self, message: dict[str, Any]) -> None:
        """The exchange says something: its books have changed."""
        self.steps += 1
        if self._engine is None or self.venue_errs:
            return
        parent = self._replayed.get(parent_of(message["data"]["order"]["client_order_id"]) or "")
        if parent is None:
            return
        family = self._family(parent.id)
        if all(o.client_order_id.startswith("tl-") for o in family):
            worst = _worst(family)
            self._expect(worst <= parent.qty, "I1", f"{parent.id}: {worst} may fill at the venue")

    def on_quote(self, symbol: str, quote: object) -> None:
        """Nothing to check."""

    def on_trade(self, symbol: str, trade: object) -> None:
        """Nothing to check."""

    def on_bar(self, symbol: str, bar: object) -> None:
        """Nothing to check."""

    def on_status(self, symbol: str, status: object, at_ns: int) -> None:
        """Nothing to check."""

    # ---- the end ----------------------------------------------------------------------------

    def _at_the_end(self) -> None:
        if self._engine is None or self._tail is None:
            return
        self._read_journal()
        engine = self._engine
        if self._records:
            self._expect(replay(self._tail.facts) == engine.orders, "I6", "the journal differs")
        for words in self._unknown(engine):
            self._expect(False, "I2", words)
        for order in engine.orders.values():
            if order.final and not order.alarm and not self.venue_errs:
                real = sum((o.filled for o in self._family(order.id)), ZERO)
                self._expect(order.filled == real, "I4", f"{order.id}: {order.filled} of {real}")

    def _unknown(self, engine: Engine) -> Iterator[str]:
        names: list[str] = []
        for real in self._exchange.orders.values():
            parent = engine.orders.get(parent_of(real.client_order_id) or "")
            if parent is None:
                continue
            names.append(real.client_order_id)
            if parent.child(real.client_order_id) is None:
                yield f"{real.client_order_id} is at the venue and in no order"
            if real.is_open and parent.final and not parent.alarm:
                yield f"{real.client_order_id} lives and its order has ended"
        if len(names) != len(set(names)):
            yield f"one client id for two orders: {names}"


def _worst(orders: list[Order]) -> Decimal:
    """Shares filled and those that may still fill; a replacement only once it took its place."""
    total = ZERO
    by_id = {o.id: o for o in orders}
    for order in orders:
        total += order.filled
        before = by_id.get(order.replaces or "")
        if order.is_open and (before is None or before.status == "replaced"):
            total += order.leaves
    return total
