"""Money and shares add up, whatever is traded; what the account may not send is refused."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.exchange.market.events import Status
from core.exchange.matching.account import Account, Holding, settle
from core.market.prices import Side
from tests.core.exchange.virtual_exchange import SYMBOL, VirtualExchange
from tests.support.exchange_acts import is_restricted

qtys = st.decimals(min_value="0.1", max_value=1000, places=1)
prices = st.decimals(min_value="0.0001", max_value=500, places=4)
trades = st.lists(st.tuples(st.sampled_from(Side), qtys, prices), max_size=30)


@given(trades)
def test_cash_and_shares_are_the_sum_of_the_executions(
    done: list[tuple[Side, Decimal, Decimal]],
) -> None:
    account = Account(Decimal(1000), {})
    for side, qty, price in done:
        account = settle(account, "X", side, qty, price)
    signed = [(q if side is Side.BUY else -q, p) for side, q, p in done]
    assert account.shares("X") == sum(q for q, _ in signed)
    assert account.cash == 1000 - sum(q * p for q, p in signed)
    assert ("X" in account.holdings) == (account.shares("X") != 0)


def test_selling_part_of_a_holding_leaves_its_average_price() -> None:
    account = Account(Decimal(0), {"X": Holding(Decimal(100), Decimal(1500))})
    account = settle(account, "X", Side.SELL, Decimal(40), Decimal(20))
    assert account.holdings["X"] == Holding(Decimal(60), Decimal(900))
    assert account.cash == 800


def test_an_order_that_could_meet_our_own_is_refused_as_a_wash_trade() -> None:
    exchange = VirtualExchange()
    buy = exchange.working(side="buy", limit_price="15.25")
    refusal = exchange.post(limit_price="15.25")
    assert refusal.body["message"] == "potential wash trade detected. use complex orders"
    assert refusal.body["existing_order_id"] == buy
    assert exchange.post().status == 403
    assert exchange.post(limit_price="15.26").status == 200


def test_without_a_position_a_sell_would_be_short_and_is_refused() -> None:
    exchange = VirtualExchange(positions={})
    assert exchange.post().body["message"] == "account is not allowed to short"
    closing = exchange.post(position_intent="sell_to_close")
    assert "inferred: sell_to_open" in closing.body["message"]


def test_an_account_that_may_short_opens_and_covers() -> None:
    exchange = VirtualExchange(positions={}, allow_short=True)
    exchange.working(qty="100")
    assert (exchange.position()["side"], exchange.position()["qty"]) == ("short", "-100")
    assert exchange.post(side="buy", qty="101").status == 403
    exchange.working(side="buy", qty="100", position_intent="buy_to_close")
    assert exchange.call("GET", f"/v2/positions/{SYMBOL}").status == 404


def test_a_restricted_short_is_taken_only_above_the_best_bid_and_a_long_sale_always() -> None:
    exchange = VirtualExchange(positions={}, allow_short=True)
    exchange.real.restrict(SYMBOL)
    for body in ({}, {"limit_price": "15.23"}):
        refusal = exchange.post(**body)
        assert refusal.status == 422
        assert "short sale restriction" in refusal.body["message"]
    assert exchange.post(limit_price="15.24").status == 200
    exchange.real.unrestrict(SYMBOL)
    assert exchange.post().status == 200
    assert exchange.statuses == [(SYMBOL, Status.RESTRICTED), (SYMBOL, Status.UNRESTRICTED)]
    long = VirtualExchange()
    long.real.restrict(SYMBOL)
    assert is_restricted(long.real, SYMBOL)
    assert long.post().status == 200
