"""The rules by which facts become a state, as one word that changes with any of them."""

import hashlib
from functools import cache
from pathlib import Path

ROOMS = (
    "errors",
    "market.account",
    "market.numerals",
    "market.prices",
    "market.quotes",
    "orders.child_reports",
    "orders.facts",
    "orders.next_action",
    "orders.plan",
    "orders.reducer",
    "orders.repricing",
    "orders.state",
    "market.time",
)
"""Every room of the core that `core.orders.reducer.reduce` runs through."""


@cache
def rules() -> str:
    """A digest of the source of all of them: what other rules made may be another state."""
    core = Path(__file__).parents[1]
    source = hashlib.blake2b(digest_size=8)
    for room in ROOMS:
        source.update((core / (room.replace(".", "/") + ".py")).read_bytes())
    return source.hexdigest()
