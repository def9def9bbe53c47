"""How well orders were worked, by symbol, side or plan: what they gained, how often they filled.

A number that too few orders carry is not shown; how many there are stands in its place.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from core.analysis.fill_history import ENOUGH
from core.analysis.scorecard import Score, plan_words
from core.market.venues import profile_of
from core.orders.state import ParentOrder
from core.wording.numbers import MINUS, money, per_share, percent, qty
from core.wording.order_words import side_word
from core.wording.times import seconds
from gui.tables.columns import Column, number
from gui.tables.row_filter import DAYS, SIDE, SIDES, TODAY, FilterGroup, RowFilter, has_all_words
from gui.tables.sorted_model import SortedModel
from gui.tables.sorted_table import SortedTable

BY = "Measured by"
_BY = FilterGroup(BY, (("by symbol", None), ("by side", "side"), ("by plan", "plan")))
_LABELS: dict[object, Callable[[ParentOrder], str]] = {
    None: lambda order: order.symbol,
    "side": lambda order: side_word(order.side),
    "plan": lambda order: plan_words(order.instruction.plan),
}
_NONE = Decimal("-Infinity")
_HUNDREDTH = Decimal("0.01")


def _for_sorting(value: Decimal | None) -> Decimal:
    """For ordering: what is not known stands below everything."""
    return _NONE if value is None else value


def _rank(value: float | None) -> float:
    return -1 if value is None else value


def _few(count: int) -> str:
    return f"{count} of {ENOUGH}"


def _signed(value: Decimal) -> str:
    shown = f"{abs(value).quantize(_HUNDREDTH)}"
    return f"{MINUS if value < 0 else '+' if value > 0 else ''}{shown}"


def _or_few(value: Decimal | None, words: Callable[[Decimal], str], count: int) -> str:
    return _few(count) if value is None else words(value)


def _rate(score: Score) -> str:
    if score.fill_rate is None:
        return _few(score.telling)
    low, high = (percent(Decimal(end)).removesuffix(" %") for end in score.fill_interval)
    return f"{percent(Decimal(score.fill_rate))} [{low}\N{EN DASH}{high}]"


def _wait(score: Score) -> str:
    if score.median_wait_ns is not None:
        return seconds(score.median_wait_ns)
    return _few(score.count) if score.count < ENOUGH else "over half never"


def _fallback_rate(score: Score) -> str:
    rate = score.fallback_rate
    return _few(score.telling) if rate is None else percent(Decimal(rate))


SCORE_COLUMNS: tuple[Column[Score], ...] = (
    Column("venue", "venue", lambda s: profile_of(s.venue).results, lambda s: s.venue,
           lambda s: s.venue, width=80),
    Column("label", "orders of", lambda s: s.label, lambda s: s.label, lambda s: s.label,
           width=140),
    Column("count", "orders", lambda s: f"{s.count:,}", lambda s: s.count,
           lambda s: str(s.count), width=62, number=True),
    Column("shares", "shares filled", lambda s: qty(s.shares), lambda s: s.shares,
           lambda s: number(s.shares), width=96, number=True),
    Column("gain", "vs touch", lambda s: money(s.gain, sign=True), lambda s: s.gain,
           lambda s: number(s.gain), width=90, number=True,
           tip="Dollars gained against the far touch at the click, limit and fallback together"),
    Column("per share", "a share", lambda s: _or_few(s.gain_a_share, per_share, s.filled_orders),
           lambda s: _for_sorting(s.gain_a_share), lambda s: number(s.gain_a_share), width=78,
           number=True),
    Column("ticks", "ticks", lambda s: _or_few(s.ticks_a_share, _signed, s.filled_orders),
           lambda s: _for_sorting(s.ticks_a_share), lambda s: number(s.ticks_a_share), width=70,
           number=True),
    Column("bps", "bps", lambda s: _or_few(s.gain_bps, _signed, s.filled_orders),
           lambda s: _for_sorting(s.gain_bps), lambda s: number(s.gain_bps), width=70, number=True),
    Column("effective", "effective / quoted",
           lambda s: _or_few(s.effective_over_quoted, percent, s.filled_orders),
           lambda s: _for_sorting(s.effective_over_quoted),
           lambda s: number(s.effective_over_quoted), width=122, number=True,
           tip="Effective over quoted spread: 100 % at the touch, 0 % at the midpoint"),
    Column("fill rate", "limit filled", _rate, lambda s: _rank(s.fill_rate),
           lambda s: "" if s.fill_rate is None else f"{s.fill_rate:.4f}", width=112, number=True,
           tip="Orders whose limit filled whole, of those nobody ended early, with the 95 % range"),
    Column("wait", "half filled in", _wait, lambda s: _rank(s.median_wait_ns),
           lambda s: "" if s.median_wait_ns is None else f"{s.median_wait_ns / 1e9:.3f}",
           width=102, number=True,
           tip="When half of the limits have filled; one that stopped waiting counts that long"),
    Column("fallback", "fell back", _fallback_rate, lambda s: _rank(s.fallback_rate),
           lambda s: "" if s.fallback_rate is None else f"{s.fallback_rate:.4f}", width=80,
           number=True),
    Column("cost", "fallback cost", lambda s: _or_few(s.fallback_cost, per_share, s.fell_back),
           lambda s: _for_sorting(s.fallback_cost), lambda s: number(s.fallback_cost), width=98,
           number=True, tip="Dollars a share by which fallbacks were worse than that touch"),
)  # fmt: skip
LABEL = 1


class QualityTab(SortedTable):
    """One row a group. `scores_needed` asks whoever has the orders to measure them again."""

    scores_needed = Signal()
    footnote = (
        f"Against the last quote held when the order was sent. Numbers that fewer than {ENOUGH} "
        "orders carry are not shown. No markouts: the quotes after a fill are not kept."
    )

    def __init__(self, parent: QWidget | None = None) -> None:
        self.scores: SortedModel[Score] = SortedModel(SCORE_COLUMNS, by=2, descending=True)
        keys = [column.key for column in SCORE_COLUMNS]
        super().__init__(
            "quality-table", "Execution quality", self.scores, keys, stretch=LABEL, parent=parent
        )
        self.scores.setParent(self)
        self._row_filter = RowFilter()
        self._numbers: list[int] = []
        self.menu_asked.connect(self._on_menu)

    def filter_groups(self) -> tuple[FilterGroup, ...]:
        """What is put together, and what counts."""
        return _BY, SIDES, DAYS

    def show_filtered(self, row_filter: RowFilter) -> None:
        """Other groups, or other orders in them; the words look for groups."""
        before, self._row_filter = self._row_filter, row_filter
        words = row_filter.all_words
        self.scores.show_only(
            (lambda score: has_all_words(words, f"{score.label} {score.venue}".casefold()))
            if words
            else None
        )
        if before.chosen != row_filter.chosen:
            self.scores_needed.emit()

    @property
    def label(self) -> Callable[[ParentOrder], str]:
        """What orders are put together by."""
        return _LABELS[self._row_filter.chosen.get(BY)]

    @property
    def counts(self) -> Callable[[ParentOrder], bool]:
        """Whether an order is among those that are measured; for any thread."""
        side = self._row_filter.chosen.get(SIDE)
        since = self.scores.today_ns if self._row_filter.chosen.get(TODAY) else 0
        return lambda o: o.final and side in (None, o.side) and o.started_ns >= since

    def show_scores(self, scores: Iterable[Score]) -> None:
        """These groups in place of those before."""
        self.scores.drop_records(self._numbers)
        self._numbers = self.scores.add_records(scores)

    def _on_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setObjectName("quality-menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.offer_copy(menu)
        menu.popup(at)
