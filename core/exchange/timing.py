"""The types of what the exchange is given of time: a clock to read, a way to be called later.

Nothing here reads the machine's clock; the server hands in the loop's, tests a virtual one.
"""

from collections.abc import Callable
from typing import Protocol


class Handle(Protocol):
    """A scheduled call that can be called off."""

    def cancel(self) -> None:
        """The call will not be made."""


CallLater = Callable[[float, Callable[[], None]], Handle]
NowNs = Callable[[], int]
