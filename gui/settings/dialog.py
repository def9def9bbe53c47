"""The settings, made from the typed records: groups, a row each, a search. All hold at once."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from gui.actions.action_table import Menu, in_menu
from gui.actions.shortcuts import ShortcutTable
from gui.settings.setting_row import SettingRow
from gui.settings.shortcut_row import GROUP as KEYS
from gui.settings.shortcut_row import ShortcutRow
from gui.settings.sources import SettingsSource
from gui.widgets.dialog import Dialog
from gui.widgets.panel import button, label, set_text

_SIZE = (760, 720)
_SMALLEST = (620, 360)
Row = SettingRow | ShortcutRow


class SettingsDialog(Dialog):
    """Stands beside the window, stops nothing, and is shut by Esc."""

    def __init__(
        self, sources: Sequence[SettingsSource], keys: ShortcutTable, parent: QWidget
    ) -> None:
        super().__init__(parent, "settings", "Settings")
        self.setMinimumSize(*_SMALLEST)
        self.resize(*_SIZE)
        self.groups: dict[str, list[Row]] = {}
        self._headings: dict[str, QLabel] = {}
        self._fill(sources, keys)
        self._lay_out()

    def _fill(self, sources: Sequence[SettingsSource], keys: ShortcutTable) -> None:
        for source in sources:
            for name, about in source.about().items():
                if about.bounded or about.choices or isinstance(source.usual(name), bool):
                    row = SettingRow(source, name, about)
                    self.groups.setdefault(about.group, []).append(row)
        self.groups[KEYS] = [
            ShortcutRow(keys, action_id) for menu in Menu for action_id in in_menu(menu)
        ]

    def _lay_out(self) -> None:
        page = QWidget()
        page.setObjectName("settings-page")
        rows = QVBoxLayout(page)
        rows.setContentsMargins(4, 0, 16, 12)
        rows.setSpacing(0)
        for group, members in self.groups.items():
            heading = self._headings[group] = label(f"settings-group-{group.lower()}", group)
            heading.setProperty("role", "heading")
            rows.addWidget(heading)
            for row in members:
                rows.addWidget(row)
        rows.addStretch(1)
        area = QScrollArea()
        area.setObjectName("settings-area")
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(page)
        self.search = QLineEdit()
        self.search.setObjectName("settings-search")
        self.search.setAccessibleName("Search the settings")
        self.search.setPlaceholderText("search")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._find)
        self.nothing = label("settings-nothing", role="muted")
        self.column.setContentsMargins(18, 14, 6, 14)  # a scroll bar stands at the right
        self.column.setSpacing(8)
        self.column.addWidget(self.search)
        self.column.addWidget(self.nothing)
        self.column.addWidget(area, 1)
        self.column.addLayout(self._foot())
        self.nothing.hide()

    def _foot(self) -> QHBoxLayout:
        shut = button("settings-close", "Close", "Close the settings")
        shut.clicked.connect(self.accept)
        row = QHBoxLayout()
        words = "Everything holds at once. A limit that lets more through is asked about."
        row.addWidget(label("settings-holds", words, role="small"))
        row.addStretch(1)
        row.addWidget(shut)
        row.addSpacing(12)
        return row

    def show_settings(self) -> None:
        """Open, the search empty and in hand."""
        self.search.clear()
        self.bring_up()
        self.activateWindow()
        self.search.setFocus()

    def _find(self, text: str) -> None:
        """Show the rows that hold every word."""
        words = text.casefold().split()
        found = False
        for group, members in self.groups.items():
            seen = [row for row in members if all(word in row.words for word in words)]
            for row in members:
                row.setVisible(row in seen)
            self._headings[group].setVisible(bool(seen))
            found = found or bool(seen)
        set_text(self.nothing, "" if found else f"No setting says {text!r}.")
        self.nothing.setVisible(not found)
