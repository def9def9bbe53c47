"""What open orders reserve of shares and cash, and what executions leave."""

from decimal import Decimal

from tests.core.exchange.virtual_exchange import CANCEL, SYMBOL, VirtualExchange, quote


def test_shares_are_reserved_until_the_cancel_is_confirmed() -> None:
    exchange = VirtualExchange(positions={SYMBOL: Decimal(100)})
    order = exchange.working(limit_price="15.30")
    assert exchange.position()["qty_available"] == "0"
    exchange.cancel(order)
    refusal = exchange.post()
    assert (refusal.status, refusal.body["code"]) == (403, 40310000)
    assert refusal.body["message"] == (
        "insufficient qty available for order (requested: 100, available: 0)"
    )
    assert refusal.body["held_for_orders"] == "100"
    assert refusal.body["existing_qty"] == "100"
    assert refusal.body["related_orders"] == [order]
    exchange.time.run_for(CANCEL)
    assert exchange.post().status == 200


def test_fractions_of_a_fractionable_stock_are_traded_exactly() -> None:
    exchange = VirtualExchange(
        (quote(0, "181.82", "181.86", symbol="IBM"),), positions={"IBM": Decimal(1)}
    )
    for qty in ("0.1", "0.2", "0.7"):
        exchange.working(symbol="IBM", qty=qty)
    assert exchange.call("GET", "/v2/positions/IBM").status == 404
    refusal = exchange.post(symbol="IBM", qty="0.1", side="buy", time_in_force="gtc")
    assert refusal.body["message"] == "fractional orders must be DAY orders"


def test_open_buys_reserve_buying_power_until_they_end() -> None:
    exchange = VirtualExchange(positions={}, cash="2000")
    order = exchange.working(side="buy", limit_price="15.00", qty="100")
    assert exchange.call("GET", "/v2/account").body["buying_power"] == "500"
    assert exchange.post(side="buy", limit_price="15.00", qty="50").status == 403
    exchange.cancel(order)
    exchange.time.run_for(1)
    assert exchange.call("GET", "/v2/account").body["buying_power"] == "2000"
