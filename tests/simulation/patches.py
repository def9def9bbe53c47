"""Puts a wrong function in the place of a right one, and takes it back."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from core.orders import child_record, reducer
from core.orders.commands import Command
from core.orders.state import ChildOrder, ParentOrder, with_child
from core.orders.venue_answers.table import CHILD_RULES

Undo = Callable[[], None]
Plant = Callable[["Patches"], None]


class Patches:
    """Replacements that can be taken back."""

    def __init__(self) -> None:
        self._undo: list[Undo] = []

    def function(self, where: Any, name: str, wrong: Callable[..., Any]) -> None:
        """Put `wrong` in place of a function wherever core has imported it."""
        right = getattr(where, name)
        for module in [where, *list(sys.modules.values())]:
            owned = module is where or getattr(module, "__name__", "").startswith("core.")
            if owned and getattr(module, name, None) is right:
                self._set(module, name, wrong, right)

    def _set(self, module: Any, name: str, wrong: object, right: object) -> None:
        setattr(module, name, wrong)
        self._undo.append(lambda: setattr(module, name, right))

    def rule(self, fact: type, wrong: Callable[..., Any]) -> None:
        """Put `wrong` in place of the reducer's rule for a fact."""
        rules: dict[type, Any] = CHILD_RULES if fact in CHILD_RULES else reducer.PARENT_RULES
        right = rules[fact]
        rules[fact] = wrong
        self._undo.append(lambda: rules.update({fact: right}))

    def take_back(self) -> None:
        """As it was."""
        while self._undo:
            self._undo.pop()()


@contextmanager
def planted(plant: Plant) -> Iterator[None]:
    """The program with one bug in it."""
    patches = Patches()
    try:
        plant(patches)
        yield
    finally:
        patches.take_back()


Draft = tuple[ParentOrder, list[Command]]


def buried(order: ParentOrder, child: ChildOrder, at: int, status: str) -> Draft:
    """The child as dead, without proof; nothing to do."""
    return with_child(order, child_record.bury(child, at, status)), []
