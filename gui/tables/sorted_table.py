"""A table over a ranked model: sorted by its header, columns chosen and moved, rows copied.

The base of every table of the blotter, so that all of them answer the same keys.
"""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QMenu, QTableView, QWidget

from gui.style import style
from gui.tables.columns import Column, columns_named
from gui.tables.csv_export import Sheet
from gui.tables.row_filter import FilterGroup, RowFilter
from gui.tables.sorted_model import SortedModel
from gui.widgets.panel import ROW_HEIGHT, plain_table

_AROUND = 9  # above and below a line of text
_MOST_CHOSEN = 1_000  # chosen rows that stay so under a new order or filter


class SortedTable(QTableView):
    """Shows one model. `keys` names the columns shown at first; one of them stretches."""

    columns_changed = Signal(object)  # the keys of the columns shown, from the left
    copy_asked = Signal(object)  # a Sheet
    menu_asked = Signal(QPoint)  # on the screen, for the row in focus
    opened = Signal()  # Enter, or a double click
    footnote = ""  # what must be known of all rows

    def __init__(
        self,
        name: str,
        spoken: str,
        model: SortedModel[Any],
        keys: Sequence[str],
        *,
        stretch: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.model_shown = model
        self.sheet_name = name.partition("-")[0]
        self._usual = tuple(keys)
        self._chosen_before: list[object] = []
        self.setModel(model)
        widths = tuple(column.width for column in model.columns)
        plain_table(self, name, spoken, widths, stretch=stretch)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setTabKeyNavigation(False)
        self._set_up_header()
        self.show_columns(())
        model.modelAboutToBeReset.connect(self._remember_choice)
        model.modelReset.connect(self._restore_choice)
        self.doubleClicked.connect(lambda _: self.opened.emit())

    def _set_up_header(self) -> None:
        header = self.horizontalHeader()
        header.setMinimumSectionSize(48)
        header.setSectionsMovable(True)
        header.setSectionsClickable(True)
        header.setAccessibleName(f"Columns of {self.accessibleName()}")
        model = self.model_shown
        descending, ascending = Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder
        header.setSortIndicator(model.by, descending if model.descending else ascending)
        header.sortIndicatorChanged.connect(model.sort)
        header.sectionMoved.connect(lambda *_: self._on_moved())
        self._arranging = False

    # -- columns ----------------------------------------------------------------

    @property
    def columns_shown(self) -> tuple[int, ...]:
        """The columns shown, from the left."""
        header = self.horizontalHeader()
        order = (header.logicalIndex(place) for place in range(header.count()))
        return tuple(column for column in order if not header.isSectionHidden(column))

    def show_columns(self, keys: Sequence[str]) -> None:
        """Show the columns named, in that order; the usual ones when none is."""
        columns, header = self.model_shown.columns, self.horizontalHeader()
        chosen = columns_named(columns, keys) or columns_named(columns, self._usual)
        self._arranging = True
        for place, column in enumerate(chosen):
            header.moveSection(header.visualIndex(column), place)
        for column in range(len(columns)):
            header.setSectionHidden(column, column not in chosen)
        self._arranging = False
        self.on_columns()

    def on_columns(self) -> None:
        """Other columns are shown."""

    def choose_column(self, column: int, *, shown: bool) -> None:
        """Show a column at the right, or show it no more. The last one stays."""
        now = [c for c in self.columns_shown if c != column] + ([column] if shown else [])
        if now:
            self.show_columns([self.model_shown.columns[c].key for c in now])
            self._tell_columns()

    def use_usual_columns(self) -> None:
        """As at first."""
        self.show_columns(())
        self.columns_changed.emit(())

    def _on_moved(self) -> None:
        if not self._arranging:
            self._tell_columns()

    def _tell_columns(self) -> None:
        columns = self.model_shown.columns
        self.columns_changed.emit(tuple(columns[c].key for c in self.columns_shown))

    def sort_by(self, column: int) -> None:
        """Order by a column as its header does: upwards, or the other way round from before."""
        model = self.model_shown
        turned = column == model.by and not model.descending
        descending, ascending = Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(column, descending if turned else ascending)

    # -- what is shown --------------------------------------------------------------

    def filter_groups(self) -> tuple[FilterGroup, ...]:
        """What the rows can be narrowed down by."""
        return ()

    def show_filtered(self, row_filter: RowFilter) -> None:
        """Show the rows that `row_filter` describes, and no others."""

    def new_day(self, today_ns: int) -> None:
        """Today began at `today_ns`."""
        self.model_shown.today_ns = today_ns

    def restyle(self) -> None:
        """The colours and fonts of the theme."""
        height = max(ROW_HEIGHT, QFontMetrics(style.font()).lineSpacing() + _AROUND)
        self.verticalHeader().setDefaultSectionSize(height)
        self.viewport().update()

    # -- what is copied -----------------------------------------------------------

    def _columns(self) -> list[Column[Any]]:
        return [self.model_shown.columns[c] for c in self.columns_shown]

    def file_columns(self) -> Sequence[Column[Any]]:
        """The columns of a file of these rows."""
        return self._columns()

    def sheet(self) -> Sheet:
        """Every row shown, in the order shown."""
        return Sheet(self.sheet_name, self.file_columns(), self.model_shown.shown_records())

    def chosen(self) -> Sheet:
        """The chosen rows."""
        model, selection = self.model_shown, self.selectionModel()
        rows = sorted({index.row() for index in selection.selectedRows()})
        numbers = dict.fromkeys(model.number_of(row) for row in rows)
        records = [r for n in numbers if n is not None and (r := model.record(n)) is not None]
        return Sheet(self.sheet_name, self._columns(), records)

    def copy(self) -> None:
        """Ask for the chosen rows on the clipboard."""
        sheet = self.chosen()
        if sheet.rows:
            self.copy_asked.emit(sheet)

    # -- keys ---------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, the copy key copies; the rest is every table's."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """At the pointer, or at the row in focus when a key asked for it."""
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            box = self.visualRect(self.currentIndex().siblingAtColumn(self.columns_shown[0]))
            at = box.bottomLeft()
        else:
            at = self.viewport().mapFromGlobal(event.globalPos())
            if not self.indexAt(at).isValid():
                return
        if self.currentIndex().isValid():
            self.menu_asked.emit(self.viewport().mapToGlobal(at))

    def offer_copy(self, menu: QMenu) -> None:
        """Put copying into a menu."""
        entry = menu.addAction("Copy\tCtrl+C")
        entry.setObjectName("copy")
        entry.triggered.connect(self.copy)

    # -- a new order or filter -------------------------------------------------------

    def _remember_choice(self) -> None:
        """Remember the rows in focus and chosen, by record."""
        model = self.model_shown
        rows = [self.currentIndex().row()]
        rows += [index.row() for index in self.selectionModel().selectedRows()]
        self._chosen_before = [model.number_of(row) for row in rows[:_MOST_CHOSEN]]

    def _restore_choice(self) -> None:
        model, selection = self.model_shown, QItemSelection()
        rows = [model.row_of(n) for n in self._chosen_before if isinstance(n, int)]
        for row in rows[1:]:
            if row is not None:
                index = model.index(row, 0)
                selection.select(index, index)
        if rows and rows[0] is not None:
            no_update = QItemSelectionModel.SelectionFlag.NoUpdate
            self.selectionModel().setCurrentIndex(model.index(rows[0], 0), no_update)
            self.scrollTo(model.index(rows[0], 0))
        whole = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(selection, whole.ClearAndSelect | whole.Rows)
