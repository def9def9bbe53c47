"""Themes: every text is legible in all of them, and the window changes while it works."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.market.prices import Side
from gui.app.app import build
from gui.chart.chart import SpreadChart
from gui.controllers.desk import Desk
from gui.state.preference_store import PreferenceStore
from gui.state.preferences import SideColours, ThemeChoice
from gui.style import style
from gui.style.palette import DARK, LIGHT, Palette, palette_of
from gui.style.style import mix
from gui.style.theme_manager import ThemeManager, largest_text
from tests.gui.window.test_main_window import connect, settle
from tests.support.scripted_orders import ScriptedOrder

D = Decimal
THEMES = (ThemeChoice.DARK, ThemeChoice.LIGHT)
EVERY = [palette_of(theme, sides) for theme, sides in product(THEMES, SideColours)]
NAMES = [f"{theme}-{sides}" for theme, sides in product(THEMES, SideColours)]
TEXTS = ("text", "muted", "faint")
MEANINGS = ("sell", "buy", "bid", "ask", "good", "warn", "bad", "embedded", "paper", "live")


def luminance(name: str) -> float:
    """Relative luminance by WCAG 2."""
    colour = QColor(name)
    parts = [c / 255 for c in (colour.red(), colour.green(), colour.blue())]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(ink: str, ground: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    darker, lighter = sorted((luminance(ink), luminance(ground)))
    return (lighter + 0.05) / (darker + 0.05)


def written(p: Palette) -> Iterator[tuple[str, str, str]]:
    """Every ink on every ground it is written on, as the style sheet and the painters do."""
    chosen = mix(p.panel, p.buy, 0.13)
    grounds = {"panel": p.panel, "background": p.background, "raised": p.raised, "chosen": chosen}
    for ink, ground in product((*TEXTS, *MEANINGS), grounds):
        yield f"{ink} on {ground}", getattr(p, ink), grounds[ground]
    for ink in ("text", "muted", "sell", "buy", "bid", "ask"):
        yield f"{ink} on the future", getattr(p, ink), p.future
        yield f"{ink} on the spread", getattr(p, ink), p.spread
    for side in ("sell", "buy"):
        colour = getattr(p, side)
        yield f"words on {side}", p.on_side, colour
        yield f"words on {side} under the pointer", p.on_side, mix(p.text, colour, 0.88)
        yield f"words on {side} that refuses", colour, mix(p.panel, colour, 0.08)
    yield "a chosen chip", p.text, mix(p.raised, p.buy, 0.22)
    yield "armed", p.text, mix(p.panel, p.good, 0.25)
    yield "kill that waits", p.panel, p.bad
    yield "selected text", p.on_side, p.buy


def test_the_measure_of_contrast_is_the_known_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("palette", EVERY, ids=NAMES)
def test_every_text_has_a_contrast_of_at_least_4_5(palette: Palette) -> None:
    weak = {what: contrast(a, b) for what, a, b in written(palette) if contrast(a, b) < 4.5}
    assert not weak


@pytest.fixture
def themes(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[ThemeManager]:
    monkeypatch.delenv("TOUCHLINE_THEME", raising=False)
    yield ThemeManager(qapp, PreferenceStore())
    style.apply(qapp, DARK)


@pytest.fixture
def dressed_desk(themes: ThemeManager, qtbot: QtBot) -> Iterator[Desk]:
    """A window dressed by the themes, with its chart."""
    desk = build(themes.palette, themes.preferences)
    themes.changed.connect(desk.window.restyle)
    chart = SpreadChart()
    chart.set_palette_colors(themes.palette)
    desk.window.restyled.connect(lambda: chart.set_palette_colors(themes.palette))
    desk.window.put_chart(chart, chart.header)
    qtbot.addWidget(desk.window)
    desk.window.show()
    yield desk
    desk.animation.stop()
    desk.window.close_for_good()


def colours_in(desk: Desk, names: set[str]) -> set[str]:
    """Which of these exact colours a picture of the whole window holds."""
    picture = desk.window.grab().toImage()
    step = range(picture.width() - 1), range(picture.height() - 1)
    return names & {picture.pixelColor(x, y).name() for x in step[0] for y in step[1]}


class Polishes(QObject):
    """Counts how often Qt dressed a widget anew."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count, and let it pass."""
        self.count += event.type() is QEvent.Type.StyleChange
        return super().eventFilter(watched, event)


def test_dressing_in_what_is_worn_already_polishes_nothing_and_in_another_theme_everything(
    qtbot: QtBot, dressed: QApplication
) -> None:
    widget, polishes = QWidget(), Polishes()
    qtbot.addWidget(widget)
    widget.installEventFilter(polishes)
    style.apply(dressed, replace(DARK))
    assert polishes.count == 0
    style.apply(dressed, LIGHT)
    assert polishes.count > 0
    before = polishes.count
    style.apply(dressed, DARK, 150)
    assert polishes.count > before
    assert dressed.font().pointSizeF() == pytest.approx(1.5 * style.BASE_PT)
    style.apply(dressed, DARK)


def test_the_whole_window_changes_to_light_and_back_without_a_restart(
    dressed_desk: Desk, themes: ThemeManager
) -> None:
    connect(dressed_desk)
    dressed_desk.window.resize(1280, 800)
    dressed_desk.bridge.publish(
        ScriptedOrder(at=dressed_desk.clock.now_ns()).working().filled(400, 400).changes[-1]
    )
    settle(dressed_desk)
    dressed_desk.window.notice.show_notice(dressed_desk.window.notice._level, "Something.", 0)
    own = (
        {DARK.background, DARK.panel, DARK.sell, DARK.buy},
        {
            LIGHT.background,
            LIGHT.panel,
            LIGHT.sell,
            LIGHT.buy,
        },
    )
    assert colours_in(dressed_desk, own[0] | own[1]) == own[0]
    themes.preferences.change(theme=ThemeChoice.LIGHT)
    dressed_desk.window.strip.refresh("UVXY", dressed_desk.clock.now_ns())
    assert colours_in(dressed_desk, own[0] | own[1]) == own[1]
    themes.preferences.change(theme=ThemeChoice.DARK)
    assert colours_in(dressed_desk, own[0] | own[1]) == own[0]


def test_green_and_red_come_at_once_and_the_side_is_still_said_in_words(
    dressed_desk: Desk, themes: ThemeManager
) -> None:
    connect(dressed_desk)
    themes.preferences.change(side_colours=SideColours.GREEN_RED)
    dressed_desk.ticket.arm(True)
    button = dressed_desk.window.ticket.blocks[Side.BUY].button
    picture = button.grab().toImage()
    assert picture.pixelColor(QPoint(8, picture.height() - 8)).name() == "#3fb57f"
    assert button.text().startswith("BUY")
    assert themes.palette.buy in dressed_desk.window.ticket._price_labels[Side.BUY].text()


def test_as_the_system_follows_its_dark_mode_while_it_runs(
    themes: ThemeManager, qapp: QApplication
) -> None:
    themes.preferences.change(theme=ThemeChoice.SYSTEM)
    hints = qapp.styleHints()
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert themes.palette.name == "dark"
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert themes.palette.name == "light"
    themes.preferences.change(theme=ThemeChoice.DARK)
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert themes.palette.name == "dark"


def test_text_grows_at_once_and_everything_with_it(
    dressed_desk: Desk, themes: ThemeManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.style.theme_manager.largest_text", lambda: 200)
    connect(dressed_desk)
    strip, sell = dressed_desk.window.strip, dressed_desk.window.ticket.blocks[Side.SELL].button
    usual = strip.height(), dressed_desk.window.minimumWidth(), sell.sizeHint().height()
    label = dressed_desk.window.ticket.title
    before = label.fontMetrics().height()
    themes.preferences.change(font_scale=150)
    assert label.fontMetrics().height() > 1.3 * before
    assert style.font(style.LARGE_PT).pointSizeF() == pytest.approx(18)
    grown = strip.height(), dressed_desk.window.minimumWidth(), sell.sizeHint().height()
    assert grown == tuple(round(1.5 * size) for size in usual)
    for percent in (133, 117, 200, 81, 100):
        themes.preferences.change(font_scale=percent)
    assert (strip.height(), dressed_desk.window.minimumWidth(), sell.sizeHint().height()) == usual


def test_text_grows_no_further_than_the_smallest_window_fits_the_screen(
    themes: ThemeManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.style.theme_manager.largest_text", lambda: 130)
    themes.preferences.change(font_scale=200)
    assert style.text_scale() == pytest.approx(1.3)
    assert largest_text() == 100  # the screen of the tests is smaller than the window


@pytest.mark.parametrize("percent", [80, 125, 150, 200])
def test_no_word_of_the_strip_and_no_price_on_a_button_is_cut_off_at_any_size(
    dressed_desk: Desk, themes: ThemeManager, monkeypatch: pytest.MonkeyPatch, percent: int
) -> None:
    monkeypatch.setattr("gui.style.theme_manager.largest_text", lambda: 200)
    connect(dressed_desk)
    dressed_desk.window.strip.show_venue("embedded")
    themes.preferences.change(font_scale=percent)
    dressed_desk.window.resize(dressed_desk.window.minimumSize())
    for _ in range(3):
        QApplication.processEvents()
    dressed_desk.window.strip.refresh("UVXY", dressed_desk.clock.now_ns())
    strip = dressed_desk.window.strip
    assert strip.minimumSizeHint().width() <= strip.width()
    for block in dressed_desk.window.ticket.blocks.values():
        button = block.button
        words = QFontMetrics(style.font(style.LARGE_PT, bold=True)).horizontalAdvance(button.text())
        assert words < button.width() - 58  # its key beside it
