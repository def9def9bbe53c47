"""How many shares our own working orders may still trade."""

from decimal import Decimal

import pytest

from core.market.prices import Side
from core.orders.state import ParentOrder
from core.risk.send_gate import may_trade
from tests.core.orders.reducer_harness import L, ReducerHarness


@pytest.mark.parametrize(
    ("order", "shares"),
    [
        (ReducerHarness().working().order, 100),
        (ReducerHarness().working().fills(L, 40, 40).order, 60),
        (ReducerHarness().working().cancelling().order, 100),
        (ReducerHarness().working().fills(L, 40, 40).cancel().order, 60),
        (ReducerHarness().working().cancel().delete_leaves().says(L, "canceled").order, 0),
        (ReducerHarness().working().fills(L, 100, 100).order, 0),
    ],
    ids=["working", "partly filled", "falling back", "cancel asked", "cancelled", "filled"],
)
def test_a_working_order_may_trade_its_rest_and_a_cancelled_one_what_is_not_proven_dead(
    order: ParentOrder, shares: int
) -> None:
    assert may_trade([order], "UVXY", Side.SELL) == shares
    assert may_trade([order, order], "UVXY", Side.SELL) == 2 * shares


def test_other_symbols_and_the_other_side_are_not_counted() -> None:
    order = ReducerHarness().working().order
    assert may_trade([order], "UVXY", Side.BUY) == Decimal(0)
    assert may_trade([order], "IBM", Side.SELL) == Decimal(0)
