"""Trade updates with doctored content, made of what the exchange itself said."""

import copy
from collections.abc import Mapping
from typing import Any

Frame = dict[str, Any]


def doctored(frame: Frame, order: Mapping[str, Any] | None = None, **data: Any) -> Frame:
    """`frame` with other words about the event and the order in it."""
    changed = copy.deepcopy(frame)
    changed["data"].update(data)
    changed["data"]["order"].update(order or {})
    return changed


def without(frame: Frame, *names: str) -> Frame:
    """`frame` without these fields, of the event or of its order."""
    changed = copy.deepcopy(frame)
    for name in names:
        changed["data"].pop(name, None)
        changed["data"]["order"].pop(name, None)
    return changed
