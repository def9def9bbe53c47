"""Orders as a tree: one row per parent, its buttons, its children and what may follow beneath.

Frozen orders come in, rows and the smallest changed ranges go out. No decisions,
no clock: whatever moves with time is painted by the delegate.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.next_step import STATE_WORDS, OrderAction, planned_fallback, possible, then
from core.order_state import ChildKind, ChildOrder, Liveness, ParentOrder
from core.words import MINUS, child_title, price, qty, side_word, status_words

COLUMNS = ("order", "filled", "limit", "avg", "state", "next")
ORDER, FILLED, LIMIT, AVERAGE, STATE, NEXT = range(len(COLUMNS))
LINE_ROLE = int(Qt.ItemDataRole.UserRole) + 1

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_ALIGN = int(Qt.ItemDataRole.TextAlignmentRole)
_SPOKEN = int(Qt.ItemDataRole.AccessibleTextRole)
_TIP = int(Qt.ItemDataRole.ToolTipRole)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

Index = QModelIndex | QPersistentModelIndex


class LineKind(Enum):
    """What a row is."""

    PARENT = auto()
    ACTIONS = auto()
    CHILD = auto()
    PLANNED = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its order, its child if it is one, and the texts of its columns."""

    kind: LineKind
    order: ParentOrder
    texts: tuple[str, ...]
    child: ChildOrder | None = None

    @property
    def key(self) -> tuple[LineKind, str]:
        """Two lines of one key are the same row at two times."""
        return self.kind, self.child.client_id if self.child else ""


def lines_of(order: ParentOrder, *, actions: bool) -> tuple[Line, ...]:
    """A parent's own line, then everything beneath it. `actions`: with a row for its buttons."""
    lines = [Line(LineKind.PARENT, order, _parent_texts(order))]
    if actions and any(possible(action, order) for action in OrderAction):
        lines.append(Line(LineKind.ACTIONS, order, ("",) * len(COLUMNS)))
    lines += [Line(LineKind.CHILD, order, _child_texts(c), c) for c in order.children]
    planned = planned_fallback(order)
    if planned is not None:
        lines.append(Line(LineKind.PLANNED, order, _planned_texts(order, planned)))
    return tuple(lines)


def _parent_texts(order: ParentOrder) -> tuple[str, ...]:
    state = STATE_WORDS[order.state]
    name = f"{side_word(order.side)} {qty(order.qty)} {order.symbol}"
    return (
        name,
        qty(order.filled),
        price(order.present_limit),
        price(order.avg_price),
        state,
        order.reason or order.alarm,
    )


_LIVENESS_WORDS = {
    Liveness.UNSENT: "not sent",
    Liveness.SENT: "sent, no answer yet",
    Liveness.UNKNOWN: "unknown, being read",
    Liveness.CANCEL_SENT: "cancel sent, may still fill",
    Liveness.CHECKING: "does not add up, being read",
}


def _child_texts(child: ChildOrder) -> tuple[str, ...]:
    words = _LIVENESS_WORDS.get(child.liveness) or status_words(child.status) or "live"
    done = f"{qty(child.filled)} of {qty(child.qty)}"
    limit, average = price(child.limit_price), price(child.avg_price)
    return (child_title(child), done, limit, average, words, child.error)


def _planned_texts(order: ParentOrder, kind: ChildKind) -> tuple[str, ...]:
    name = f"{kind.value} {MINUS}{len(order.children) + 1}"
    return (name, f"up to {qty(order.rest)}", price(None), price(None), "only after proof", "")


class _Node:
    """A parent's lines as they stand, and its number in order of arrival."""

    __slots__ = ("lines", "uid")

    def __init__(self, uid: int, lines: tuple[Line, ...]) -> None:
        self.uid = uid
        self.lines = lines


class BlotterModel(QAbstractItemModel):
    """Parents in order of arrival, newest last unless `newest_first`."""

    def __init__(
        self, *, actions: bool, newest_first: bool = False, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._actions = actions
        self._newest_first = newest_first
        self._nodes: list[_Node] = []
        self._by_uid: dict[int, _Node] = {}
        self._by_order: dict[str, _Node] = {}
        self._place: dict[int, int] = {}
        self._next_uid = 1

    # -- changes --------------------------------------------------------------

    def put(self, orders: Iterable[ParentOrder]) -> None:
        """Add or change orders; only the last state of each is drawn."""
        latest = {order.id: order for order in orders}
        for order in latest.values():
            lines = lines_of(order, actions=self._actions)
            node = self._by_order.get(order.id)
            if node is None:
                self._append(order.id, lines)
            else:
                self._change(node, lines)

    def remove(self, order_ids: Iterable[str]) -> None:
        """Take orders out."""
        for order_id in order_ids:
            node = self._by_order.pop(order_id, None)
            if node is None:
                continue
            row = self._row_of(node)
            self.beginRemoveRows(QModelIndex(), row, row)
            self._nodes.remove(node)
            del self._by_uid[node.uid]
            self._place = {other.uid: place for place, other in enumerate(self._nodes)}
            self.endRemoveRows()

    def _append(self, order_id: str, lines: tuple[Line, ...]) -> None:
        node = _Node(self._next_uid, lines)
        self._next_uid += 1
        row = 0 if self._newest_first else len(self._nodes)
        self.beginInsertRows(QModelIndex(), row, row)
        self._place[node.uid] = len(self._nodes)
        self._nodes.append(node)
        self._by_uid[node.uid] = node
        self._by_order[order_id] = node
        self.endInsertRows()

    def _change(self, node: _Node, lines: tuple[Line, ...]) -> None:
        before = node.lines
        parent = self.index(self._row_of(node), 0)
        same = _common(before[1:], lines[1:])
        if len(before) - 1 > same:
            self.beginRemoveRows(parent, same, len(before) - 2)
            node.lines = before[: same + 1]
            self.endRemoveRows()
        node.lines = (*lines[: same + 1],)
        last = len(COLUMNS) - 1
        self.dataChanged.emit(parent, parent.siblingAtColumn(last))
        if same:
            self.dataChanged.emit(self.index(0, 0, parent), self.index(same - 1, last, parent))
        if len(lines) - 1 > same:
            self.beginInsertRows(parent, same, len(lines) - 2)
            node.lines = lines
            self.endInsertRows()

    # -- questions ------------------------------------------------------------

    def order_at(self, index: Index) -> ParentOrder | None:
        """The parent order a row belongs to."""
        line = self.line_at(index)
        return line.order if line is not None else None

    def line_at(self, index: Index) -> Line | None:
        """What stands in a row."""
        if not index.isValid():
            return None
        uid = index.internalId()
        if uid:
            node = self._by_uid.get(uid)
            place = index.row() + 1
        else:
            node = self._node_at(index.row())
            place = 0
        if node is None or place >= len(node.lines):
            return None
        return node.lines[place]

    def index_of(self, order_id: str) -> QModelIndex:
        """The parent row of an order; invalid if it is not here."""
        node = self._by_order.get(order_id)
        return QModelIndex() if node is None else self.index(self._row_of(node), 0)

    def orders(self) -> tuple[ParentOrder, ...]:
        """All orders held, in order of arrival."""
        return tuple(node.lines[0].order for node in self._nodes)

    def _node_at(self, row: int) -> _Node | None:
        if not 0 <= row < len(self._nodes):
            return None
        return self._nodes[-1 - row] if self._newest_first else self._nodes[row]

    def _row_of(self, node: _Node) -> int:
        place = self._place[node.uid]
        return len(self._nodes) - 1 - place if self._newest_first else place

    # -- Qt's questions -------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """Parents carry 0, what is beneath them the parent's own number."""
        if row < 0 or not 0 <= column < len(COLUMNS) or row >= self.rowCount(parent):
            return QModelIndex()
        if not parent.isValid():
            return self.createIndex(row, column, 0)
        node = self._node_at(parent.row())
        return QModelIndex() if node is None else self.createIndex(row, column, node.uid)

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        """The parent row of a line beneath one."""
        node = self._by_uid.get(index.internalId()) if index.isValid() else None
        if node is None:
            return QModelIndex()
        return self.createIndex(self._row_of(node), 0, 0)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Parents, or the lines beneath one."""
        if not parent.isValid():
            return len(self._nodes)
        if parent.internalId() or parent.column():
            return 0
        node = self._node_at(parent.row())
        return len(node.lines) - 1 if node is not None else 0

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """The same for every row."""
        return len(COLUMNS)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        """Texts for copying and for readers; the delegate draws from the line itself."""
        line = self.line_at(index)
        if line is None:
            return None
        if role == LINE_ROLE:
            return line
        if role in (_DISPLAY, _SPOKEN):
            return line.texts[index.column()] or (_spoken(line) if role == _SPOKEN else "")
        if role == _ALIGN:
            return _RIGHT if index.column() in (LIMIT, AVERAGE) else _LEFT
        if role == _TIP:
            return line.texts[index.column()] if index.column() in (STATE, NEXT) else None
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY
    ) -> str | int | None:
        """Column names."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == _DISPLAY:
            return COLUMNS[section]
        if role == _ALIGN:
            return _RIGHT if section in (LIMIT, AVERAGE) else _LEFT
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every row can be chosen; a button row through its buttons only."""
        line = self.line_at(index)
        if line is None:
            return Qt.ItemFlag.NoItemFlags
        if line.kind is LineKind.ACTIONS:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


def _common(before: Sequence[Line], after: Sequence[Line]) -> int:
    """How many leading lines are the same rows."""
    count = 0
    for one, other in zip(before, after, strict=False):
        if one.key != other.key:
            break
        count += 1
    return count


def _spoken(line: Line) -> str:
    return "" if line.order.final else then(line.order)
