"""Shows what happens to orders: blotter, log, detail, notices, and how soon fills were painted."""

from core.events import OrderChanged
from core.facts import Reported
from core.next_step import STATE_WORDS, due_step, next_step
from core.order_state import ParentOrder, State
from core.words import order_title
from gui.announcing import Kind
from gui.known import Known
from gui.log_view import LogLine
from gui.story import Entry, Stories, Tone, level_of
from gui.telling import RunClock, Teller
from gui.window import MainWindow

_ALARMING = (State.REJECTED, State.ATTENTION)


class OrdersShown:
    """Every order on the screen, and the one in hand in full."""

    def __init__(self, window: MainWindow, known: Known, clock: RunClock, tell: Teller) -> None:
        self._window = window
        self._known = known
        self._clock = clock
        self._tell = tell
        self.stories = Stories()
        self._order_id = ""
        self._fell_back: set[str] = set()
        self._unpainted_fills: list[int] = []
        self._past: dict[str, ParentOrder] = {}  # chosen orders of earlier days

    def on_changes(self, changes: tuple[OrderChanged, ...]) -> None:
        """Draw what became of orders; the known ones hold it already."""
        lines = []
        filled: dict[str, None] = {}
        for change in changes:
            entry = self.stories.add(change)
            if entry is not None:
                about = order_title(change.order)
                level = level_of(entry.tone)
                lines.append(LogLine(entry.at, level, about, entry.sentence, entry.source))
            if isinstance(change.fact, Reported) and change.fact.execution is not None:
                self._unpainted_fills.append(change.fact.at)
                filled[change.order.id] = None
                self._tell_fill(change)
            elif change.fact is not None and change.order.final:
                self._tell_end(change.order)
            elif change.order.state is State.FALLBACK and change.order.id not in self._fell_back:
                self._tell_fallback(change.order)
        orders = tuple(change.order for change in changes)
        self._window.blotter.show_orders(orders)
        self._window.blotter.show_now(filled)
        self._window.blotter.log.add(lines)
        if any(order.id == self._order_id for order in orders):
            self._show_in_hand()

    def _tell_fill(self, change: OrderChanged) -> None:
        entry = self.stories.of(change.order.id)[-1]
        self._tell.happened(Kind.FILL, change.order, entry.sentence, entry.at)

    def _tell_fallback(self, order: ParentOrder) -> None:
        self._fell_back.add(order.id)
        now = self._clock.now_ns()
        self._tell.happened(Kind.END, order, next_step(order, now).words, now)

    def _tell_end(self, order: ParentOrder) -> None:
        kind = Kind.ALARM if order.state in _ALARMING else Kind.END
        at = order.ended_ns or self._clock.now_ns()
        self._tell.happened(kind, order, order.reason or STATE_WORDS[order.state], at)

    def on_blotter_painted(self) -> None:
        """Measure from the fill's frame to the painted cell."""
        if not self._unpainted_fills:
            return
        now = self._clock.now_ns()
        for at in self._unpainted_fills:
            self._window.status.add_latency((now - at) / 1e6)
        self._unpainted_fills.clear()

    def choose(self, order_id: str) -> None:
        """Show an order in full."""
        self._order_id = order_id
        self._show_in_hand()

    def knows(self, order_id: str) -> bool:
        """Whether an order can be shown in full."""
        return order_id in self._known.orders or order_id in self._past

    def show_past(self, changes: tuple[OrderChanged, ...]) -> None:
        """Show an order that ended before this window opened, by all its facts."""
        for change in changes:
            self.stories.add(change)
        order = changes[-1].order
        self._past[order.id] = order
        if order.id == self._order_id:
            self._show_in_hand()

    def _order(self) -> ParentOrder | None:
        return self._known.orders.get(self._order_id) or self._past.get(self._order_id)

    def slow_tick(self) -> None:
        """What the order in hand is worth against the quote now."""
        order = self._order()
        if order is not None:
            self._window.so_far.show_order(order, self._known.board.quotes.get(order.symbol))

    def _show_in_hand(self) -> None:
        order = self._order()
        if order is None:
            return
        entries = self.stories.of(order.id)
        due = due_step(order)
        if due is not None:
            entries = (*entries, Entry(due[0], due[1], "if nobody does anything", Tone.NEXT))
        self._window.detail.show_order(order, entries)
        self._window.so_far.show_order(order, self._known.board.quotes.get(order.symbol))
