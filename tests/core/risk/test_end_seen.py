"""A person's word about the end of an unproven order: when it is taken, and why it is not."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from core.errors import Refusal
from core.orders.state import ParentOrder
from core.risk import end_seen
from tests.core.orders.reducer_harness import L, M, ReducerHarness

D = Decimal


def unproven() -> ReducerHarness:
    """Sent without an answer, never found, and given up."""
    d = ReducerHarness(100).post_leaves(L).post_unanswered(L).cancel()
    while not d.order.final:
        d.not_found(L)
    assert not d.order.done
    return d


def sentence(order: ParentOrder, filled: str, price: str | None = None) -> str:
    with pytest.raises(Refusal) as refused:
        end_seen.check(order, D(filled), None if price is None else D(price))
    assert refused.value.rule == "ended"
    return refused.value.sentence


def test_the_word_is_about_the_one_child_that_is_not_proven() -> None:
    order = unproven().order
    assert end_seen.check(order, D(0), None).client_id == L
    assert end_seen.check(order, D(40), D("15.24")).client_id == L


def test_an_order_that_is_worked_or_proven_takes_no_word() -> None:
    working = ReducerHarness(100).working()
    assert sentence(working.order, "0") == (
        "SELL 100 UVXY is still worked: only the venue can say more."
    )
    filled = working.fills(L, 100, 100)
    assert "has ended, and that is proven" in sentence(filled.order, "0")


def test_of_several_that_are_not_proven_none_is_ended_by_a_word() -> None:
    order = unproven().order
    (child,) = order.live_children
    both = replace(order, children=(child, replace(child, client_id=M)))
    assert sentence(both, "0") == (
        f"Of SELL 100 UVXY several are not proven: {L}, {M}. Cancel them at the broker."
    )


def test_no_more_can_have_filled_than_was_asked() -> None:
    assert sentence(unproven().order, "101", "15.24") == (
        f"Of {L} between 0 and 100 shares can have filled, not 101."
    )


def test_shares_that_filled_have_a_price() -> None:
    assert sentence(unproven().order, "40") == "Say at which average price it filled, too."
