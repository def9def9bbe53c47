"""One key in the settings: what it does, the key pressed for it, and why it cannot be that one."""

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QKeySequenceEdit, QLineEdit, QVBoxLayout, QWidget

from core.errors import Refusal
from gui.actions.actions import ACTIONS, Doing
from gui.actions.shortcut_rules import shown
from gui.actions.shortcuts import ShortcutTable
from gui.settings.setting_row import TITLE_WIDTH
from gui.widgets.panel import button, label, set_text

GROUP = "Keys"
_PORTABLE = QKeySequence.SequenceFormat.PortableText


class ShortcutRow(QWidget):
    """Shows and sets the key of one command."""

    def __init__(self, table: ShortcutTable, doing: Doing) -> None:
        super().__init__()
        self.setObjectName(f"key-row-{doing.value}")
        self._table = table
        self._doing = doing
        info = ACTIONS[doing]
        spoken = f"Key for: {info.spoken}"
        title = label(f"key-title-{doing.value}", info.spoken)
        title.setMinimumWidth(TITLE_WIDTH)
        self.field = QKeySequenceEdit()
        self.field.setObjectName(f"key-field-{doing.value}")
        self.field.setAccessibleName(spoken)
        for inner in self.field.findChildren(QLineEdit):  # it is what has the focus
            inner.setAccessibleName(spoken)
        self.field.setMaximumSequenceLength(1)
        self.field.setFixedWidth(150)
        self.field.editingFinished.connect(self._on_pressed)
        self.none = button(f"key-none-{doing.value}", "none", f"No {spoken.lower()}", role="chip")
        self.none.clicked.connect(lambda: self._give(""))
        self.back = button(f"key-reset-{doing.value}", "", f"{spoken}, the usual", role="chip")
        self.back.clicked.connect(lambda: self._give(info.keys))
        self.refusal = label(f"key-refusal-{doing.value}", role="bad")
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
        key = self._table.text(self._doing)
        return f"{GROUP} {ACTIONS[self._doing].spoken} {key}".casefold()

    def show_key(self) -> None:
        """The key in force, and whether that is the usual one."""
        key, usual = self._table.portable(self._doing), ACTIONS[self._doing].keys
        self.field.setKeySequence(QKeySequence.fromString(key))
        self._refuse("")
        self.none.setEnabled(bool(key))
        self.back.setEnabled(key != usual)
        set_text(self.back, "usual" if key == usual else f"back to {shown(usual) or 'none'}")

    def _on_pressed(self) -> None:
        pressed = self.field.keySequence().toString(_PORTABLE)
        if pressed and pressed != self._table.portable(self._doing):
            self._give(pressed)
        else:
            self.show_key()

    def _give(self, key: str) -> None:
        try:
            self._table.assign(self._doing, key)
        except Refusal as refusal:
            self.show_key()
            self._refuse(refusal.sentence)

    def _refuse(self, sentence: str) -> None:
        set_text(self.refusal, sentence)
        self.refusal.setVisible(bool(sentence))
