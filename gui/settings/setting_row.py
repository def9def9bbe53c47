"""One setting: its title, the editor that suits it, its usual value, and why a value is refused."""

from collections.abc import Callable
from decimal import Decimal
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.errors import Refusal
from core.market.numerals import number
from core.wording.setting_spec import SettingSpec, check_value, worded
from gui.settings.sources import SettingsSource
from gui.widgets.panel import button, label, set_role, set_text
from gui.widgets.segmented import Segmented

TITLE_WIDTH = 190
_FIELD_WIDTH = 110
_FIELD_LONG = 24


class NumberField(QLineEdit):
    """A number as typed. Enter or leaving it sets; Esc gives back what is set."""

    def __init__(self, given_back: Callable[[], None]) -> None:
        super().__init__()
        self._given_back = given_back
        self.setMaxLength(_FIELD_LONG)
        self.setFixedWidth(_FIELD_WIDTH)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter stays in the field; Esc changes nothing and closes nothing."""
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self._given_back()
            return
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()


class SettingRow(QWidget):
    """Shows and sets one setting of a source."""

    def __init__(self, source: SettingsSource, name: str, about: SettingSpec) -> None:
        super().__init__()
        self.setObjectName(f"setting-{name}")
        self._source = source
        self._name = name
        self._about = about
        self._asked: object = None  # waits for a yes
        self.field: NumberField | None = None
        self.box: QCheckBox | None = None
        self.choices: Segmented | None = None
        self._lay_out()
        source.changed.connect(self.show_value)
        source.refused.connect(self._on_refused)
        self.show_value()

    @property
    def words(self) -> str:
        """Everything a search may look for."""
        return f"{self._about.group} {self._about.title} {self._about.description}".casefold()

    # -- building -------------------------------------------------------------

    def _lay_out(self) -> None:
        title = label(f"setting-{self._name}-title", self._about.title)
        title.setFixedWidth(TITLE_WIDTH)
        self.back = button(
            f"setting-{self._name}-reset",
            "",
            f"{self._about.title}: back to the usual",
            role="chip",
        )
        self.back.clicked.connect(lambda: self._wish(self._source.usual(self._name)))
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(title)
        line.addWidget(self._editor())
        line.addWidget(label(f"setting-{self._name}-unit", self._bounds(), role="muted"))
        line.addStretch(1)
        line.addWidget(self.back)
        about = label(f"setting-{self._name}-about", self._about.description, role="small")
        about.setWordWrap(True)
        self.refusal = label(f"setting-{self._name}-refusal", role="bad")
        self.refusal.setWordWrap(True)
        self.refusal.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 5, 0, 5)
        column.setSpacing(2)
        column.addLayout(line)
        for beneath in (about, self.refusal, self._question()):
            row = QHBoxLayout()
            row.setSpacing(8)
            under = QWidget()
            under.setFixedWidth(TITLE_WIDTH)
            row.addWidget(under)
            row.addWidget(beneath, 1)
            column.addLayout(row)

    def _editor(self) -> QWidget:
        if self._about.choices:
            options = [(words, f"{self._about.title}: {words}") for _, words in self._about.choices]
            self.choices = Segmented(f"setting-{self._name}-choice", options)
            self.choices.chosen.connect(lambda index: self._wish(self._about.choices[index][0]))
            return self.choices
        if isinstance(self._source.value(self._name), bool):
            self.box = QCheckBox()
            self.box.setObjectName(f"setting-{self._name}-box")
            self.box.setAccessibleName(self._about.title)
            self.box.setAccessibleDescription(self._about.description)
            self.box.clicked.connect(self._wish)
            return self.box
        self.field = NumberField(self.show_value)
        self.field.setObjectName(f"setting-{self._name}-field")
        self.field.setAccessibleName(self._about.title)
        self.field.setAccessibleDescription(self._about.description)
        self.field.editingFinished.connect(self._on_typed)
        return self.field

    def _bounds(self) -> str:
        if not self._about.bounded:
            return self._about.unit
        lowest, highest = f"{self._about.lowest:,f}", f"{self._about.highest:,f}"
        return f"{self._about.unit}   {lowest} \N{EN DASH} {highest}"

    def _question(self) -> QWidget:
        self.question = QWidget()
        self.question.setObjectName(f"setting-{self._name}-question")
        self.asking = label(f"setting-{self._name}-asking", role="warn", rich=True)
        self.asking.setWordWrap(True)
        self.yes = button(f"setting-{self._name}-yes", "Change it", "Change the limit")
        self.yes.clicked.connect(self._on_yes)
        self.no = button(f"setting-{self._name}-no", "Leave it", "Leave the limit as it is")
        self.no.clicked.connect(self.show_value)
        row = QHBoxLayout(self.question)
        row.setContentsMargins(0, 2, 0, 2)
        row.addWidget(self.asking, 1)
        row.addWidget(self.yes)
        row.addWidget(self.no)
        self.question.hide()
        return self.question

    # -- showing --------------------------------------------------------------

    def show_value(self) -> None:
        """What is set now, and whether that is the usual."""
        value, usual = self._source.value(self._name), self._source.usual(self._name)
        self._asked = None
        self.question.hide()
        self._refuse("")
        if self.choices is not None:
            self.choices.choose([key for key, _ in self._about.choices].index(str(value)))
        if self.box is not None:
            self.box.setChecked(value is True)
            self.box.setText("on" if value is True else "off")
        if self.field is not None and isinstance(value, Decimal | int):
            self.field.setText(f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}")
            self.field.setModified(False)
        same = value == usual
        self.back.setEnabled(not same)
        set_text(self.back, "usual" if same else f"back to {worded(self._about, usual).strip()}")

    def _refuse(self, sentence: str) -> None:
        set_text(self.refusal, sentence)
        self.refusal.setVisible(bool(sentence))
        if self.field is not None:
            set_role(self.field, "wrong", "true" if sentence else "false")
            self.field.setAccessibleDescription(sentence or self._about.description)

    def _on_refused(self, name: str, sentence: str) -> None:
        if name == self._name:
            self.show_value()
            self._refuse(sentence)

    # -- setting --------------------------------------------------------------

    def _on_typed(self) -> None:
        assert self.field is not None
        if not self.field.isModified():
            return
        try:
            value = self._parsed(self.field.text())
        except Refusal as refusal:
            self._refuse(refusal.sentence)
            return
        self._wish(value)

    def _parsed(self, text: str) -> Decimal | int:
        value = number(text, self._about.title, grouped=True)
        check_value(self._about.title, self._about, value)
        if not isinstance(self._source.usual(self._name), int):
            return value
        if value != value.to_integral_value():
            raise Refusal(self._name, f"{self._about.title} is a whole number.", text)
        return int(value)

    def _wish(self, value: object) -> None:
        if value == self._source.value(self._name):
            self.show_value()
        elif self._source.asks(self._name, value):
            self._ask(value)
        else:
            self._source.set(self._name, value)

    def _ask(self, value: object) -> None:
        old, new = (worded(self._about, each) for each in (self._source.value(self._name), value))
        self._refuse("")
        self._asked = value
        self.asking.setText(
            f"<b>{escape(self._about.title)}</b> goes from <b>{escape(old)}</b> to "
            f"<b>{escape(new)}</b>: more than now will be let through."
        )
        self.question.show()
        self.no.setFocus()

    def _on_yes(self) -> None:
        value, self._asked = self._asked, None
        self.question.hide()
        self._source.set(self._name, value)
