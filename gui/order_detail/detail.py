"""One order in full: its timeline, and the preview at the click beside what came of it."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from core.analysis.benchmark import Metric
from core.orders.state import ParentOrder
from core.wording.order_words import order_title
from gui.order_detail.preview_outcome_table import PreviewOutcomeTable
from gui.order_detail.story import Story, StoryEntry, text_of
from gui.order_detail.timeline import Timeline
from gui.style.palette import Palette
from gui.widgets import clipboard
from gui.widgets.empty_hint import EmptyHint
from gui.widgets.panel import Panel, set_text

_EMPTY = (
    "What happened to an order stands here line by line: each fact with its time, who told it, "
    "and what happens next. Choose an order in a table, or send one. What the ticket showed at "
    "the click then stands beneath, beside what came of it."
)

_LEAST_STORY = 190


class _FittedScrollArea(QScrollArea):
    """As high as what is in it, and less where there is no room. Nothing while that is hidden."""

    def __init__(self, inner: QWidget) -> None:
        super().__init__()
        self._inner = inner
        self.setObjectName("compared-scroll")
        self.setAccessibleName(inner.accessibleName())
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Maximum)
        self.setWidget(inner)
        inner.installEventFilter(self)
        self.hide()

    def sizeHint(self) -> QSize:
        """All of what is in it."""
        usual = self._inner.sizeHint()
        height = self._inner.heightForWidth(self.viewport().width())  # -1 where none of it wraps
        return QSize(usual.width(), max(height, usual.height()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Its words may need another height."""
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


class Detail(Panel):
    """The order in hand. `said` is what was done, in a sentence."""

    said = Signal(str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__("detail", "No order chosen", parent)
        set_text(self.remark, "what happened")
        self.timeline = Timeline(palette)
        self.hint = EmptyHint(self.timeline, lambda: _EMPTY)
        self.compared = PreviewOutcomeTable()
        self.body.addSpacing(4)
        self.body.addWidget(self.timeline, 1)
        self.beside = _FittedScrollArea(self.compared)
        self.body.addWidget(self.beside)
        self.timeline.setMinimumHeight(_LEAST_STORY)
        self._order: ParentOrder | None = None
        self._figures: tuple[Metric, ...] = ()
        self.timeline.copy_asked.connect(self._copy)
        self.timeline.text_asked.connect(self._put)

    def show_order(self, order: ParentOrder, story: Story, now_ns: int) -> None:
        """Tell the story of `order`."""
        self._order = order
        set_text(self.title, order_title(order))
        self.timeline.show_story(order, story, now_ns)

    def tick(self, order: ParentOrder, now_ns: int) -> None:
        """Move the ages in the story of `order`."""
        self.timeline.tick(order, now_ns)

    def focus_story(self) -> None:
        """Give the keys to the story."""
        self.timeline.setFocus()

    def show_outcome(self, order: ParentOrder, found: tuple[Metric, ...]) -> None:
        """Compare `order` with its preview; `found` is how it stands, for the copied story."""
        self._figures = found
        self.compared.show_order(order)
        self.beside.show()

    def restyle(self) -> None:
        """The fonts of the theme."""
        self.timeline.restyle()

    def _copy(self, entry: StoryEntry | None) -> None:
        if entry is not None:
            self._put(entry.tip)
        elif self._order is not None:
            entries = self.timeline.entries.entries()
            self._put(text_of(self._order, entries, self._figures), order_title(self._order))

    def _put(self, text: str, title: str = "") -> None:
        clipboard.copy(text, f"the story of {title}" if title else text, self.said.emit)
