"""One order in full: its timeline, each entry with time and source, and how it stands so far."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from core.market import Quote
from core.order_state import ParentOrder
from core.prices import Side
from core.quality import so_far
from core.words import clock_time, money, order_title, price, qty
from gui import style
from gui.fitting import px
from gui.panel import Panel, label, set_text
from gui.story import Entry, Tone
from gui.theme import Palette

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
ENTRY_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_TIME_WIDTH = 92
_MARK_WIDTH = 22
_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)

Index = QModelIndex | QPersistentModelIndex


def _text_left() -> int:
    return px(_TIME_WIDTH) + _MARK_WIDTH


class TimelineModel(QAbstractListModel):
    """Entries of the order in hand, oldest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[Entry, ...] = ()

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Append when they go on from what is held, else begin again."""
        entries = tuple(entries)
        held = len(self._entries)
        if entries[:held] == self._entries:
            if len(entries) > held:
                self.beginInsertRows(QModelIndex(), held, len(entries) - 1)
                self._entries = entries
                self.endInsertRows()
            return
        self.beginResetModel()
        self._entries = entries
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Entries held."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        """The entry itself for drawing, its words for readers."""
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        if role == ENTRY_ROLE:
            return entry
        if role == _DISPLAY:
            return f"{clock_time(entry.at)} {entry.sentence} ({entry.source})"
        return None


class TimelineDelegate(QStyledItemDelegate):
    """Time, a mark, the sentence wrapped, and the source in small letters beneath."""

    def __init__(self, palette: Palette, view: QListView) -> None:
        super().__init__(view)
        self._view = view
        self._palette = palette
        self.side = Side.SELL

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As tall as the wrapped words."""
        entry = index.data(ENTRY_ROLE)
        width = self._view.viewport().width()
        if not isinstance(entry, Entry):
            return QSize(width, 0)
        source = QFontMetrics(style.font(style.SMALL_PT)).lineSpacing() if entry.source else 0
        return QSize(width, self._text_height(entry, width) + source + 11)

    def _text_height(self, entry: Entry, width: int) -> int:
        room = QRect(0, 0, max(width - _text_left() - 10, 40), 10_000)
        return QFontMetrics(style.font()).boundingRect(room, _WRAP, entry.sentence).height()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One entry."""
        entry = index.data(ENTRY_ROLE)
        if not isinstance(entry, Entry):
            return
        box = QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(style.font(style.SMALL_PT))
        painter.setPen(QColor(self._palette.muted))
        line = QFontMetrics(style.font()).lineSpacing()
        top = box.top() + 5
        painter.drawText(
            QRect(12, top, px(_TIME_WIDTH), line),
            Qt.AlignmentFlag.AlignVCenter,
            clock_time(entry.at),
        )
        self._mark(painter, QPointF(px(_TIME_WIDTH) + 8, top + line / 2), entry.tone)
        height = self._text_height(entry, box.width())
        text = QRect(_text_left(), top, box.width() - _text_left() - 10, height)
        painter.setFont(style.font())
        quiet = entry.tone is Tone.NEXT
        painter.setPen(QColor(self._palette.muted if quiet else self._palette.text))
        painter.drawText(text, _WRAP, entry.sentence)
        painter.setFont(style.font(style.SMALL_PT))
        painter.setPen(QColor(self._palette.muted))
        source = QFontMetrics(style.font(style.SMALL_PT)).elidedText(
            entry.source, Qt.TextElideMode.ElideRight, text.width()
        )
        painter.drawText(QRectF(text.left(), text.bottom() + 1, text.width(), 18), source)
        painter.restore()

    def _mark(self, painter: QPainter, centre: QPointF, tone: Tone) -> None:
        colours = {
            Tone.GOOD: self._palette.good,
            Tone.FILL: style.side_colour(self._palette, self.side),
            Tone.WARN: self._palette.warn,
            Tone.BAD: self._palette.bad,
        }
        colour = QColor(colours.get(tone, self._palette.muted))
        hollow = tone is Tone.NEXT
        painter.setPen(QPen(colour, 1.3) if hollow else Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush if hollow else colour)
        painter.drawEllipse(centre, 3.6, 3.6)


class Timeline(QListView):
    """The entries, laid out again when the column gets another width."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("detail-timeline")
        self.setAccessibleName("What happened to the order")
        self.entries = TimelineModel(self)
        self.setModel(self.entries)
        self.delegate = TimelineDelegate(palette, self)
        self.setItemDelegate(self.delegate)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrapped words need another height."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def show_entries(self, entries: Sequence[Entry], side: Side) -> None:
        """Show a story and stay at its end."""
        self.delegate.side = side
        bar = self.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 2
        self.entries.show_entries(entries)
        if at_end:
            self.executeDelayedItemsLayout()
            self.scrollToBottom()


class Detail(Panel):
    """The timeline of the order in hand."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__("detail", "No order chosen", parent)
        set_text(self.remark, "what happened")
        self.timeline = Timeline(palette)
        self.body.addSpacing(4)
        self.body.addWidget(self.timeline)

    def show_order(self, order: ParentOrder, entries: Sequence[Entry]) -> None:
        """Tell the story of `order`."""
        set_text(self.title, order_title(order))
        self.timeline.show_entries(entries, order.side)


_ROWS = ("filled", "average price", "touch at the click", "filled part", "rest, at the touch now")


class SoFarPanel(Panel):
    """The order in hand against crossing the spread at the click."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("so-far", "So far, against crossing at the click", parent)
        grid = QGridLayout()
        grid.setContentsMargins(12, 8, 12, 10)
        grid.setVerticalSpacing(7)
        self._values = {}
        for row, name in enumerate((*_ROWS, "posts, cancels, reads")):
            value = label(f"so-far-{row}", "\N{EM DASH}")
            value.setAccessibleName(name)
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(label(f"so-far-label-{row}", name, role="muted"), row, 0)
            grid.addWidget(value, row, 1)
            self._values[name] = value
        grid.setRowStretch(len(_ROWS) + 1, 1)
        self.body.addLayout(grid)

    def show_order(self, order: ParentOrder, quote: Quote | None) -> None:
        """Figures of `order`; the rest is priced at the far touch of `quote`."""
        stands = so_far(order, quote)
        rest = "unknown" if stands.rest_now is None else money(stands.rest_now, sign=True)
        posts = sum(child.posts for child in order.children if not child.replaces)
        cancels = sum(child.cancels for child in order.children)
        reads = sum(child.reads for child in order.children)
        texts = (
            f"{qty(order.filled)} of {qty(order.qty)}",
            price(order.avg_price),
            f"{order.side.far_touch} {price(stands.touch)}",
            money(stands.filled_part, sign=True),
            rest,
            f"{posts}, {cancels}, {reads}",
        )
        for value, text in zip(self._values.values(), texts, strict=True):
            set_text(value, text)
