"""What stands beside the tabs: search, filter, columns, and the rows as a CSV file.

Acts on the table in front, and remembers the filter of each.
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QPushButton, QWidget

from gui.tables.row_filter import FilterGroup, RowFilter
from gui.tables.sorted_table import SortedTable
from gui.widgets.panel import button, set_role, set_text

_SEARCH_WIDTH = 128
_LONG = 8  # choices that no longer stand in the menu itself


class TableBar(QWidget):
    """`save_asked` carries a Sheet."""

    save_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page: SortedTable | None = None
        self._filters: dict[SortedTable, RowFilter] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.search = QLineEdit()
        self.search.setObjectName("blotter-search")
        self.search.setAccessibleName("Search the table")
        self.search.setPlaceholderText("search")
        self.search.setClearButtonEnabled(True)
        self.search.setProperty("role", "search")
        self.search.setMaximumWidth(_SEARCH_WIDTH)
        self.search.setMinimumWidth(56)
        self.search.textChanged.connect(self._on_words)
        self.search.returnPressed.connect(self._to_table)
        self.filter = self._menu_button("blotter-filter", "filter", "Filter the rows", self._filter)
        self.columns = self._menu_button("blotter-columns", "columns", "Columns", self._columns)
        self.csv = button("blotter-csv", "CSV", "Save the rows shown as a CSV file", role="bar")
        self.csv.clicked.connect(self._save)
        for part in (self.search, self.filter, self.columns, self.csv):
            row.addWidget(part)

    def _menu_button(
        self, name: str, text: str, spoken: str, fill: Callable[[QMenu], None]
    ) -> QPushButton:
        made = button(name, text, spoken, role="bar")
        menu = QMenu(made)
        menu.setObjectName(f"{name}-menu")
        menu.aboutToShow.connect(partial(self._refill, menu, fill))
        made.setMenu(menu)
        return made

    def _refill(self, menu: QMenu, fill: Callable[[QMenu], None]) -> None:
        menu.clear()
        for kind in (QMenu, QActionGroup):  # which clearing leaves
            for old in menu.findChildren(kind):
                old.deleteLater()
        fill(menu)

    def show_page(self, page: SortedTable) -> None:
        """Act on this table from now on."""
        self._page = page
        row_filter = self._filters.get(page, RowFilter())
        self.search.blockSignals(True)
        self.search.setText(row_filter.words)
        self.search.blockSignals(False)
        self._show_filter(page, row_filter)

    def apply_again(self) -> None:
        """The filters mean other rows now: a new day has begun."""
        for page, row_filter in self._filters.items():
            page.show_filtered(row_filter)

    def go_to_search(self) -> None:
        """Go to the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    # -- search and filter --------------------------------------------------------

    def _on_words(self, words: str) -> None:
        if self._page is not None:
            before = self._filters.get(self._page, RowFilter())
            self._apply(RowFilter(words, before.chosen))

    def _to_table(self) -> None:
        if self._page is not None:
            self._page.setFocus(Qt.FocusReason.ShortcutFocusReason)
            if not self._page.currentIndex().isValid():
                self._page.selectRow(0)

    def _apply(self, row_filter: RowFilter) -> None:
        page = self._page
        if page is not None:
            self._filters[page] = row_filter
            page.show_filtered(row_filter)
            self._show_filter(page, row_filter)

    def _show_filter(self, page: SortedTable, row_filter: RowFilter) -> None:
        groups = page.filter_groups()
        chosen = [
            name
            for group in groups
            for name, value in group.choices
            if value is not None and row_filter.chosen.get(group.title) == value
        ]
        self.filter.setEnabled(bool(groups))
        set_text(self.filter, ", ".join(chosen) or "filter")
        set_role(self.filter, "on", "true" if chosen else "false")

    def _filter(self, menu: QMenu) -> None:
        if self._page is None:
            return
        for group in self._page.filter_groups():
            self._add_group(menu, group)
            menu.addSeparator()
        everything = menu.addAction("Show everything")
        everything.triggered.connect(self._clear_filter)

    def _clear_filter(self) -> None:
        self._apply(RowFilter())
        self.search.clear()

    def _add_group(self, menu: QMenu, group: FilterGroup) -> None:
        assert self._page is not None
        chosen = self._filters.get(self._page, RowFilter()).chosen.get(group.title)
        if len(group.choices) > _LONG:
            menu = menu.addMenu(group.title)
        one = QActionGroup(menu)
        for name, value in group.choices:
            entry = menu.addAction(name)
            entry.setCheckable(True)
            entry.setChecked(chosen == value)
            one.addAction(entry)
            entry.triggered.connect(partial(self._choose, group.title, value))

    def _choose(self, title: str, value: object, _checked: bool = True) -> None:
        assert self._page is not None
        before = self._filters.get(self._page, RowFilter())
        self._apply(RowFilter(before.words, {**before.chosen, title: value}))

    # -- columns, and files ---------------------------------------------------------

    def _columns(self, menu: QMenu) -> None:
        page = self._page
        if page is None:
            return
        shown = page.columns_shown
        for place, column in enumerate(page.model_shown.columns):
            entry = menu.addAction(column.title)
            entry.setCheckable(True)
            entry.setChecked(place in shown)
            entry.setEnabled(place not in shown or len(shown) > 1)
            entry.toggled.connect(lambda on, place=place: page.choose_column(place, shown=on))
        menu.addSeparator()
        menu.addAction("The usual columns").triggered.connect(page.use_usual_columns)
        self._add_sorting(menu.addMenu("Sort by"), page)

    def _add_sorting(self, menu: QMenu, page: SortedTable) -> None:
        """What a click on the header does, for keys as well; the same again turns it round."""
        model, one = page.model_shown, QActionGroup(menu)
        for place in page.columns_shown:
            sorts = place == model.by
            way = f"\t{'down' if model.descending else 'up'}" if sorts else ""
            entry = menu.addAction(f"{model.columns[place].title}{way}")
            entry.setCheckable(True)
            entry.setChecked(sorts)
            one.addAction(entry)
            entry.triggered.connect(lambda _=False, place=place: page.sort_by(place))

    def _save(self) -> None:
        if self._page is not None:
            self.save_asked.emit(self._page.sheet())
