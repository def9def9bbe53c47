"""The frame every part of the window stands in: a header line and a body. And small parts."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gui.style.text_scale import px

HEADER_HEIGHT = 30
ROW_HEIGHT = 26


class Header(QFrame):
    """A line of one height with a title on the left and what belongs to it on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "header")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(12, 0, 12, 0)
        self.row.setSpacing(10)

    def sizeHint(self) -> QSize:
        """Of one height with all the others: a dock asks for nothing else."""
        return QSize(super().sizeHint().width(), px(HEADER_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """Long words are cut off before they push a dock about."""
        return QSize(0, px(HEADER_HEIGHT))


class Panel(QFrame):
    """A bordered box with a title on the left and a remark on the right of its header.

    In a dock the header is the bar that the dock is moved by, and stands above the box.
    """

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAccessibleName(title)
        self.header = Header(self)
        self.header_row = self.header.row
        self.title = label(f"{name}-title", title, role="muted")
        self.remark = label(f"{name}-remark", "", role="muted")
        self.remark.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for words in (self.title, self.remark):
            words.setMinimumWidth(1)
        self.header_row.addWidget(self.title)
        self.header_row.addStretch(1)
        self.header_row.addWidget(self.remark)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 0, 1, 1)
        outer.setSpacing(0)
        outer.addWidget(self.header)
        outer.addLayout(self.body, 1)


def label(name: str, text: str = "", *, role: str = "", rich: bool = False) -> QLabel:
    """A label with a stable name; `role` picks its look from the style sheet."""
    result = QLabel(text)
    result.setObjectName(name)
    result.setTextFormat(Qt.TextFormat.RichText if rich else Qt.TextFormat.PlainText)
    if role:
        result.setProperty("role", role)
    return result


def button(
    name: str, text: str, spoken: str, *, role: str = "", check: bool = False
) -> QPushButton:
    """A push button with a stable name and an accessible name."""
    result = QPushButton(text)
    result.setObjectName(name)
    result.setAccessibleName(spoken)
    result.setToolTip(spoken)
    result.setCheckable(check)
    result.setAutoDefault(False)
    if role:
        result.setProperty("role", role)
    return result


def set_text(target: QLabel | QPushButton, text: str) -> None:
    """Set a text only when it differs: no repaint, no layout, nothing read aloud for nothing."""
    if target.text() != text:
        target.setText(text)


def set_explanation(target: QWidget, sentence: str) -> None:
    """What is shown on hover and read on demand."""
    if target.toolTip() != sentence:
        target.setToolTip(sentence)
        target.setAccessibleDescription(sentence)


def set_role(target: QWidget, name: str, value: str) -> None:
    """Change a property the style sheet looks at, and let it look again."""
    if target.property(name) == value:
        return
    target.setProperty(name, value)
    target.style().unpolish(target)
    target.style().polish(target)


def plain_table(
    view: QTableView, name: str, spoken: str, widths: tuple[int, ...], *, stretch: int
) -> None:
    """Dress a table: whole rows, fixed heights, fixed widths but for one column."""
    view.setObjectName(name)
    view.setAccessibleName(spoken)
    view.setShowGrid(False)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
    view.setWordWrap(False)
    view.setCornerButtonEnabled(False)
    view.verticalHeader().hide()
    view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    view.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
    header = view.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    for column, width in enumerate(widths):
        header.resizeSection(column, width)
    header.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
