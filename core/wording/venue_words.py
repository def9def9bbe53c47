"""How the venues are called where results stand: what is simulated is never mixed. Pure."""

from core.market.venues import profile_of
from core.orders.state import ParentOrder


def venue_words(order: ParentOrder) -> str:
    """Simulated, paper or live: results of these are never to be mixed."""
    return profile_of(order.venue).results
