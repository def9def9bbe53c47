"""The keys on one page, to be read, copied, saved or printed to a PDF."""

from collections.abc import Callable
from html import escape
from pathlib import Path

from PySide6.QtCore import QDir, QMarginsF, Signal
from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QTextBrowser, QWidget

from core.errors import Refusal
from core.runtime.atomic_files import drafted, reason
from gui.actions.action_table import ACTIONS, Menu, in_menu
from gui.actions.shortcuts import ShortcutTable
from gui.widgets import clipboard
from gui.widgets.dialog import Dialog, ask_where
from gui.widgets.panel import button

_SIZE = (560, 640)
_FILTERS = "PDF (*.pdf);;HTML (*.html)"
_MARGIN_MM = 18.0
_PDF_ENDS = b"%%EOF"
_DOTS = 300  # an inch, of the PDF


def html(keys: ShortcutTable) -> str:
    """The page. Its own black on white where it is printed, the window's where it is shown."""
    tables = []
    for menu in Menu:
        rows = [
            f'<tr><td width="150" style="padding:3px 16px 3px 0">'
            f"<b>{escape(keys.text(action_id))}</b>"
            f'</td><td style="padding:3px 0">{escape(ACTIONS[action_id].spoken)}</td></tr>'
            for action_id in in_menu(menu)
            if keys.text(action_id)
        ]
        if rows:
            tables.append(f"<h3>{escape(menu.value)}</h3><table>{''.join(rows)}</table>")
    ends = (
        "<p>Keys that send, cancel or change an order do nothing while you type in a field and "
        "do not repeat while held down, except Cancel all and Kill, which work everywhere.</p>"
    )
    return f"<h2>Keys of Touchline</h2>{''.join(tables)}{ends}"


def plain(keys: ShortcutTable) -> str:
    """The same as text."""
    lines = []
    for menu in Menu:
        keyed = [(keys.text(action_id), ACTIONS[action_id].spoken) for action_id in in_menu(menu)]
        rows = [f"  {key:<16}{words}" for key, words in keyed if key]
        lines += [menu.value, *rows, ""] if rows else []
    return "\n".join(lines)


def save(keys: ShortcutTable, path: Path) -> None:
    """Write the page as PDF, or as HTML where the name ends so, whole or not at all.

    Raises Refusal.
    """
    write = _write_html if path.suffix.lower() in (".html", ".htm") else _write_pdf
    try:
        with drafted(path) as draft:
            write(keys, draft)
    except OSError as error:
        words = f"The keys could not be written to {path}: {reason(error)}."
        raise Refusal("file", words, str(path)) from error


def _write_html(keys: ShortcutTable, path: Path) -> None:
    page = f'<!doctype html><meta charset="utf-8"><title>Keys of Touchline</title>{html(keys)}'
    path.write_text(page, encoding="utf-8")


def _write_pdf(keys: ShortcutTable, path: Path) -> None:
    writer = QPdfWriter(str(path))
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    writer.setPageMargins(margins, QPageLayout.Unit.Millimeter)
    writer.setResolution(_DOTS)
    writer.setTitle("Keys of Touchline")
    document = QTextDocument()
    document.setDefaultStyleSheet("* { color: #000000; }")
    document.setHtml(html(keys))
    document.print_(writer)
    if not path.read_bytes().rstrip().endswith(_PDF_ENDS):  # Qt does not tell
        raise OSError("the file is not whole")


class ShortcutSheet(Dialog):
    """Every key in force. `refused` carries a sentence, `told` what was done."""

    refused = Signal(str)
    told = Signal(str)

    def __init__(self, keys: ShortcutTable, parent: QWidget) -> None:
        super().__init__(parent, "key-map", "Keys")
        self.resize(*_SIZE)
        self._keys = keys
        self.page = QTextBrowser()
        self.page.setObjectName("key-map-page")
        self.page.setAccessibleName("Keys")
        keys.changed.connect(self._show)
        row = QHBoxLayout()
        row.addWidget(self._button("copy", "Copy", "Copy the keys as text", self._copy))
        row.addWidget(self._button("save", "Save as PDF", "Save as PDF or HTML", self._ask_file))
        row.addStretch(1)
        row.addWidget(self._button("close", "Close", "Close this page", self.accept))
        self.column.addWidget(self.page, 1)
        self.column.addLayout(row)

    def _button(self, name: str, text: str, spoken: str, work: Callable[[], None]) -> QWidget:
        result = button(f"key-map-{name}", text, spoken)
        result.clicked.connect(work)
        return result

    def show_page(self) -> None:
        """Open it on the keys of now."""
        self._show()
        self.bring_up()

    def _show(self) -> None:
        self.page.setHtml(html(self._keys))

    def _copy(self) -> None:
        clipboard.copy(plain(self._keys), "the keys", self.told.emit)

    def _ask_file(self) -> None:
        start = Path(QDir.homePath()) / "touchline-keys.pdf"
        ask_where(self, "key-map-file", "Save the keys", start, _FILTERS, self.save)

    def save(self, path: Path) -> None:
        """Write the page to that file."""
        try:
            save(self._keys, path)
        except Refusal as refusal:
            self.refused.emit(refusal.sentence)
            return
        self.told.emit(f"The keys were written to {path}.")
