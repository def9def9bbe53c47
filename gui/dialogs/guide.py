"""A short guide to a first order, beside the work and never in its way: it asks for nothing.

`step_of` decides where a person is from what the window knows; the card draws it.
"""

from collections.abc import Callable, Mapping
from enum import Enum

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.orders.state import ParentOrder
from core.wording.next_step import ended
from core.wording.numbers import qty
from core.wording.order_words import order_title
from gui.actions.action_table import WindowAction
from gui.actions.shortcuts import ShortcutTable
from gui.widgets.panel import button, label, set_role, set_text

_WIDTH = 560
_MARGIN = 14


class Step(Enum):
    """Where in the guide a person is; the value is its number."""

    ARM = 1
    SEND = 2
    WATCH = 3
    DONE = 4


def step_of(order: ParentOrder | None, *, armed: bool) -> Step:
    """The step at hand; `order` is the one that was sent since the guide began."""
    if order is not None:
        return Step.DONE if order.final else Step.WATCH
    return Step.SEND if armed else Step.ARM


def sentence(step: Step, order: ParentOrder | None, key: Callable[[WindowAction], str]) -> str:
    """What to do now, and what it does."""
    if step is Step.ARM:
        return (
            f"Press Disarmed at the top right{key(WindowAction.ARM)}: only an armed ticket "
            "sends, and every start begins disarmed. All shares and dollars here are simulated."
        )
    if step is Step.SEND:
        return (
            f"Press SELL{key(WindowAction.SELL)} or BUY{key(WindowAction.BUY)} on the left. "
            "It sends exactly what stands on it; the lines beneath say what that may gain and what "
            "happens if it does not fill."
        )
    assert order is not None
    if step is Step.WATCH:
        return (
            "In the chart the order is the line that runs towards its deadline; each fill is a "
            "triangle on it. Its row below counts down and names what happens next. The buttons "
            "in that row cancel it, pause it, or send the rest to market at once."
        )
    filled = f"{qty(order.filled)} of {qty(order.qty)} filled"
    why = ended(order)
    how = f"{filled}. {why.removesuffix('.')}." if why else f"{filled}."
    return (
        f"{order_title(order)}: {how} Its story, each line with who said so, stands on the "
        "right, and the order is kept under All orders."
    )


class Guide(QFrame):
    """The card, in the lower corner of what it stands on. `ended` when it was done or dismissed.

    `targets` are what a step speaks of; the one at hand is outlined. It takes no focus and
    moves nothing else.
    """

    ended = Signal()

    def __init__(
        self,
        keys: ShortcutTable,
        targets: Mapping[Step, tuple[QWidget, ...]],
        over: QWidget,
    ) -> None:
        super().__init__(over)
        self.setObjectName("guide")
        self.setAccessibleName("Guide to a first order")
        self._keys = keys
        self._targets = targets
        self._over = over
        self._before: frozenset[str] = frozenset()
        self._step: Step | None = None
        self._build()
        self.hide()
        over.installEventFilter(self)
        keys.changed.connect(self._renew)
        self._order: ParentOrder | None = None
        self._armed = False

    def _build(self) -> None:
        self._title = label("guide-title")
        self._words = label("guide-words")
        self._words.setWordWrap(True)
        self.end_button = button("guide-end", "", "Close the guide")
        self.end_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.end_button.clicked.connect(self.end)
        top = QHBoxLayout()
        top.addWidget(self._title, 1)
        top.addWidget(self.end_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 12, 14)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self._words)

    @property
    def title(self) -> str:
        """The head of the card: which step it is."""
        return self._title.text()

    @property
    def words(self) -> str:
        """What the card says."""
        return self._words.text()

    @property
    def running(self) -> bool:
        """Whether it shows a step."""
        return self._step is not None

    def begin(self, orders: dict[str, ParentOrder], *, armed: bool) -> None:
        """Start with the first step; orders there already are not the guide's."""
        self._before = frozenset(orders)
        self._order = None
        self._step = None
        self.look(orders, armed=armed)
        self.show()
        self.raise_()

    def look(self, orders: dict[str, ParentOrder], *, armed: bool) -> None:
        """Go on to the step that follows from what is known now."""
        self._armed = armed
        sent = [order for name, order in orders.items() if name not in self._before]
        self._order = sent[0] if sent else None
        if self._step is Step.DONE and not all(order.final for order in sent):
            self.end()  # another order works, and its buttons stand beneath the card
            return
        self._renew()

    def end(self) -> None:
        """Close the card; it comes back when a person asks for it."""
        if self._step is None:
            return
        self._outline(None)
        self._step = None
        self.hide()
        self.ended.emit()

    def _renew(self) -> None:
        step = step_of(self._order, armed=self._armed)
        set_text(self._words, sentence(step, self._order, self._keys.in_brackets))
        if step is self._step:
            return
        self._outline(step)
        self._step = step
        done = step is Step.DONE
        number = "Done" if done else f"Step {step.value} of {len(Step) - 1}"
        set_text(self._title, f"A first order \N{MIDDLE DOT} {number}")
        set_text(self.end_button, "Close" if done else "Dismiss")
        self._place()

    def _outline(self, step: Step | None) -> None:
        for name, widgets in self._targets.items():
            for widget in widgets:
                set_role(widget, "guided", "true" if name is step else "false")

    def _place(self) -> None:
        width = min(_WIDTH, self._over.width() - 2 * _MARGIN)
        layout = self.layout()
        assert layout is not None
        height = layout.heightForWidth(width)
        top = max(self._over.height() - height - _MARGIN, 0)
        self.setGeometry(_MARGIN, top, width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner."""
        if event.type() is QEvent.Type.Resize and self._step is not None:
            self._place()
        return super().eventFilter(watched, event)
