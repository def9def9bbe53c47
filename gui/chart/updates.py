"""Feeds the chart: market data, gaps, orders and ghosts, at the animation clock's pace."""

from typing import TYPE_CHECKING

from core.analysis.preview import Outlook
from core.market.links import Link, LinkName, LinkState
from core.market.time import NS
from core.orders.state import ParentOrder
from core.wording.numbers import price, ticks
from gui.state.inbox import Frame
from gui.state.view_state import ViewState

if TYPE_CHECKING:
    from gui.chart.chart import SpreadChart  # numpy and pyqtgraph come after the first paint

STALLED_NS = NS  # a window that stood still for so long cannot say what happened meanwhile
MOST_ENDED = 12  # ended orders of a symbol that stay on the chart


class ChartUpdates:
    """What the chart is to show next. Holds frames back until the chart draws."""

    def __init__(self, known: ViewState) -> None:
        self._known = known
        self._chart: SpreadChart | None = None
        self._frames: list[Frame] = []
        self._ended: dict[str, dict[str, ParentOrder]] = {}  # by symbol, those that ended last
        self._gap_from: int | None = None
        self._symbol = ""
        self._ticked_ns = 0
        self._began_ns: int | None = None

    def put_chart(self, chart: "SpreadChart") -> None:
        """Feed `chart` from now on, beginning with what is known."""
        self._chart = chart
        chart.show_symbol(self._symbol)
        for quote in self._known.board.quotes.values():
            chart.add_quote(quote)
        self.show_orders()

    def show_symbol(self, symbol: str) -> None:
        """Make the chart about `symbol`."""
        self._symbol = symbol
        if self._chart is not None:
            self._chart.show_symbol(symbol)
            self.show_orders()

    def add(self, frame: Frame) -> None:
        """Keep a frame for the next picture."""
        if self._chart is not None:
            self._frames.append(frame)

    def tick(self, now_ns: int) -> None:
        """Hand over what came since the last picture, and draw."""
        if self._chart is None:
            return
        if self._began_ns is None:
            self._began_ns = now_ns  # before it there was no chart: what ended then has no place
        elif now_ns - self._ticked_ns > STALLED_NS:
            self._chart.mark_gap(self._ticked_ns, None)  # until the next quote of each symbol
        self._ticked_ns = now_ns
        self._hand_over(self._chart)
        self._chart.tick(now_ns)

    def slow_tick(self, now_ns: int) -> None:
        """Say how old the quote is where it may be taken for the present one no more."""
        if self._chart is not None:
            self._chart.show_age(self._known.outdated(self._symbol, now_ns))

    def _hand_over(self, chart: "SpreadChart") -> None:
        frames, self._frames = self._frames, []
        for frame in frames:
            for quote in frame.quotes:
                chart.add_quote(quote)
            for trade in frame.trades:
                chart.add_trade(trade)
        changes = [change for frame in frames for change in frame.orders]
        for change in changes:
            self._keep_ended(change.order)
        if changes:
            self.show_orders()

    def _keep_ended(self, order: ParentOrder) -> None:
        if order.final and self._seen(order):
            last = self._ended.setdefault(order.symbol, {})
            last[order.id] = order
            if len(last) > MOST_ENDED:
                del last[next(iter(last))]

    def show_orders(self) -> None:
        """Draw the working orders on the symbol, and the last ended ones that lie on the chart."""
        if self._chart is None:
            return
        ended = self._ended.get(self._symbol, {}).values()
        working = (order for order in self._known.working() if order.symbol == self._symbol)
        self._chart.set_orders((*ended, *working))

    def _seen(self, order: ParentOrder) -> bool:
        """Whether it was begun since the chart was."""
        return self._began_ns is not None and order.started_ns >= self._began_ns

    def on_link(self, link: Link, now_ns: int) -> None:
        """Begin or end a gap. Called before `known` takes the link."""
        if link.name is not LinkName.QUOTES or self._chart is None:
            return
        is_up = link.state is LinkState.UP
        if self._known.up(link.name) and not is_up:
            self._gap_from = now_ns
            self._chart.mark_gap(now_ns, None)
        elif is_up and self._gap_from is not None:
            self._chart.mark_gap(self._gap_from, now_ns)
            self._gap_from = None

    def show_outlooks(self, sell: Outlook, buy: Outlook) -> None:
        """Draw where a sell and a buy would be priced now."""
        if self._chart is None:
            return
        self._chart.set_ghosts(
            sell.limit.price if sell.limit else None,
            buy.limit.price if buy.limit else None,
            (_ghost_words(sell), _ghost_words(buy)),
        )


def _ghost_words(view: Outlook) -> str:
    if view.limit is None:
        return ""
    gain = "at the touch" if view.limit.collapsed else ticks(view.limit.ticks_better)
    return f"a {view.side.value} now: {price(view.limit.price)} \N{MIDDLE DOT} {gain}"
