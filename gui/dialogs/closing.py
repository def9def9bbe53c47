"""Asks what becomes of working orders when the window closes. Blocks nothing."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from core.orders.state import ParentOrder
from core.wording.numbers import qty
from core.wording.order_words import order_title
from gui.widgets.dialog import Dialog, buttons_row, wrapped_label
from gui.widgets.panel import button, set_text

_NAMED = 5  # orders named one by one; more are counted


def question(working: tuple[ParentOrder, ...], unproven: tuple[ParentOrder, ...] = ()) -> str:
    """What is asked about orders that still work, and about those whose end nobody knows."""
    told = []
    if working:
        told.append(
            f"Still working: {_names(working)}. If they are left working, nothing cancels them and "
            "nothing falls back until Touchline runs again and takes them up."
        )
    if unproven:
        told.append(
            f"Not proven dead: {_names(unproven)}. Nobody reads them on until Touchline runs "
            "again: look for them at the broker."
        )
    return " ".join(told)


def waiting_words(working: tuple[ParentOrder, ...], asked: int) -> str:
    """How far the waiting is: what is proven, and what may still fill."""
    ended = max(asked - len(working), 0)
    return (
        f"Cancel asked: the end of {ended} of {asked} is proven. Waiting for the venue to prove "
        f"the end of {_names(working)}; until then each may still fill. Leaving now loses none: "
        "the next start finds what became of them."
    )


def _names(orders: tuple[ParentOrder, ...]) -> str:
    named = [
        f"{order_title(order)} ({qty(order.filled)} filled)" if order.filled else order_title(order)
        for order in orders[:_NAMED]
    ]
    more = len(orders) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


class ClosingDialog(Dialog):
    """Cancel and wait, leave working, or stay."""

    cancel_chosen = Signal()
    leave_chosen = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "closing", "Orders are working")
        self._waiting = False
        self._asked = 0  # how many orders the question was about
        self._words = wrapped_label("closing-words")
        self._cancel = button("closing-cancel", "Cancel them and close", "Cancel, wait for proof")
        self._leave = button("closing-leave", "Leave them working", "Close and leave them working")
        self._stay = button("closing-stay", "Stay", "Do not close")
        self._cancel.clicked.connect(self._on_cancel)
        self._leave.clicked.connect(self.leave_chosen)
        self._stay.clicked.connect(self.reject)
        self._progress = QProgressBar()
        self._progress.setObjectName("closing-progress")
        self._progress.setAccessibleName("Orders whose end is proven")
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(6)
        self.column.setSpacing(16)
        self.column.addWidget(self._words)
        self.column.addWidget(self._progress)
        self.column.addLayout(buttons_row(self._cancel, self._leave, self._stay))

    def ask(self, working: tuple[ParentOrder, ...], unproven: tuple[ParentOrder, ...] = ()) -> None:
        """Show the question for these orders, unless their end is awaited already."""
        if self.waiting:
            self.raise_()
            return
        self._waiting = False
        self._cancel.setVisible(bool(working))
        self._cancel.setEnabled(True)
        set_text(self._leave, "Leave them working" if working else "Close")
        self._progress.hide()
        self.show_working(working, unproven)
        self.bring_up()
        self._stay.setFocus()

    def show_working(
        self, working: tuple[ParentOrder, ...], unproven: tuple[ParentOrder, ...] = ()
    ) -> None:
        """Word the question, or what is waited for, anew."""
        if self._waiting:
            self._progress.setValue(max(self._asked - len(working), 0))
            set_text(self._words, waiting_words(working, self._asked))
            return
        self._asked = len(working)
        set_text(self._words, question(working, unproven))

    @property
    def waiting(self) -> bool:
        """Cancel was chosen, the proof is awaited."""
        return self._waiting and self.isVisible()

    def _on_cancel(self) -> None:
        self._waiting = True
        self._cancel.setEnabled(False)
        self._progress.setRange(0, self._asked)
        self._progress.setValue(0)
        self._progress.show()
        set_text(self._leave, "Close now")
        self.cancel_chosen.emit()


class RefusedDialog(Dialog):
    """Says in one sentence why nothing could be opened, and leads to the accounts and keys.

    Opened with `open()`, modal: there is no session, and nothing else to be done.
    """

    closed = Signal()
    accounts_asked = Signal()

    def __init__(self, sentence: str, parent: QWidget) -> None:
        super().__init__(parent, "refused", "Nothing could be opened")
        self.touched = False  # a person is there
        words = wrapped_label("refused-words")
        words.setText(sentence)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        accounts = button("refused-accounts", "Accounts and keys", "Choose an account, enter keys")
        accounts.clicked.connect(self._on_accounts)
        shut = button("refused-close", "Close", "Close Touchline")
        shut.clicked.connect(self.reject)
        self.rejected.connect(self.closed)
        self.column.setSpacing(16)
        self.column.addWidget(words)
        self.column.addLayout(buttons_row(accounts, shut))

    def _on_accounts(self) -> None:
        self.touched = True
        self.accept()
        self.accounts_asked.emit()
