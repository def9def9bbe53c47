"""The View menu's own part: which parts are shown or float, and the layouts saved by name."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from core.errors import Refusal
from gui.widgets.dialog import Dialog, buttons_row
from gui.widgets.panel import button, label, set_text
from gui.window.docks import Docks
from gui.window.layout_store import MAX_NAME, LayoutStore


class LayoutMenu(QObject):
    """What is done with layouts; `fill` offers it. `refused` carries a sentence."""

    refused = Signal(str)

    def __init__(self, docks: Docks, store: LayoutStore, parent: QWidget) -> None:
        super().__init__(parent)
        self._docks = docks
        self._store = store
        self._name_dialog = NameDialog(self._save, parent)

    def fill(self, menu: QMenu) -> None:
        """Put everything into that menu."""
        docks = self._docks
        menu.addSeparator()
        for dock in docks.docks.values():
            menu.addAction(dock.toggleViewAction())
        menu.addSeparator()
        floating = menu.addMenu("&Floating")
        floating.setObjectName("menu-floating")
        for dock in docks.docks.values():
            floating.addAction(dock.float_action)
        self.choose = menu.addMenu("&Layouts")
        self.choose.setObjectName("menu-layouts")
        self.delete = menu.addMenu("&Delete a layout")
        self.delete.setObjectName("menu-delete-layout")
        menu.aboutToShow.connect(self.renew)
        self.renew()

    def renew(self) -> None:
        """List the layouts there are."""
        for menu, work in ((self.choose, self.use), (self.delete, self._store.delete)):
            menu.clear()
            for name in self._store.saved.named:
                words = name.replace("&", "&&")
                menu.addAction(words).triggered.connect(_with(self._checked(work), name))
            menu.setEnabled(bool(self._store.saved.named))

    def ask_name(self) -> None:
        """Save the layout by a name that is asked for."""
        self._name_dialog.ask()

    def use(self, name: str) -> None:
        """Put everything where it stood in the layout of that name."""
        if not self._docks.restore(self._store.saved.named[name]):
            self.refused.emit(f"The layout {name} is of another version and cannot be used.")

    def _save(self, name: str) -> None:
        self._store.save_as(name, self._docks.place())

    def _checked(self, work: Callable[[str], None]) -> Callable[[str], None]:
        def run(name: str) -> None:
            try:
                work(name)
            except Refusal as refusal:
                self.refused.emit(refusal.sentence)

        return run


def _with(work: Callable[[str], None], name: str) -> Callable[[], None]:
    return lambda: work(name)


class NameDialog(Dialog):
    """Asks for the name of a layout; a name that cannot be is refused in place."""

    def __init__(self, save: Callable[[str], None], parent: QWidget) -> None:
        super().__init__(parent, "layout-name-dialog", "Save the layout")
        self._save = save
        self.field = QLineEdit()
        self.field.setObjectName("layout-name")
        self.field.setAccessibleName("Name of the layout")
        self.field.setMaxLength(MAX_NAME)
        self.field.setMinimumWidth(280)
        self.refusal = label("layout-refusal", role="bad")
        self.refusal.setWordWrap(True)
        caption = label("layout-name-label", "&Name", role="muted")
        caption.setBuddy(self.field)
        keep = button("layout-save", "Save", "Save the layout by this name")
        keep.setDefault(True)
        keep.clicked.connect(self._on_save)
        drop = button("layout-cancel", "Cancel", "Save nothing")
        drop.clicked.connect(self.reject)
        self.column.setSpacing(8)
        for part in (caption, self.field, self.refusal):
            self.column.addWidget(part)
        self.column.addLayout(buttons_row(keep, drop))
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)

    def ask(self) -> None:
        """Show it, the field empty."""
        self.field.clear()
        set_text(self.refusal, "")
        self.bring_up()
        self.activateWindow()
        self.field.setFocus()

    def _on_save(self) -> None:
        try:
            self._save(self.field.text())
        except Refusal as refusal:
            set_text(self.refusal, refusal.sentence)
            self.field.setFocus()
            return
        self.accept()
