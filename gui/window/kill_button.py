"""The kill button: it takes two presses, so that a slip does not kill and a hand in a hurry can."""

from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QPushButton, QWidget

from gui.actions.action_table import WINDOW_ACTIONS, WindowAction
from gui.actions.click_guard import AGAIN_S
from gui.actions.shortcuts import ShortcutTable
from gui.style import style
from gui.widgets.panel import set_role, set_text

SECOND_PRESS_S = 3.0
_INFO = WINDOW_ACTIONS[WindowAction.KILL]
_QUESTION = "Kill?"


class KillButton(QPushButton):
    """Outlined in red; filled while it waits for its second press. `pulled` comes with that one."""

    pulled = Signal()

    def __init__(
        self,
        keys: ShortcutTable,
        clock: Callable[[], float] = monotonic,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(_INFO.title, parent)
        self.setObjectName("strip-kill")
        self.setAccessibleName(_INFO.spoken)
        self.setAutoDefault(False)
        self.setProperty("role", "kill")
        self._clock = clock
        self._first_press = float("-inf")
        self._reset_timer = QTimer(self, singleShot=True, interval=int(SECOND_PRESS_S * 1000))
        self._reset_timer.timeout.connect(self._reset)
        self.clicked.connect(self.press)
        self.setFixedWidth(QFontMetrics(style.font(bold=True)).horizontalAdvance(_QUESTION) + 30)
        self._keys = keys
        keys.changed.connect(self._show_keys)
        self._show_keys()
        self._reset()

    def _show_keys(self) -> None:
        what = self._keys.spoken(WindowAction.KILL)
        self.setToolTip(f"{what}. Press twice within {SECOND_PRESS_S:g} s; positions stay.")

    def press(self) -> None:
        """One press, by pointer or key. The second half of a double click is no second press."""
        since = self._clock() - self._first_press
        if since < AGAIN_S:
            return
        if since <= SECOND_PRESS_S:
            self._reset_timer.stop()
            self._reset()
            self.pulled.emit()
            return
        self._first_press = self._clock()
        self._reset_timer.start()
        set_text(self, _QUESTION)
        set_role(self, "waits", "true")

    def _reset(self) -> None:
        self._first_press = float("-inf")
        set_text(self, _INFO.title)
        set_role(self, "waits", "false")
