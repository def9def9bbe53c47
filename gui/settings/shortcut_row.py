"""One key in the settings: what it does, the key pressed for it, and why it cannot be that one."""

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QKeySequenceEdit, QLineEdit, QVBoxLayout, QWidget

from core.errors import Refusal
from gui.actions.action_table import ACTIONS, ActionId
from gui.actions.shortcut_rules import shown
from gui.actions.shortcuts import ShortcutTable
from gui.settings.setting_row import TITLE_WIDTH
from gui.widgets.panel import button, label, set_text

GROUP = "Keys"
_PORTABLE = QKeySequence.SequenceFormat.PortableText


class ShortcutRow(QWidget):
    """Shows and sets the key of one command."""

    def __init__(self, table: ShortcutTable, action_id: ActionId) -> None:
        super().__init__()
        self.setObjectName(f"key-row-{action_id.value}")
        self._table = table
        self._action_id = action_id
        info = ACTIONS[action_id]
        spoken = f"Key for: {info.spoken}"
        title = label(f"key-title-{action_id.value}", info.spoken)
        title.setMinimumWidth(TITLE_WIDTH)
        self.field = QKeySequenceEdit()
        self.field.setObjectName(f"key-field-{action_id.value}")
        self.field.setAccessibleName(spoken)
        for inner in self.field.findChildren(QLineEdit):  # it is what has the focus
            inner.setAccessibleName(spoken)
        self.field.setMaximumSequenceLength(1)
        self.field.setFixedWidth(150)
        self.field.editingFinished.connect(self._on_pressed)
        self.none = button(
            f"key-none-{action_id.value}", "none", f"No {spoken.lower()}", role="chip"
        )
        self.none.clicked.connect(lambda: self._give(""))
        self.back = button(f"key-reset-{action_id.value}", "", f"{spoken}, the usual", role="chip")
        self.back.clicked.connect(lambda: self._give(info.keys))
        self.refusal = label(f"key-refusal-{action_id.value}", role="bad")
        self.refusal.hide()
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(title, 1)
        for part in (self.field, self.none, self.back):
            line.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 2)
        column.setSpacing(2)
        column.addLayout(line)
        column.addWidget(self.refusal)
        table.changed.connect(self.show_key)
        self.show_key()

    @property
    def words(self) -> str:
        """Everything a search may look for."""
        key = self._table.text(self._action_id)
        return f"{GROUP} {ACTIONS[self._action_id].spoken} {key}".casefold()

    def show_key(self) -> None:
        """The key in force, and whether that is the usual one."""
        key, usual = self._table.portable(self._action_id), ACTIONS[self._action_id].keys
        self.field.setKeySequence(QKeySequence.fromString(key))
        self._refuse("")
        self.none.setEnabled(bool(key))
        self.back.setEnabled(key != usual)
        set_text(self.back, "usual" if key == usual else f"back to {shown(usual) or 'none'}")

    def _on_pressed(self) -> None:
        pressed = self.field.keySequence().toString(_PORTABLE)
        if pressed and pressed != self._table.portable(self._action_id):
            self._give(pressed)
        else:
            self.show_key()

    def _give(self, key: str) -> None:
        try:
            self._table.assign(self._action_id, key)
        except Refusal as refusal:
            self.show_key()
            self._refuse(refusal.sentence)

    def _refuse(self, sentence: str) -> None:
        set_text(self.refusal, sentence)
        self.refusal.setVisible(bool(sentence))
