"""How an order and its children are called, and who told of them."""

from core.wording.order_words import told_by
from tests.support.scripted_orders import ScriptedOrder


def test_a_child_says_who_told_the_latest_and_how_long_ago() -> None:
    told = ScriptedOrder()
    assert told_by(told.order.children[0], told.at) == "not sent"
    told.working()
    assert told_by(told.order.children[0], told.at + 400_000_000) == "stream, 0.4 s ago"
