"""Shows what happens to orders: blotter, log, detail, notices, and how soon fills were painted."""

from core.engine.events import OrderChanged
from core.market.quotes import Quote
from core.orders.facts import Reported
from core.orders.state import ParentOrder, State
from core.wording.next_step import next_step, state_words
from core.wording.order_words import order_title
from core.wording.quote_words import why_unusable_words
from gui.blotter.blotter import Blotter
from gui.blotter.log_tab import LogLine
from gui.controllers.notifier import Notifier
from gui.controllers.sounds import AlertKind
from gui.order_detail.benchmark_panel import BenchmarkPanel
from gui.order_detail.detail import Detail
from gui.order_detail.story import Stories, StoryPage, level_of
from gui.state.clocks import RunClock
from gui.state.inbox import Frame
from gui.state.view_state import ViewState
from gui.window.status_line import StatusLine

_ALARMING = (State.REJECTED, State.ATTENTION)


class OrderPresenter:
    """Every order on the screen, and the one in hand in full."""

    def __init__(
        self,
        blotter: Blotter,
        detail: Detail,
        benchmark: BenchmarkPanel,
        status: StatusLine,
        known: ViewState,
        clock: RunClock,
        notifier: Notifier,
    ) -> None:
        self._blotter = blotter
        self._detail = detail
        self._benchmark = benchmark
        self._status = status
        self._known = known
        self._clock = clock
        self._notifier = notifier
        self.stories = Stories()
        self._chosen_id = ""
        self._fell_back: set[str] = set()
        self._ended: set[str] = set()  # whose end is told, or was known when the window began
        self._unpainted_fills: list[int] = []
        self._measured: ParentOrder | None = None  # what the metrics are of
        detail.said.connect(notifier.say)
        blotter.order_chosen.connect(self.choose)
        blotter.detail_asked.connect(self._on_detail)
        blotter.painted.connect(self._on_blotter_painted)

    def on_frame(self, frame: Frame) -> None:
        """Draw what became of orders; the known ones hold it already."""
        changes = frame.orders
        if not changes:
            return
        lines = []
        filled: dict[str, None] = {}
        for change in changes:
            entry = self.stories.add(change)
            has_ended = self._ends(change.order)
            if change.fact is not None and entry is not None:
                about = order_title(change.order)
                level = level_of(entry.tone)
                lines.append(LogLine(change.fact.at, level, about, entry.sentence, entry.told_by))
            if isinstance(change.fact, Reported) and change.fact.execution is not None:
                self._unpainted_fills.append(change.fact.at)
                filled[change.order.id] = None
                self._announce_fill(change)
            elif change.fact is not None and has_ended:
                self._announce_end(change.order)
            elif change.order.state is State.FALLBACK and change.order.id not in self._fell_back:
                self._announce_fallback(change.order)
        orders = tuple(change.order for change in changes)
        self._blotter.show_orders(orders)
        self._blotter.show_now(filled)
        self._blotter.log.add(lines)
        self.stories.drop_oldest_ended(self._chosen_id)
        if any(order.id == self._chosen_id for order in orders):
            self._show_chosen()

    def _ends(self, order: ParentOrder) -> bool:
        """Whether it is final now and was not before; what follows an end is no other end."""
        if not order.final or order.id in self._ended:
            return False
        self._ended.add(order.id)
        self._fell_back.discard(order.id)
        return True

    def _announce_fill(self, change: OrderChanged) -> None:
        assert change.fact is not None
        entry = self.stories.story(change.order.id).heard[-1]
        self._notifier.happened(AlertKind.FILL, change.order, entry.sentence, change.fact.at)

    def _announce_fallback(self, order: ParentOrder) -> None:
        self._fell_back.add(order.id)
        now = self._clock.now_ns()
        self._notifier.happened(AlertKind.END, order, next_step(order, now).words, now)

    def _announce_end(self, order: ParentOrder) -> None:
        kind = AlertKind.ALARM if order.state in _ALARMING else AlertKind.END
        at = order.ended_ns or self._clock.now_ns()
        self._notifier.happened(kind, order, order.reason or state_words(order), at)

    def _on_blotter_painted(self) -> None:
        """Measure from the fill's frame to the painted cell."""
        if not self._unpainted_fills:
            return
        now = self._clock.now_ns()
        for at in self._unpainted_fills:
            self._status.add_latency((now - at) / 1e6)
        self._unpainted_fills.clear()

    @property
    def chosen_id(self) -> str:
        """The id of the order shown in full; empty for none."""
        return self._chosen_id

    def choose(self, order_id: str) -> None:
        """Show an order in full."""
        self._chosen_id = order_id
        self._show_chosen()
        self._show_metrics()

    def _on_detail(self, _order_id: str) -> None:
        self._detail.focus_story()

    def show_past(self, order_id: str, pages: tuple[StoryPage, ...]) -> bool:
        """Begin the story of an order with its facts in the journal.

        False: the journal was not so far yet and should be asked again.
        """
        whole = self.stories.put_past(order_id, pages)
        self._story_changed(order_id)
        return whole

    def show_trouble(self, order_id: str, sentence: str) -> None:
        """Say in its story that its facts cannot be read."""
        if (order := self.order(order_id)) is not None:
            self.stories.put_trouble(order, sentence)
            self._story_changed(order_id)

    def order(self, order_id: str) -> ParentOrder | None:
        """An order of this run, or one that ended before it and stands in the tables."""
        return self._known.orders.get(order_id) or self._blotter.past_order(order_id)

    def slow_tick(self, now_ns: int) -> None:
        """Move the ages, and what the rest of the order in hand is worth against the quote now."""
        order = self.order(self._chosen_id)
        if order is None:
            return
        self._detail.tick(order, now_ns)
        if order is not self._measured:
            self._show_metrics()
        else:
            self._benchmark.show_rest(order, *self._quote(order, now_ns))

    def _quote(self, order: ParentOrder, now_ns: int) -> tuple[Quote | None, str]:
        """The present quote, or why it says nothing now."""
        board = self._known.board
        unusable = board.why_unusable(
            order.symbol,
            now_ns,
            is_open=self._known.is_open(now_ns),
            max_age_ns=self._known.settings.max_quote_age_ns,
        )
        if unusable is not None:
            old = board.age(order.symbol, now_ns)
            return None, why_unusable_words(unusable, order.symbol, old)
        return board.quotes[order.symbol], ""

    def _story_changed(self, order_id: str) -> None:
        if order_id == self._chosen_id:
            self._show_chosen()

    def _show_chosen(self) -> None:
        order = self.order(self._chosen_id)
        if order is not None:
            story, now = self.stories.story(order.id), self._clock.now_ns()
            self._detail.show_order(order, story, now)

    def _show_metrics(self) -> None:
        """Its sums: not in every frame, because they walk all its fills."""
        order = self.order(self._chosen_id)
        if order is None:
            return
        self._measured = order
        now = self._clock.now_ns()
        self._benchmark.show_order(order, *self._quote(order, now))
        self._detail.show_outcome(order, self._benchmark.figures)
