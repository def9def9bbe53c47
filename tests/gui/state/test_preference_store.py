"""The store of preferences: a change is told, kept and read again, and loses nothing."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.errors import Refusal
from gui.app.app import build
from gui.state.preference_store import PreferenceStore
from gui.state.preferences import USUAL, Preferences, Preset, SendMode, ThemeChoice
from gui.style.palette import DARK

D = Decimal
FAST = Preset(name="fast", sell_fraction=D("0.9"), buy_fraction=D("0.9"), wait=D(3))


def test_a_change_is_told_kept_and_read_again(tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "window.json"
    store = PreferenceStore(path)
    with qtbot.waitSignal(store.changed):
        store.change(theme=ThemeChoice.LIGHT, font_scale=125, presets=(FAST,), keys={"sell": "F9"})
    again = PreferenceStore(path)
    assert again.values == store.values
    assert again.values.presets == (FAST,)
    assert not again.problem
    assert [p.name for p in tmp_path.iterdir()] == ["window.json"]


def test_a_choice_given_as_a_word_becomes_that_choice() -> None:
    store = PreferenceStore()
    store.change(theme="light")
    assert store.values.theme is ThemeChoice.LIGHT


def test_a_change_to_the_same_tells_nobody(qtbot: QtBot) -> None:
    store = PreferenceStore()
    with qtbot.assertNotEmitted(store.changed):
        store.change(font_scale=100)


@pytest.mark.parametrize(
    "wrong", [{"font_scale": 300}, {"font_scale": "big"}, {"theme": "pink"}, {"sounds": 1}]
)
def test_a_value_that_cannot_be_is_refused_and_changes_nothing(wrong: dict[str, object]) -> None:
    store = PreferenceStore()
    with pytest.raises(Refusal) as refused:
        store.change(**wrong)
    assert refused.value.sentence.endswith(".")
    assert store.values == USUAL


def test_keys_of_a_later_version_survive_a_change(tmp_path: Path) -> None:
    path = tmp_path / "window.json"
    path.write_text('{"font_scale": 120, "hologram": {"depth": 3}}')
    store = PreferenceStore(path)
    assert not store.problem
    store.change(sounds=True)
    kept = json.loads(path.read_text())
    assert kept["hologram"] == {"depth": 3}
    assert (kept["font_scale"], kept["sounds"]) == (120, True)


def test_one_bad_value_costs_only_itself_and_the_file_is_kept_aside(tmp_path: Path) -> None:
    path = tmp_path / "window.json"
    text = '{"font_scale": 9000, "send_mode": "hold", "presets": [{"name": ""}]}'
    path.write_text(text)
    store = PreferenceStore(path)
    assert store.values == Preferences(send_mode=SendMode.HOLD)
    assert "'Text size', 'Presets' could not be used" in store.problem
    store.change(sounds=True)
    assert (tmp_path / "window.damaged.json").read_text() == text


def test_a_file_cut_anywhere_gives_usable_preferences_and_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "window.json"
    store = PreferenceStore(path)
    store.change(font_scale=150, presets=(FAST,))
    whole = path.read_bytes()
    for length in range(len(whole.rstrip())):
        path.write_bytes(whole[:length])
        cut = PreferenceStore(path)
        assert cut.values == USUAL
        assert "damaged" in cut.problem


def test_a_damaged_file_is_told_in_the_notice_line_of_the_window(
    tmp_path: Path, dressed: object, qtbot: QtBot
) -> None:
    path = tmp_path / "window.json"
    path.write_text('{"theme": "da')
    desk = build(DARK, PreferenceStore(path))
    qtbot.addWidget(desk.window)
    assert "could not be used" in desk.window.notice.words.text()
    desk.window.close_for_good()


def test_a_change_that_cannot_be_written_holds_until_the_end_and_says_so(tmp_path: Path) -> None:
    store = PreferenceStore(tmp_path / "nowhere" / "window.json")
    with pytest.raises(Refusal, match="cannot be used"):
        store.change(sounds=True)
    assert store.values.sounds
