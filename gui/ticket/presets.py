"""Named presets of the ticket: choose, save, rename and delete them from its header."""

from collections.abc import Callable

from msgspec.structs import replace
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog, QLineEdit, QWidget

from core.errors import Refusal
from core.market.prices import Side
from core.orders.plan import DEFAULTS
from gui.state.preference_store import PreferenceStore
from gui.state.preferences import Preset
from gui.widgets.choice_menu import ChoiceMenu

USUAL = "default"
USUAL_PRESET = Preset(
    name=USUAL,
    sell_fraction=DEFAULTS[Side.SELL].fraction,
    buy_fraction=DEFAULTS[Side.BUY].fraction,
)
_LONGEST = 30
_WIDTH = 128


class Presets(QObject):
    """The button in the ticket's header and the presets behind it.

    `chosen` carries a Preset, or None for the default. `preset_of` asks the ticket for a Preset
    of that name with what it holds now.
    """

    chosen = Signal(object)
    refused = Signal(str)

    def __init__(
        self, preferences: PreferenceStore, preset_of: Callable[[str], Preset], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._parent = parent
        self._preferences = preferences
        self._preset_of = preset_of
        self.name = USUAL
        self.button = ChoiceMenu("ticket-preset", "Preset", parent, width=_WIDTH)
        self.button.chosen.connect(self._on_chosen)
        preferences.changed.connect(self._renew)
        self._renew()

    @property
    def all(self) -> tuple[Preset, ...]:
        """Those that were saved."""
        return self._preferences.values.presets

    @property
    def current(self) -> Preset | None:
        """The one in force; None for the default."""
        return next((each for each in self.all if each.name == self.name), None)

    def show_state(self) -> None:
        """Say which preset it is and its fractions; a star where the ticket was changed since."""
        preset = self.current or USUAL_PRESET
        now = self._preset_of(preset.name)
        sell, buy = (f"{part * 100:.0f}" for part in (now.sell_fraction, now.buy_fraction))
        star = "*" if now != preset else ""
        self.button.say(f"{self.name}{star} {sell} / {buy}")

    def _renew(self) -> None:
        if self.current is None:
            self.name = USUAL
        sell, buy = (f"{DEFAULTS[side].fraction * 100:.0f}" for side in (Side.SELL, Side.BUY))
        options = [(USUAL, f"Sell {sell} %, buy {buy} %, then market")]
        options += [(each.name, _meaning(each)) for each in self.all]
        names = [words for words, _ in options]
        self.button.offer(options, names.index(self.name))
        menu = self.button.menu_shown
        menu.addSeparator()
        for name, words, work, possible in (
            ("save", "Save as\N{HORIZONTAL ELLIPSIS}", self._ask_save, True),
            ("rename", "Rename\N{HORIZONTAL ELLIPSIS}", self._ask_rename, self.name != USUAL),
            ("delete", "Delete", self.delete, self.name != USUAL),
        ):
            entry = QAction(words, menu)
            entry.setObjectName(f"ticket-preset-{name}")
            entry.setEnabled(possible)
            entry.triggered.connect(lambda _=False, work=work: work())
            menu.addAction(entry)

    # -- what a person does ---------------------------------------------------

    def _on_chosen(self, index: int) -> None:
        self.choose(USUAL if index == 0 else self.all[index - 1].name)

    def choose(self, name: str) -> None:
        """Put a preset into force; an unknown name is the default."""
        self.name = name
        self._renew()
        self.chosen.emit(self.current)

    def save(self, name: str) -> None:
        """Keep what the ticket holds under this name, in place of one that has it already."""
        name = self._valid_name(name)
        if not name:
            return
        try:
            preset = self._preset_of(name)
        except Refusal as refusal:
            self.refused.emit(refusal.sentence)
            return
        kept = tuple(each for each in self.all if each.name != name)
        if self._store((*kept, preset)):
            self.choose(name)

    def rename(self, name: str) -> None:
        """Give the one in force another name."""
        current, name = self.current, self._valid_name(name)
        if current is None or not name or name == current.name:
            return
        if any(each.name == name for each in self.all):
            self.refused.emit(f"There is a preset {name!r} already: delete it first.")
            return
        renamed = replace(current, name=name)
        self.name = name
        self._store(tuple(renamed if each is current else each for each in self.all))

    def delete(self) -> None:
        """Forget the one in force; the ticket stays as it is."""
        current = self.current
        if current is not None:
            self._store(tuple(each for each in self.all if each is not current))

    def _valid_name(self, name: str) -> str:
        name = " ".join(name.split())[:_LONGEST]
        if name == USUAL or not name:
            given = repr(name) if name else "an empty one"
            self.refused.emit(f"A preset needs a name of its own, not {given}.")
            return ""
        return name

    def _store(self, presets: tuple[Preset, ...]) -> bool:
        try:
            self._preferences.change(presets=presets)
        except Refusal as refusal:
            self.refused.emit(refusal.sentence)
            return False
        self._renew()
        return True

    # -- names typed ----------------------------------------------------------

    def _ask_save(self) -> None:
        name = "" if self.name == USUAL else self.name
        self._ask("Save the ticket as a preset", name, self.save)

    def _ask_rename(self) -> None:
        self._ask(f"Another name for {self.name!r}", self.name, self.rename)

    def _ask(self, question: str, text: str, work: Callable[[str], None]) -> None:
        dialog = QInputDialog(self._parent)
        dialog.setObjectName("ticket-preset-name")
        dialog.setWindowTitle("Preset")
        dialog.setLabelText(question)
        dialog.setTextValue(text)
        for field in dialog.findChildren(QLineEdit):
            field.setAccessibleName(question)
            field.setMaxLength(_LONGEST)
        dialog.textValueSelected.connect(work)
        dialog.setWindowModality(Qt.WindowModality.NonModal)  # quotes and Cancel go on
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()


def _meaning(preset: Preset) -> str:
    usual = "the usual wait" if preset.wait is None else f"{preset.wait:f} s"
    how = preset.steps or usual
    return (
        f"Sell {preset.sell_fraction * 100:.0f} %, buy {preset.buy_fraction * 100:.0f} %, "
        f"{how}, then {preset.fallback.value}"
    )
