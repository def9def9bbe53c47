"""Turns the colour table into a palette, a style sheet and fonts. Nothing else styles widgets."""

from functools import lru_cache

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from core.engine.events import Level
from core.market.prices import Side
from core.market.venues import VenueColour, profile_of
from core.orders.state import State
from gui.style.palette import Palette

FAMILIES = ["Inter", "SF Pro Text", "Segoe UI", "Noto Sans", "Cantarell", "DejaVu Sans Condensed"]
BASE_PT = 9.5
SMALL_PT = 8.5
LARGE_PT = 12.0
_STYLE = "fusion"
_TEXT_PERCENT = "textPercent"

_SHEET = """
* {{ outline: none; }}
QWidget {{ color: {text}; background: transparent; }}
QMainWindow, QDialog {{ background: {background}; }}
QToolTip {{ color: {text}; background: {raised}; border: 1px solid {border}; padding: 4px; }}
QFrame#panel {{ background: {panel}; border: 1px solid {border}; border-top: none;
    border-bottom-left-radius: 5px; border-bottom-right-radius: 5px; }}
QFrame[role="header"] {{ background: {panel}; border: 1px solid {border};
    border-top-left-radius: 5px; border-top-right-radius: 5px; }}
QMainWindow::separator {{ background: transparent; width: 7px; height: 7px; }}
QMainWindow::separator:hover {{ background: {border}; }}
QTabBar::tab {{ background: {background}; color: {muted}; border: none; padding: 3px 12px; }}
QTabBar::tab:selected {{ color: {text}; border-bottom: 2px solid {muted}; }}
QTabBar::tab:hover {{ color: {text}; }}
QDockWidget {{ background: {background}; }}
QFrame[role="strip"] {{ background: {panel}; border: none; }}
QFrame[role="status"] {{ background: {raised}; }}
QLabel[role="muted"], QCheckBox[role="muted"] {{ color: {muted}; }}
QLabel[role="small"] {{ color: {muted}; font-size: {small}pt; }}
QLabel[role="heading"] {{ color: {text}; font-weight: 600; padding: 14px 0 5px 0;
    border-bottom: 1px solid {border}; }}
QLabel[role="warn"] {{ color: {warn}; }}
QLabel[role="bad"] {{ color: {bad}; }}
QFrame#guide {{ background: {raised}; border: 1px solid {muted}; border-radius: 6px; }}
QLabel#guide-title {{ font-weight: 600; }}
QTextBrowser {{ background: {panel}; border: 1px solid {border}; border-radius: 4px;
    padding: 8px; }}
QProgressBar {{ background: {raised}; border: none; border-radius: 3px; }}
QProgressBar::chunk {{ background: {good}; border-radius: 3px; }}
QLineEdit {{ background: {background}; border: 1px solid {border}; border-radius: 4px;
    padding: 4px 8px; selection-background-color: {buy}; selection-color: {on_side}; }}
QLineEdit:focus {{ border-color: {muted}; }}
QLineEdit[wrong="true"] {{ border-color: {bad}; }}
QCheckBox::indicator {{ width: 13px; height: 13px; border: 1px solid {muted};
    border-radius: 3px; background: {background}; }}
QCheckBox::indicator:checked {{ background: {buy}; border-color: {buy}; }}
QCheckBox::indicator:focus {{ border-color: {text}; }}
QPushButton {{ background: {raised}; border: 1px solid {border}; border-radius: 4px;
    padding: 4px 10px; }}
QPushButton:hover {{ border-color: {muted}; }}
QPushButton:pressed {{ background: {border}; }}
QPushButton:focus {{ border-color: {muted}; }}
QPushButton:disabled {{ color: {faint}; background: {panel}; }}
QPushButton[role="chip"] {{ padding: 3px 6px; background: transparent; color: {muted}; }}
QPushButton[role="chip"]:disabled {{ color: {faint}; border-color: transparent; }}
QPushButton[role="chip"]:hover {{ color: {text}; }}
QPushButton[role="chip"]:checked {{ background: {chip}; border-color: {chip_border};
    color: {text}; }}
QPushButton[role="row"] {{ padding: 1px 9px; font-size: {small}pt; }}
QPushButton[role="arm"][armed="true"] {{ border-color: {good}; color: {text};
    background: {armed}; }}
QPushButton[role="arm"][armed="false"] {{ color: {muted}; }}
QPushButton[guided="true"] {{ border: 2px solid {warn}; }}
QPushButton[role="kill"] {{ border-color: {bad}; color: {bad}; }}
QPushButton[role="kill"][waits="true"] {{ background: {bad}; color: {panel}; font-weight: 600; }}
QPushButton[role="tab"] {{ border: none; background: transparent; color: {muted};
    padding: 2px 6px; }}
QPushButton[role="tab"]:checked {{ color: {text}; border-bottom: 2px solid {muted};
    border-radius: 0; }}
QPushButton[role="bar"] {{ border: none; background: transparent; color: {muted};
    padding: 2px 5px; }}
QPushButton[role="bar"]:hover, QPushButton[role="bar"]:focus, QPushButton[role="bar"][on="true"] {{
    color: {text}; text-decoration: underline; }}
QPushButton[role="bar"]::menu-indicator {{ width: 0; image: none; }}
QLineEdit[role="search"] {{ padding: 1px 5px; }}
QPushButton[role="tab"]:hover {{ color: {text}; }}
QAbstractItemView {{ background: {panel}; border: none; alternate-background-color: {panel};
    selection-background-color: {selected}; selection-color: {text}; }}
QTreeView#ticket-symbol-list {{ background: {raised}; border: 1px solid {border}; }}
QTreeView#ticket-symbol-list::item {{ padding: 4px 6px; }}
QHeaderView {{ background: {panel}; }}
QHeaderView::section {{ background: {panel}; color: {muted}; border: none;
    border-bottom: 1px solid {border}; padding: 5px 8px; font-weight: 400; }}
QTableView QHeaderView::section {{ padding: 5px 4px; }}
QTableView[role="orders"] QHeaderView::section {{ padding: 5px 10px; }}
QTableView, QTreeView {{ gridline-color: transparent; }}
QTreeView::branch {{ background: transparent; image: none; }}
QSplitter::handle {{ background: transparent; }}
QScrollBar:vertical {{ background: transparent; width: 8px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 8px; margin: 0; }}
QScrollBar::handle {{ background: {border}; border-radius: 4px; min-height: 24px;
    min-width: 24px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QMenu {{ background: {raised}; border: 1px solid {border}; padding: 4px; }}
QMenu::item {{ padding: 4px 18px; border-radius: 3px; }}
QMenu::item:selected {{ background: {border}; }}
QMenu::item:disabled {{ color: {faint}; }}
QMenu::separator {{ height: 1px; background: {border}; margin: 4px; }}
"""


def apply(app: QApplication, palette: Palette, text_percent: int = 100) -> None:
    """Dress the whole application, at once and at any time again.

    As it is dressed already it is left alone: Qt would polish every widget anew, 100 ms of them.
    """
    app.setProperty(_TEXT_PERCENT, text_percent)
    dressed = sheet(palette)  # names every colour of Qt's palette too, and the size of text
    if app.styleSheet() == dressed:
        return
    if app.style().name() != _STYLE:
        app.setStyle(_STYLE)
    app.setFont(font())
    app.setPalette(qt_palette(palette))
    app.setStyleSheet(dressed)


def text_scale() -> float:
    """How much larger text is than usual."""
    app = QApplication.instance()
    percent = app.property(_TEXT_PERCENT) if app is not None else None
    return percent / 100 if isinstance(percent, int) else 1.0


@lru_cache(maxsize=256)
def colour(name: str) -> QColor:
    """A colour of the table as Qt has it. Do not change it: it is shared."""
    return QColor(name)


def font(points: float = BASE_PT, *, bold: bool = False) -> QFont:
    """The window's font; digits all of one width, so that prices do not dance."""
    return QFont(_made(points * text_scale(), bold))


@lru_cache(maxsize=64)
def _made(points: float, bold: bool) -> QFont:
    result = QFont(FAMILIES)
    result.setPointSizeF(points)
    result.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    result.setFeature(QFont.Tag("tnum"), 1)
    return result


def sheet(palette: Palette) -> str:
    """The application's style sheet."""
    return _SHEET.format(
        **{name: getattr(palette, name) for name in palette.__slots__},
        small=SMALL_PT * text_scale(),
        armed=mix(palette.panel, palette.good, 0.25),
        selected=mix(palette.panel, palette.buy, 0.13),
        chip=mix(palette.raised, palette.buy, 0.22),
        chip_border=mix(palette.border, palette.buy, 0.45),
    )


def mix(ground: str, ink: str, share: float) -> str:
    """`share` of `ink` over `ground`, as #rrggbb."""
    below, above = QColor(ground), QColor(ink)
    pairs = (
        (below.red(), above.red()),
        (below.green(), above.green()),
        (below.blue(), above.blue()),
    )
    return "#" + "".join(f"{round(b + (a - b) * share):02x}" for b, a in pairs)


def qt_palette(palette: Palette) -> QPalette:
    """Qt's own palette, for what the style sheet does not reach."""
    role = QPalette.ColorRole
    result = QPalette()
    for where, colour in (
        (role.Window, palette.background),
        (role.WindowText, palette.text),
        (role.Base, palette.panel),
        (role.AlternateBase, palette.panel),
        (role.Text, palette.text),
        (role.Button, palette.raised),
        (role.ButtonText, palette.text),
        (role.PlaceholderText, palette.faint),
        (role.ToolTipBase, palette.raised),
        (role.ToolTipText, palette.text),
        (role.Highlight, mix(palette.panel, palette.buy, 0.13)),
        (role.HighlightedText, palette.text),
    ):
        result.setColor(where, QColor(colour))
    return result


def side_colour(palette: Palette, side: Side) -> str:
    """Sell or buy."""
    return palette.sell if side is Side.SELL else palette.buy


def level_colour(palette: Palette, level: Level) -> str:
    """How much a sentence matters."""
    return {Level.WARNING: palette.warn, Level.ALARM: palette.bad}.get(level, palette.text)


def state_colour(palette: Palette, state: State) -> str:
    """A parent order's state: amber while something is unproven, red when a person must look."""
    if state in (State.CANCELING, State.UNCERTAIN, State.FALLBACK, State.SENDING):
        return palette.warn
    if state in (State.ATTENTION, State.REJECTED):
        return palette.bad
    if state is State.FILLED:
        return palette.good
    return palette.text


def venue_colour(palette: Palette, venue: str) -> str:
    """What warns where one trades."""
    colours = {
        VenueColour.EMBEDDED: palette.embedded,
        VenueColour.PAPER: palette.paper,
        VenueColour.LIVE: palette.live,
    }
    return colours[profile_of(venue).colour]
