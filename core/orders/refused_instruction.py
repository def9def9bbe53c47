"""An order that was not taken, as the journal keeps it. Plain data; no order comes of it."""

import msgspec

from core.market.quotes import Quote
from core.orders.plan import Instruction


class RefusedInstruction(msgspec.Struct, frozen=True):
    """What was asked, when, and the controls that stood against it, by name.

    `asks`: it would have been sent if confirmed. `quote` is the one it was judged on.
    """

    at: int
    instruction: Instruction
    controls: tuple[str, ...]
    sentence: str
    asks: bool
    quote: Quote | None
    venue: str
    account: str
