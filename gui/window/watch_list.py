"""Watched symbols with position, bid, ask and spread. Choosing a row chooses the symbol."""

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QTableView, QWidget

from core.market.quotes import Quote
from core.wording.numbers import amount, price, qty, spread
from gui.state.view_state import ViewState
from gui.style import style
from gui.style.palette import Palette
from gui.tables.cell_delegate import CellDelegate
from gui.widgets.panel import Panel, plain_table, set_text

COLUMNS = ("symbol", "position", "bid", "ask", "spread")
SYMBOL, POSITION, BID, ASK, SPREAD = range(len(COLUMNS))
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_ALIGN = int(Qt.ItemDataRole.TextAlignmentRole)
_COLOUR = int(Qt.ItemDataRole.ForegroundRole)
_FONT = int(Qt.ItemDataRole.FontRole)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

Index = QModelIndex | QPersistentModelIndex


class WatchModel(QAbstractTableModel):
    """One row a symbol, in the order they were added."""

    def __init__(self, palette: Palette, known: ViewState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._known = known
        self._symbols: list[str] = []
        self._palette = palette
        self._ages: dict[str, str] = {}  # of the quotes that price no order any more

    @property
    def symbols(self) -> tuple[str, ...]:
        """What is watched."""
        return tuple(self._symbols)

    def add(self, symbol: str) -> bool:
        """Watch one more; False if it was watched already."""
        if symbol in self._symbols:
            return False
        row = len(self._symbols)
        self.beginInsertRows(QModelIndex(), row, row)
        self._symbols.append(symbol)
        self.endInsertRows()
        return True

    def quotes_changed(self, quotes: Iterable[Quote]) -> None:
        """Redraw these symbols, as one range."""
        rows = [self._symbols.index(q.symbol) for q in quotes if q.symbol in self._symbols]
        if rows:
            first, last = self.index(min(rows), BID), self.index(max(rows), SPREAD)
            self.dataChanged.emit(first, last)

    def show_ages(self, now_ns: int) -> None:
        """Dim the quotes that are lost or too old to price an order, and name their age."""
        before, self._ages = self._ages, {}
        for symbol in self._symbols:
            old = self._known.outdated(symbol, now_ns)
            if old:
                self._ages[symbol] = old
        for row, symbol in enumerate(self._symbols):
            if self._ages.get(symbol) != before.get(symbol):
                self.dataChanged.emit(self.index(row, BID), self.index(row, SPREAD))

    def positions_changed(self) -> None:
        """Redraw all positions."""
        if self._symbols:
            last = self.index(len(self._symbols) - 1, POSITION)
            self.dataChanged.emit(self.index(0, POSITION), last)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Symbols watched."""
        return 0 if parent.isValid() else len(self._symbols)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Always the same."""
        return len(COLUMNS)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        """Texts, alignment, colours of the touches."""
        if not index.isValid():
            return None
        column = index.column()
        if role == _DISPLAY:
            return self._text(self._symbols[index.row()], column)
        if role == _ALIGN:
            return _RIGHT if column != SYMBOL else None
        if role == _COLOUR:
            return self._colour(self._symbols[index.row()], column)
        return style.font(bold=True) if role == _FONT and column == SYMBOL else None

    def _colour(self, symbol: str, column: int) -> QColor | None:
        if column in (BID, ASK) and symbol in self._ages:
            return style.colour(self._palette.faint)
        if column == SPREAD and symbol in self._ages:
            return style.colour(self._palette.warn)
        if column == BID:
            return style.colour(self._palette.bid)
        return style.colour(self._palette.ask) if column == ASK else None

    def _text(self, symbol: str, column: int) -> str:
        if column == SYMBOL:
            return symbol
        if column == POSITION:
            held = self._known.positions.get(symbol)
            return qty(held.qty) if held and held.qty else ""
        quote = self._known.board.quotes.get(symbol)
        if quote is None:
            return ""
        if column == SPREAD and symbol in self._ages:
            return self._ages[symbol]
        if column == SPREAD:
            return spread(quote.bid, quote.ask)
        return price(quote.bid if column == BID else quote.ask)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Column names."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == _DISPLAY:
            return COLUMNS[section]
        return _RIGHT if role == _ALIGN and section != SYMBOL else None


class WatchList(Panel):
    """The table and its equity remark."""

    symbol_chosen = Signal(str)

    def __init__(self, palette: Palette, known: ViewState, parent: QWidget | None = None) -> None:
        super().__init__("watch", "Watch and positions", parent)
        self._known = known
        self.model = WatchModel(palette, known, self)
        self.table = QTableView()
        self.table.setModel(self.model)
        plain_table(
            self.table, "watch-table", "Watched symbols", (52, 58, 56, 56, 110), stretch=SPREAD
        )
        self.table.setItemDelegate(CellDelegate(palette, self.table))
        self.table.selectionModel().currentRowChanged.connect(self._on_row)
        self.body.addWidget(self.table)

    def watch(self, symbols: Iterable[str]) -> bool:
        """Add symbols; True when one was new."""
        return sum(self.model.add(symbol) for symbol in symbols) > 0

    @property
    def symbols(self) -> tuple[str, ...]:
        """What is watched."""
        return self.model.symbols

    def show_symbol(self, symbol: str) -> None:
        """Mark the row of the symbol in hand."""
        if symbol in self.symbols:
            self.table.selectRow(self.symbols.index(symbol))

    def show_quotes(self, quotes: Iterable[Quote]) -> None:
        """Redraw these symbols."""
        self.model.quotes_changed(quotes)

    def slow_tick(self, now_ns: int) -> None:
        """Dim what is too old to price an order."""
        self.model.show_ages(now_ns)

    def show_account(self) -> None:
        """Equity and positions as last read."""
        account = self._known.account
        set_text(self.remark, f"equity {amount(account.equity)}" if account else "")
        self.model.positions_changed()

    def _on_row(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self.symbol_chosen.emit(self.symbols[current.row()])
