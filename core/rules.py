"""The rules by which facts become a state, as one word that changes with any of them."""

import hashlib
from functools import cache
from pathlib import Path

ROOMS = (
    "account",
    "clock",
    "errors",
    "facts",
    "market",
    "numerals",
    "order_state",
    "orders",
    "plan",
    "prices",
    "reports",
    "settle",
    "steps",
)
"""Every room of the core that `core.orders.reduce` runs through."""


@cache
def rules() -> str:
    """A digest of the source of all of them: what other rules made may be another state."""
    here = Path(__file__).parent
    source = hashlib.blake2b(digest_size=8)
    for room in ROOMS:
        source.update((here / f"{room}.py").read_bytes())
    return source.hexdigest()
