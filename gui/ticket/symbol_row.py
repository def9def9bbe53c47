"""The symbol of the ticket: a field that finds assets by symbol and by words of their names."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QHeaderView, QLineEdit, QTreeView, QWidget

from core.errors import Refusal
from core.market.account import Asset
from core.market.asset_search import AssetIndex, marks
from core.orders.plan_input import parse_symbol
from gui.widgets.field_keys import leaves_by_key
from gui.widgets.panel import label, set_role

_LIST_WIDTH = 460
_NAME_LETTERS = 44
_ROOT = QModelIndex()


class AssetTable(QAbstractTableModel):
    """What was found: symbol, name, and what may be done with it."""

    def __init__(self, halted: Callable[[str], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._halted = halted
        self._found: tuple[Asset, ...] = ()

    def show_found(self, found: tuple[Asset, ...]) -> None:
        """List these."""
        if found != self._found:
            self.beginResetModel()
            self._found = found
            self.endResetModel()

    def rowCount(self, parent: Any = _ROOT) -> int:
        """One row an asset."""
        return 0 if parent.isValid() else len(self._found)

    def columnCount(self, parent: Any = _ROOT) -> int:
        """Symbol, name, marks."""
        return 0 if parent.isValid() else 3

    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The words; the symbol alone goes into the field."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return None
        asset = self._found[index.row()]
        if index.column() == 0:
            return asset.symbol
        if index.column() == 1:
            return asset.name[:_NAME_LETTERS]
        return marks(asset, halted=self._halted(asset.symbol))


class SymbolRow(QWidget):
    """Caption and field. `typed` carries a symbol to be looked up, `refused` a sentence."""

    typed = Signal(str)
    refused = Signal(str)
    edited = Signal()

    def __init__(self, halted: Callable[[str], bool], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.symbol = ""
        self._awaited = ""  # the symbol that is being looked up
        self._index = AssetIndex()
        self._table = AssetTable(halted, self)
        self.field = QLineEdit()
        self.field.setObjectName("ticket-symbol")
        self.field.setAccessibleName("Symbol")
        self.field.setToolTip("A symbol, or words of a company's name")
        self.field.setMaxLength(40)
        self._complete()
        self.field.textEdited.connect(self._on_edited)
        self.field.textChanged.connect(lambda _: self.edited.emit())
        self.field.returnPressed.connect(self._on_entered)
        self.field.editingFinished.connect(self._on_symbol)
        self.field.installEventFilter(self)
        caption = label("ticket-symbol-label", "&Symbol", role="muted")
        caption.setBuddy(self.field)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(caption)
        row.addStretch(1)
        row.addWidget(self.field)
        self.setFocusProxy(self.field)

    def _complete(self) -> None:
        """A list beneath the field of what it found; it filters nothing itself."""
        self._completer = QCompleter(self._table, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(10)
        self._completer.activated.connect(self._on_completed)
        view = QTreeView()
        view.setObjectName("ticket-symbol-list")
        view.setAccessibleName("Symbols found")
        view.setRootIsDecorated(False)
        view.setUniformRowHeights(True)
        view.setHeaderHidden(True)
        view.setMinimumWidth(_LIST_WIDTH)
        self._completer.setPopup(view)
        view.header().setStretchLastSection(False)
        for column, mode in enumerate(
            (
                QHeaderView.ResizeMode.ResizeToContents,
                QHeaderView.ResizeMode.Stretch,
                QHeaderView.ResizeMode.ResizeToContents,
            )
        ):
            view.header().setSectionResizeMode(column, mode)
        self.field.setCompleter(self._completer)

    # -- what is offered ------------------------------------------------------

    def set_assets(self, assets: AssetIndex) -> None:
        """Find among these from now on."""
        self._index = assets

    @property
    def offered(self) -> tuple[str, ...]:
        """The symbols in the list beneath the field."""
        rows = range(self._table.rowCount())
        return tuple(str(self._table.data(self._table.index(row, 0))) for row in rows)

    def _on_edited(self, text: str) -> None:
        self._awaited = ""  # typing on gives up what is being looked up
        self._table.show_found(self._index.find(text))

    def _on_completed(self, text: str) -> None:
        self.field.setText(text)
        self._on_entered()

    # -- what is chosen -------------------------------------------------------

    @property
    def unchosen(self) -> str:
        """Why nothing is sent while another symbol stands in the field than is on the buttons."""
        typed = self.field.text().strip()
        if typed.upper() == self.symbol:
            return ""
        return f"The symbol field says {typed or 'nothing'}: choose it, or press Esc in it."

    def awaits(self, symbol: str) -> bool:
        """Whether that symbol was typed and neither chosen, refused nor given up since."""
        return symbol == self._awaited

    def show_symbol(self, symbol: str) -> None:
        """This one is in hand now."""
        self.symbol = symbol
        self.restore()
        self.field.clearFocus()

    def restore(self) -> None:
        """Give up what is typed: the symbol in hand stands in its field again."""
        self._awaited = ""
        self.field.setText(self.symbol)
        set_role(self.field, "wrong", "false")

    def reject(self) -> None:
        """What was typed is no symbol that can be traded: the one in hand stays."""
        self._awaited = ""
        set_role(self.field, "wrong", "true")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter takes what is typed, Esc gives it up."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.restore()
            elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._on_entered()
                return True
        return leaves_by_key(watched, event) or super().eventFilter(watched, event)

    def _on_entered(self) -> None:
        """Stay in the field until the symbol is chosen: until then Esc is the field's own.

        Enter with the completions open passes the event filter by.
        """
        self._on_symbol()
        if not self.unchosen:
            self.field.clearFocus()

    def _on_symbol(self) -> None:
        text = self.field.text()
        if text.strip().upper() == self.symbol:
            self.restore()
            return
        try:
            symbol = parse_symbol(text)
        except Refusal as refusal:
            self.reject()
            self.refused.emit(refusal.sentence)
            return
        if symbol != self._awaited:  # leaving the field after Enter asks a second time
            self._awaited = symbol
            self.typed.emit(symbol)
