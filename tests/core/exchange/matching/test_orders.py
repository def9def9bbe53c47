"""An order is filled by its executions, and nothing follows its end."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exchange.matching.orders import LIFE, TERMINAL, Execution, Order, advance, execute
from core.market.prices import Side


def order(qty: int = 100) -> Order:
    return Order(
        id="o",
        client_order_id="c",
        symbol="X",
        asset_id="a",
        side=Side.SELL,
        kind="limit",
        time_in_force="day",
        qty=Decimal(qty),
        limit=10_000,
        extended_hours=False,
        intent="sell_to_close",
        status="new",
        created_ns=0,
        updated_ns=0,
    )


@given(st.lists(st.integers(1, 60).map(Decimal), max_size=8))
def test_filled_is_the_sum_of_executions_and_never_more_than_asked(slices: list[Decimal]) -> None:
    now = order()
    for n, qty in enumerate(slices):
        execution = Execution(f"e{n}", qty, 10_000, n, Decimal(0))
        if qty > now.leaves:
            with pytest.raises(ValueError, match="cannot execute"):
                execute(now, execution)
            break
        event, now = execute(now, execution)
        assert event == ("fill" if now.filled == now.qty else "partial_fill")
        assert now.filled == sum(e.qty for e in now.executions)
        if event == "fill":
            break


@given(st.lists(st.sampled_from(sorted(set(LIFE) - {"fill", "partial_fill"})), max_size=12))
def test_no_event_follows_the_end_of_an_order(events: list[str]) -> None:
    now = order()
    for event in events:
        allowed, _ = LIFE[event]
        if now.status in allowed:
            now = advance(now, event, 1)
        else:
            with pytest.raises(ValueError, match="may not follow"):
                advance(now, event, 1)
        if now.status in TERMINAL:
            assert not now.is_open
            assert all(now.status not in allowed for allowed, _ in LIFE.values())
