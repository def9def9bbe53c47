"""What an empty list says of itself, in the place where its rows will stand."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractItemView, QLabel

from gui.actions.action_table import WindowAction
from gui.actions.shortcuts import ShortcutTable
from gui.widgets.panel import set_role, set_text

_MARGIN = 14
_TOP = 44  # beneath the header row
_WIDEST = 620


class EmptyHint(QLabel):
    """Words over `view` while it has no row. Lets the mouse through."""

    def __init__(self, view: QAbstractItemView, words: Callable[[], str]) -> None:
        super().__init__(view)
        self.setObjectName(f"{view.objectName()}-hint")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        set_role(self, "role", "muted")
        self._view = view
        self._words = words
        model = view.model()
        model.rowsInserted.connect(self.renew)
        model.rowsRemoved.connect(self.renew)
        model.modelReset.connect(self.renew)
        view.installEventFilter(self)
        self.renew()

    def renew(self) -> None:
        """Say it, or go."""
        empty = self._view.model().rowCount() == 0
        if empty:
            set_text(self, self._words())
            self._place()
        self.setVisible(empty)

    def _place(self) -> None:
        width = max(min(_WIDEST, self._view.width() - 2 * _MARGIN), 1)
        self.setGeometry(_MARGIN, _TOP, width, self.heightForWidth(width))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep to the list's width."""
        if event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)


def nothing_works(keys: ShortcutTable) -> str:
    """The empty list of working orders: how the first one comes here and goes again."""
    key = keys.in_brackets
    return (
        f"No order is working. Arm the ticket{key(WindowAction.ARM)} and press "
        f"SELL{key(WindowAction.SELL)} or BUY{key(WindowAction.BUY)}: a limit order goes out "
        "inside the spread, and its countdown and its buttons stand here. Cancel it at any time; "
        "if it does not fill in time, only what is proven unfilled goes to the market."
    )
