"""The keys at work: what is pressed, what stands on buttons and in menus, and what it does."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QKeySequenceEdit,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from core.errors import Refusal
from gui.actions.action_table import ACTIONS, ActionId
from gui.actions.auto_repeat import AutoRepeat
from gui.actions.shortcut_rules import ShortcutsInForce, in_force, refusal, shown
from gui.state.preference_store import PreferenceStore

_TYPED_IN = (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox, QKeySequenceEdit)


class ShortcutTable(QObject):
    """The key of each command as a person set it. `changed` for whoever shows one.

    Connect a method of the widget that shows keys, so that the connection ends with it.
    """

    changed = Signal()

    def __init__(
        self, preferences: PreferenceStore | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._preferences = preferences or PreferenceStore(parent=self)
        self._now = self._in_force()
        self._preferences.changed.connect(self._on_changed)

    @property
    def problems(self) -> tuple[str, ...]:
        """What of the set keys could not be taken, in sentences."""
        return self._now.problems

    def portable(self, action_id: ActionId) -> str:
        """The key as it is kept in a file; empty for none."""
        return self._now.keys[action_id]

    def text(self, action_id: ActionId) -> str:
        """The key as this system's people write it; empty for none."""
        return shown(self._now.keys[action_id])

    def in_brackets(self, action_id: ActionId) -> str:
        """The key in brackets, to stand behind a word in a sentence; empty for none."""
        key = self.text(action_id)
        return f" ({key})" if key else ""

    def spoken(self, action_id: ActionId) -> str:
        """What it does and its key, for a tooltip."""
        return f"{ACTIONS[action_id].spoken}{self.in_brackets(action_id)}"

    def assign(self, action_id: ActionId, portable: str) -> None:
        """Set a key, empty for none, or raise Refusal saying why it cannot be that one."""
        why = refusal(action_id, portable, self._now.keys)
        if why:
            raise Refusal("keys", why, portable)
        keys = {**self._preferences.values.keys, action_id.value: portable}
        if portable == ACTIONS[action_id].keys:
            del keys[action_id.value]
        self._preferences.change(keys=keys)

    def _in_force(self) -> ShortcutsInForce:
        return in_force(self._preferences.values.keys)

    def _on_changed(self) -> None:
        now = self._in_force()
        if now != self._now:
            self._now = now
            self.changed.emit()


class Shortcuts:
    """Does what the keys of one window ask. A dangerous key ignores auto-repeat, and text fields.

    `run` does the same for a menu or a button, wherever the focus is.
    """

    def __init__(
        self, window: QWidget, table: ShortcutTable, refuse: Callable[[str], None]
    ) -> None:
        self._window = window
        self._table = table
        self._refuse = refuse
        self._works: dict[ActionId, Callable[[], None]] = {}
        self._shortcuts: dict[ActionId, QShortcut] = {}
        self._repeats = AutoRepeat(window)
        table.changed.connect(self._renew)

    def bind(self, action_id: ActionId, work: Callable[[], None]) -> None:
        """Do `work` when `action_id` is asked for."""
        info = ACTIONS[action_id]
        key = QShortcut(self._window)
        key.setObjectName(f"key-{action_id.value}")
        way_out = info.dangerous and info.in_fields  # works while a question has the focus, too
        everywhere, here = Qt.ShortcutContext.ApplicationShortcut, Qt.ShortcutContext.WindowShortcut
        key.setContext(everywhere if way_out else here)
        key.setAutoRepeat(not info.dangerous)
        key.activated.connect(lambda: self._on_key(action_id))
        self._works[action_id] = work
        self._shortcuts[action_id] = key
        self._renew_one(action_id)

    def run(self, action_id: ActionId) -> None:
        """Do it now."""
        self._works[action_id]()

    @property
    def bound(self) -> frozenset[ActionId]:
        """Everything that can be done."""
        return frozenset(self._works)

    def _renew(self) -> None:
        for action_id in self._shortcuts:
            self._renew_one(action_id)

    def _renew_one(self, action_id: ActionId) -> None:
        self._shortcuts[action_id].setKey(QKeySequence.fromString(self._table.portable(action_id)))

    def _on_key(self, action_id: ActionId) -> None:
        if ACTIONS[action_id].dangerous and self._repeats.repeating:
            return
        if not ACTIONS[action_id].in_fields and _typing():
            name = self._table.text(action_id)
            self._refuse(f"{name} does nothing while you type: press Enter first.")
            return
        self.run(action_id)


def _typing() -> bool:
    """Whether what has the focus takes text."""
    focus = QApplication.focusWidget()
    return isinstance(focus, _TYPED_IN) or (isinstance(focus, QComboBox) and focus.isEditable())
