"""Which keys may be given to what: no two alike, none that types text. Pure; no window."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

from gui.actions.action_table import ACTIONS, ActionId

_NATIVE = QKeySequence.SequenceFormat.NativeText
_PORTABLE = QKeySequence.SequenceFormat.PortableText
_CONTROL = Qt.KeyboardModifier.ControlModifier
_ALT = Qt.KeyboardModifier.AltModifier
_META = Qt.KeyboardModifier.MetaModifier
_FIRST_NAMED = int(Qt.Key.Key_Escape)  # Qt's names of keys that print nothing begin here
_MOVES = frozenset(
    {
        Qt.Key.Key_Tab,
        Qt.Key.Key_Backtab,
        Qt.Key.Key_Return,
        Qt.Key.Key_Enter,
        Qt.Key.Key_Backspace,
        Qt.Key.Key_Delete,
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
    }
)
_EDITS = frozenset(f"Ctrl+{letter}" for letter in "ACVXYZ") | {"Ctrl+Shift+Z", "Shift+Ins"}


@dataclass(frozen=True, slots=True)
class ShortcutsInForce:
    """Every key as it works now, portable text; `problems` names what was not taken, in words."""

    keys: dict[ActionId, str]
    problems: tuple[str, ...] = ()


def usual() -> dict[ActionId, str]:
    """The keys of the action table."""
    return {action_id: action.keys for action_id, action in ACTIONS.items()}


def in_force(overrides: Mapping[str, str]) -> ShortcutsInForce:
    """The usual keys with these in their stead, as far as they may be given."""
    keys, problems = usual(), []
    for action_id in ACTIONS:
        text = overrides.get(action_id.value)
        if text is None:
            continue
        why = why_unusable(text)
        if why:
            problems.append(f"The key of {ACTIONS[action_id].title} is the usual one: {why}")
        else:
            keys[action_id] = normal(text)
    while clash := _clash(keys, overrides):
        keys[clash] = ACTIONS[clash].keys
        problems.append(
            f"The key of {ACTIONS[clash].title} is the usual one: "
            "the other one is given to something else."
        )
    return ShortcutsInForce(keys, tuple(problems))


def _clash(keys: Mapping[ActionId, str], overrides: Mapping[str, str]) -> ActionId | None:
    """Something with a changed key that another has too."""
    given = list(keys.values())
    for action_id, text in keys.items():
        if text and given.count(text) > 1 and text != ACTIONS[action_id].keys:
            return action_id
    return None


def why_unusable(text: str) -> str:
    """Why a key can be given to nothing, as a sentence; empty when it can. No key at all can."""
    if not text:
        return ""
    sequence: Any = QKeySequence.fromString(text, _PORTABLE)  # its stub leaves [] out
    if sequence.count() != 1 or sequence[0].key() == Qt.Key.Key_unknown:
        return f"{text!r} is not one key."
    pressed: QKeyCombination = sequence[0]
    name, modifiers = shown(text), pressed.keyboardModifiers()
    if pressed.key() in _MOVES:
        return f"{name} moves about in the window."
    if normal(text) in _EDITS:
        return f"{name} copies, pastes or undoes."
    prints = int(pressed.key()) < _FIRST_NAMED
    if prints and not modifiers & (_CONTROL | _ALT | _META):
        return f"{name} types text."
    if prints and modifiers & _CONTROL and modifiers & _ALT:
        return f"{name} types text on some keyboards (it is AltGr)."
    return ""


def taken_by(action_id: ActionId, text: str, keys: Mapping[ActionId, str]) -> ActionId | None:
    """What else has that key."""
    same = (other for other, key in keys.items() if other != action_id and key and key == text)
    return next(same, None)


def refusal(action_id: ActionId, text: str, keys: Mapping[ActionId, str]) -> str:
    """Why `action_id` cannot have that key beside the others, as a sentence; empty when it can."""
    why = why_unusable(text)
    if why:
        return why
    other = taken_by(action_id, normal(text), keys)
    return f"{shown(text)} is the key of {ACTIONS[other].title}." if other else ""


def normal(text: str) -> str:
    """The one way to write a key."""
    return QKeySequence.fromString(text, _PORTABLE).toString(_PORTABLE)


def shown(text: str) -> str:
    """A key as this system's people write it."""
    return QKeySequence.fromString(text, _PORTABLE).toString(_NATIVE)
