"""What the command line prints about orders: JSON lines for programs, sentences for people.

What a person reads is worded by `core.wording`; a program gets plain decimals, without
thousands apart.
"""

import json
import os
import sys
from collections.abc import Iterable
from typing import Any, TextIO

import msgspec

from core.engine.events import Event, LinkChanged, Notice, OrderChanged
from core.journal.audit import Entry, Report
from core.market.links import Link, LinkName, LinkState
from core.market.printable import printable
from core.orders.facts import Execution, PriceSet, Reported, StepPriced
from core.orders.state import ParentOrder, State
from core.wording.fact_words import fact_sentence
from core.wording.flatten_report import Flattened
from core.wording.for_programs import dollars, shares, summary
from core.wording.kill_report import KillReport
from core.wording.next_step import next_step
from core.wording.numbers import price, qty
from core.wording.order_words import order_price

ENDED_OTHERWISE = 1
REFUSED = 2
ATTENTION = 3
EXIT = {State.FILLED: 0, State.ATTENTION: ATTENTION}


def exit_code(order: ParentOrder) -> int:
    """0 filled, 3 attention needed, 1 ended otherwise."""
    return EXIT.get(order.state, ENDED_OTHERWISE)


class Printer:
    """Turns engine events into lines. With `as_json`, stdout has only JSON objects."""

    def __init__(self, as_json: bool, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._json = as_json
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self._states: dict[str, State] = {}
        self._fills: set[tuple[str, str]] = set()  # order and execution, so that each is told once
        self._up: dict[LinkName, bool] = {}
        self.closing = False  # links that go down then are no news

    def say(self, sentence: str) -> None:
        """A sentence for the person, on stderr."""
        _print(sentence, self._err)

    def on_event(self, event: Event) -> None:
        """Print what an engine event means for the person; quotes are not printed."""
        if isinstance(event, Notice):
            self.say(event.sentence)
        elif isinstance(event, OrderChanged):
            self._on_order(event)
        elif isinstance(event, LinkChanged) and not self.closing:
            self._on_link(event.link)

    def _on_link(self, link: Link) -> None:
        """A link that was lost or is back; one that never was up is the command's refusal."""
        up = link.state is LinkState.UP
        before = self._up.get(link.name)
        if before is None and not up:
            return
        self._up[link.name] = up
        if before not in (None, up):
            line = {"event": "link", "link": link.name.value, "up": up, "detail": link.detail}
            self._emit(line, _link_words(link, up))

    def _on_order(self, event: OrderChanged) -> None:
        order, fact = event.order, event.fact
        if isinstance(fact, Reported) and fact.execution is not None:
            self._on_fill(order, fact.execution)
        if isinstance(fact, StepPriced) and order.own_price is None:
            self._on_step(order, fact)
        if isinstance(fact, PriceSet):
            self._emit(
                {"event": "price", "order": order.id, "limit_price": dollars(fact.limit_price)},
                f"{_head(order)}: {fact_sentence(fact, order)}",
            )
        if not order.final and self._states.get(order.id) is not order.state:
            self._states[order.id] = order.state
            self._emit(
                {
                    "event": "state",
                    "order": order.id,
                    "state": order.state.value,
                    "limit_price": None if order.at_market else dollars(order.present_limit),
                    "filled_qty": shares(order.filled),
                },
                _state_words(order),
            )

    def _on_fill(self, order: ParentOrder, execution: Execution) -> None:
        """An execution, once: the venue may tell of it again, and who adds them up must not."""
        if (order.id, execution.id) in self._fills:
            return
        self._fills.add((order.id, execution.id))
        self._emit(
            {
                "event": "fill",
                "order": order.id,
                "qty": shares(execution.qty),
                "price": dollars(execution.price),
                "filled_qty": shares(order.filled),
            },
            f"filled {qty(order.filled)} of {qty(order.qty)}",
        )

    def _on_step(self, order: ParentOrder, fact: StepPriced) -> None:
        """What became of a step's price; of one that can't be had only the first time."""
        limit = fact.limit_price
        placed = any(c.step == fact.step for c in order.children)
        if not placed and (limit is not None or order.unpriced != 1):
            return
        self._emit(
            {
                "event": "step",
                "order": order.id,
                "step": fact.step + 1,
                "fraction": str(order.instruction.plan.all_steps[fact.step].fraction),
                "limit_price": None if limit is None else dollars(limit),
                "reason": fact.reason or None,
            },
            f"{_head(order)}: {fact_sentence(fact, order)}",
        )

    def waits(self, order: ParentOrder, now_ns: int) -> None:
        """What an order waits for, while that takes long; a countdown needs no word."""
        if order.final or (order.state is State.WORKING and not order.at_market):
            return
        words = next_step(order, now_ns).words
        self._emit({"event": "waits", "order": order.id, "for": words}, f"{_head(order)}: {words}")

    def done(self, order: ParentOrder) -> None:
        """The last line about an order."""
        self._emit(summary(order), _done_words(order))

    def orders(self, orders: list[ParentOrder]) -> None:
        """A list of orders, one line each; without any, that."""
        if not orders:
            self.say("No order has been journaled here yet.")
        for order in orders:
            words = f"{order.id}  {_done_words(order)}"
            self._emit(summary(order) | {"event": "order"}, words)

    def line(self, line: dict[str, Any]) -> None:
        """A summary that came from another Touchline."""
        words = f"{line['order']}  {line['state']}, {line['filled_qty']} filled."
        self._emit(line, f"{words} {line['reason'] or ''}".strip())

    def asked(self, line: dict[str, Any]) -> None:
        """What another Touchline was asked about an order, and what is proven of it."""
        self._emit(line, line["sentence"])

    def flattened(self, told: Flattened) -> None:
        """What came of flattening one symbol."""
        self._emit({"event": "flattened"} | msgspec.to_builtins(told), told.sentence)

    def killed(self, told: KillReport) -> None:
        """What a kill has proven and what it left."""
        self._emit({"event": "killed"} | msgspec.to_builtins(told), told.sentence)

    def verified(self, report: Report) -> None:
        """What reading a whole journal found."""
        state = report.damage or "every checksum is right."
        self._emit(
            {"event": "journal"} | msgspec.to_builtins(report),
            f"{report.path}: version {report.schema}, records: {report.records}, orders: "
            f"{report.orders} ({report.open_orders} open), checksum {report.checksum}; {state}",
        )

    def story(self, title: str, entries: Iterable[Entry]) -> None:
        """The facts of one order, each with its time and who told it."""
        if not self._json:
            _print(title, self._out)
        for entry in entries:
            self._emit(
                {"event": "fact"} | msgspec.to_builtins(entry),
                f"{entry.clock}  {entry.source:28} {entry.sentence}",
            )

    def export(self, lines: Iterable[dict[str, Any]]) -> None:
        """JSON lines, whoever reads them."""
        for line in lines:
            _print(json.dumps(line), self._out)

    def tell(self, name: str, value: str) -> None:
        """One checked thing."""
        self._emit({"event": "check", "name": name, "value": value}, f"{name + ':':14}{value}")

    def _emit(self, line: dict[str, Any], words: str) -> None:
        _print(json.dumps(line) if self._json else words, self._out)


_LINKS = {
    LinkName.ORDERS: "order stream",
    LinkName.QUOTES: "quote stream",
    LinkName.REST: "connection for orders and cancels",
}


def _link_words(link: Link, up: bool) -> str:
    if up:
        return f"The {_LINKS[link.name]} is back."
    return f"The {_LINKS[link.name]} is lost and tried again: {link.detail or 'no reason told'}"


def _head(order: ParentOrder) -> str:
    return f"{order.side.value} {qty(order.qty)} {order.symbol}"


def _state_words(order: ParentOrder) -> str:
    return f"{_head(order)} @ {order_price(order)}: {order.state.value}"


def _done_words(order: ParentOrder) -> str:
    average = "" if order.avg_price is None else f" at {price(order.avg_price)}"
    state = order.state.value if order.done or not order.final else "NOT PROVEN"
    line = f"{_head(order)}: {state}, {qty(order.filled)} filled{average}."
    return f"{line} {order.reason}".strip()


def _print(line: str, stream: TextIO) -> None:
    """Print a line; when its reader has gone, an order must go on all the same.

    The line may hold words of others, kept by a version that did not clean them.
    """
    try:
        print(printable(line), file=stream, flush=True)
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())  # what is left in the buffer has a place to go
        os.close(nowhere)
