"""How the venues are called where results stand: what is simulated is never mixed. Pure."""

from core.market.venues import EMBEDDED
from core.orders.state import ParentOrder

VENUE_WORDS = {EMBEDDED: "simulated"}


def venue_words(order: ParentOrder) -> str:
    """Simulated, paper or live: results of these are never to be mixed."""
    return VENUE_WORDS.get(order.venue, order.venue)
