"""The timeline of one order: each fact with its time, who told it, and what happens next.

The newest fact tells its age and the last entry counts down; only those two are painted anew
as time passes.
"""

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from core.market.prices import Side
from core.orders.state import ParentOrder
from core.wording.times import age, brief_time
from gui.order_detail.story import Story, StoryEntry, Tone, countdown_of, first_time, last_entry
from gui.style import style
from gui.style.palette import Palette

DISPLAY = int(Qt.ItemDataRole.DisplayRole)
TIP = int(Qt.ItemDataRole.ToolTipRole)
ENTRY = int(Qt.ItemDataRole.UserRole) + 1
_LEFT, _GAP, _RIGHT = 12, 22, 10  # before the time, around the mark, after the words
_AROUND = 5  # above and below an entry
_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)

Index = QModelIndex | QPersistentModelIndex


class TimelineModel(QAbstractListModel):
    """The entries of the order in hand, oldest first, and one for what happens next."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[StoryEntry] = []
        self._times: dict[int, str] = {}  # as they are drawn; what is told never moves
        self._fact_count = 0  # rows that are facts
        self._key: tuple[str, int] | None = None
        self._now_ns = 0
        self.age = ""
        self.countdown = ""

    def show_story(self, order: ParentOrder, story: Story, now_ns: int) -> None:
        """Go on with what is held, or begin again with another story."""
        key, last = (order.id, story.version), last_entry(order, now_ns)
        if key != self._key:
            self.beginResetModel()
            self._times.clear()
            self._now_ns = now_ns
            told = story.since(0)
            self._rows, self._fact_count, self._key = [*told, last], len(told), key
            self.endResetModel()
            return
        fresh = story.since(self._fact_count)
        if fresh:
            self.beginInsertRows(QModelIndex(), self._fact_count, self._fact_count + len(fresh) - 1)
            self._rows[self._fact_count : self._fact_count] = fresh
            self._fact_count += len(fresh)
            self.endInsertRows()
            self._times.pop(self._fact_count - len(fresh), None)  # where the last one stood
        if self._rows[-1] != last:
            self._rows[-1] = last
            self._times.pop(self._fact_count, None)
            index = self.index(len(self._rows) - 1)
            self.dataChanged.emit(index, index)

    @property
    def newest(self) -> int:
        """The row of the newest fact; -1 without one."""
        return self._fact_count - 1

    def entries(self) -> tuple[StoryEntry, ...]:
        """All of them, what happens next included."""
        return tuple(self._rows)

    def entry(self, row: int) -> StoryEntry | None:
        """One of them."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def move_words(self, order: ParentOrder, now_ns: int) -> tuple[int, ...]:
        """The rows whose moving words are others at `now_ns`."""
        newest = self.entry(self.newest)
        old = "" if newest is None or newest.at is None else f"{age(now_ns - newest.at)} ago"
        ahead = countdown_of(order, now_ns)
        moved = []
        if old != self.age:
            self.age = old
            moved.append(self.newest)
        if ahead != self.countdown:
            self.countdown = ahead
            moved.append(len(self._rows) - 1)
        return tuple(moved)

    def time_words(self, row: int) -> str:
        """The time as it is drawn: without what it shares with the one before."""
        if row not in self._times:
            self._times[row] = self._time_words(row)
        return self._times[row]

    def _time_words(self, row: int) -> str:
        at = self._rows[row].at
        if row == 0 or at is None:
            return first_time(self._rows[row], self._now_ns)
        before = self._rows[row - 1].at
        return brief_time(at, at if before is None else before)

    def moving_words(self, row: int) -> str:
        """The age of the newest fact, the countdown of what happens next; else nothing."""
        if row == self._fact_count - 1:
            return self.age
        return self.countdown if row == self._fact_count else ""

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Entries held."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        """The entry itself for drawing, its words in full for readers."""
        entry = self.entry(index.row()) if index.isValid() else None
        if entry is None:
            return None
        return {ENTRY: entry, DISPLAY: entry.full, TIP: entry.tip}.get(role)


class TimelineDelegate(QStyledItemDelegate):
    """Time, a mark, the sentence wrapped, and who told it in small letters beneath."""

    def __init__(self, palette: Palette, view: QListView, model: TimelineModel) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self._palette = palette
        self._heights: dict[StoryEntry, tuple[int, int]] = {}
        self.side = Side.SELL
        self.restyle()
        model.modelReset.connect(self.forget)

    def restyle(self) -> None:
        """Take on another size of text."""
        self._small = QFontMetrics(style.font(style.SMALL_PT))
        self._time_width = self._small.horizontalAdvance("00:00:00.000") + 4
        self.forget()

    def forget(self) -> None:
        """The heights are to be worked out anew."""
        self._heights.clear()

    @property
    def _text_left(self) -> int:
        return _LEFT + self._time_width + _GAP

    def _measured(self, entry: StoryEntry) -> tuple[int, int]:
        """Heights of the sentence and of the note."""
        found = self._heights.get(entry)
        if found is None:
            width = max(self._view.viewport().width() - self._text_left - _RIGHT, 40)
            room = QRect(0, 0, width, 10_000)
            words = QFontMetrics(_font(entry)).boundingRect(room, _WRAP, _words(entry))
            note = self._small.boundingRect(room, _WRAP, entry.note) if entry.note else QRect()
            found = self._heights[entry] = words.height(), note.height()
        return found

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As tall as the wrapped words, and as the time with its age beneath it."""
        entry = self._model.entry(index.row())
        width = self._view.viewport().width()
        if entry is None:
            return QSize(width, 0)
        lines = self._model.time_words(index.row()).count("\n") + 2
        height = max(sum(self._measured(entry)), lines * self._small.lineSpacing())
        return QSize(width, height + 2 * _AROUND)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One entry."""
        entry = self._model.entry(index.row())
        if entry is None:
            return
        box = QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected and self._view.hasFocus():
            painter.fillRect(box, option.palette.highlight())
        top = box.top() + _AROUND
        self._paint_time(painter, index.row(), top)
        line = QFontMetrics(style.font()).lineSpacing()
        self._paint_mark(painter, QPointF(self._text_left - _GAP / 2, top + line / 2), entry.tone)
        words, note = self._measured(entry)
        text = QRect(self._text_left, top, box.width() - self._text_left - _RIGHT, words)
        quiet = entry.tone is Tone.NEXT
        painter.setFont(_font(entry))
        painter.setPen(QColor(self._palette.muted if quiet else self._palette.text))
        painter.drawText(text, _WRAP, _words(entry))
        painter.setFont(style.font(style.SMALL_PT))
        painter.setPen(QColor(self._palette.muted))
        painter.drawText(text.translated(0, words).adjusted(0, 0, 0, note), _WRAP, entry.note)
        painter.restore()

    def _paint_time(self, painter: QPainter, row: int, top: int) -> None:
        time, moving = self._model.time_words(row), self._model.moving_words(row)
        painter.setFont(style.font(style.SMALL_PT))
        painter.setPen(QColor(self._palette.muted))
        words = "\n".join(part for part in (time, moving) if part)
        lines = words.count("\n") + 1
        column = QRect(_LEFT, top + 1, self._time_width + 4, lines * self._small.lineSpacing() + 2)
        painter.drawText(column, int(Qt.AlignmentFlag.AlignLeft), words)

    def _paint_mark(self, painter: QPainter, centre: QPointF, tone: Tone) -> None:
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


def _words(entry: StoryEntry) -> str:
    """Its sentence; a sign is never parted from its amount."""
    return entry.sentence.replace("+$", "+\N{WORD JOINER}$")


def _font(entry: StoryEntry) -> QFont:
    return style.font(bold=entry.tone is Tone.FILL)


class Timeline(QListView):
    """The entries, laid out again when the column gets another width.

    `copy_asked` carries an entry, or None for the whole story; `text_asked` words as they are.
    """

    copy_asked = Signal(object)
    text_asked = Signal(str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("detail-timeline")
        self.setAccessibleName("What happened to the order")
        self.entries = TimelineModel(self)
        self.setModel(self.entries)
        self.delegate = TimelineDelegate(palette, self, self.entries)
        self.setItemDelegate(self.delegate)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_story(self, order: ParentOrder, story: Story, now_ns: int) -> None:
        """Tell a story and stay at its end."""
        self.delegate.side = order.side
        bar = self.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 2
        self.entries.show_story(order, story, now_ns)
        self.tick(order, now_ns)
        if at_end:
            self.executeDelayedItemsLayout()
            self.scrollToBottom()

    def tick(self, order: ParentOrder, now_ns: int) -> None:
        """Move the age and the countdown."""
        for row in self.entries.move_words(order, now_ns):
            self.viewport().update(self.visualRect(self.entries.index(row)))

    def restyle(self) -> None:
        """The fonts of the theme."""
        self.delegate.restyle()
        self.scheduleDelayedItemsLayout()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrapped words need another height."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.delegate.forget()
            self.scheduleDelayedItemsLayout()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin at the newest fact."""
        if not self.currentIndex().isValid():  # Qt would begin at the oldest
            self.setCurrentIndex(self.entries.index(self.entries.newest))
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The copy key copies the whole story."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_asked.emit(None)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """At the pointer, or at the entry in focus when a key asked for it."""
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            at = self.visualRect(self.currentIndex()).bottomLeft()
        else:
            at = self.viewport().mapFromGlobal(event.globalPos())
            self.setCurrentIndex(self.indexAt(at))
        if self.entries.rowCount():
            self._open_menu(self.viewport().mapToGlobal(at))

    def _open_menu(self, at: QPoint) -> None:
        entry = self.entries.entry(self.currentIndex().row())
        menu = QMenu(self)
        menu.setObjectName("detail-menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        whole = menu.addAction("Copy the whole story\tCtrl+C")
        whole.triggered.connect(lambda: self.copy_asked.emit(None))
        if entry is not None:
            menu.addAction("Copy this line").triggered.connect(lambda: self.copy_asked.emit(entry))
        if entry is not None and entry.execution:
            one = menu.addAction("Copy the execution's id")
            one.triggered.connect(lambda: self.text_asked.emit(entry.execution))
        menu.popup(at)
