"""A chart in a person's hands: its mouse, wheel and keys, and what it asked for."""

from decimal import Decimal as D

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.market.quotes import Quote
from core.market.time import NS
from core.orders.state import ParentOrder
from core.risk import amendment
from core.risk.amendment import Judged
from core.risk.pre_trade_context import PreTradeContext
from gui.chart.chart import SpreadChart
from tests.gui.chart.samples import T0, limit_child, order, quote
from tests.gui.chart.test_chart import place
from tests.support.wide_limits import WIDE_LIMITS

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


class Hands:
    """A chart with one sell at 15.24, judged by the rules of the core; what it asked for."""

    def __init__(self, chart: SpreadChart) -> None:
        self.chart = chart
        self.canvas = chart.canvas
        self.order = order(
            limit_child(price="15.24", acked_at=T0 - 15 * NS), started_ns=T0 - 15 * NS
        )
        self.quote: Quote = quote(T0)
        self.asked: list[tuple[str, D]] = []
        self.refused: list[str] = []
        self.canvas.price_drag.judge = self.judge
        self.canvas.price_chosen.connect(lambda name, price: self.asked.append((name, price)))
        self.canvas.refused.connect(self.refused.append)
        self.show(self.order)

    def judge(self, order_id: str, limit: D) -> Judged | None:
        now = PreTradeContext("UVXY", self.quote, None, settings=WIDE_LIMITS)
        return amendment.judge(self.order, limit, now) if order_id == self.order.id else None

    def show(self, shown: ParentOrder) -> None:
        self.order = shown
        self.chart.set_orders((shown,))
        self.tick()

    def tick(self) -> None:
        self.chart.tick(self.canvas.model.now_ns + NS // 5)

    def on_line(self, units: int = 152_400) -> QPointF:
        x, y = place(self.canvas.frame(), T0 - 10 * NS, units)
        return QPointF(x, y)

    def mouse(self, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton = LEFT) -> None:
        held = NONE if kind is QEvent.Type.MouseButtonRelease else button
        event = QMouseEvent(kind, at, at, button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self.canvas, event)

    def drag(self, to_units: int, off: float = 0.0) -> None:
        """Press on the line and move to a price, `off` pixels beside it; still held."""
        self.mouse(QEvent.Type.MouseButtonPress, self.on_line())
        target = self.on_line(to_units) + QPointF(3, off)
        for part in (0.3, 0.7, 1.0):
            start = self.on_line()
            self.mouse(QEvent.Type.MouseMove, start + (target - start) * part)

    def release(self) -> None:
        self.mouse(QEvent.Type.MouseButtonRelease, self.on_line())

    def hover(self, at: QPointF) -> None:
        self.mouse(QEvent.Type.MouseMove, at, NONE)

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.canvas, key, held)

    def wheel(self, at: QPointF, up: bool = True) -> None:
        turn = QPoint(0, 120 if up else -120)
        event = QWheelEvent(
            at, at, QPoint(), turn, NONE, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(self.canvas, event)

    @property
    def head(self) -> str:
        proposal = self.canvas.price_drag.proposal()
        return proposal.head if proposal else ""

    @property
    def tail(self) -> str:
        proposal = self.canvas.price_drag.proposal()
        return proposal.tail if proposal else ""
