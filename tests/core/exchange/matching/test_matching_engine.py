"""What executes, at what price and for how much, as a client sees it."""

from msgspec.structs import replace

from core.exchange.market.events import Status
from tests.core.exchange.virtual_exchange import STILL, SYMBOL, VirtualExchange, quote, trade


def test_a_market_sell_takes_the_bid_then_worse_prices_by_ticks() -> None:
    exchange = VirtualExchange((quote(0, "15.23", "15.32", size=300),))
    order = exchange.working(qty="1000")
    fills = [u for u in exchange.updates if "price" in u]
    assert [(f["price"], f["qty"]) for f in fills] == [
        ("15.23", "300"),
        ("15.22", "600"),
        ("15.21", "100"),
    ]
    assert [f["event"] for f in fills] == ["partial_fill", "partial_fill", "fill"]
    assert exchange.order(order)["filled_avg_price"] == "15.222"
    assert fills[-1]["position_qty"] == "4000"


def test_a_market_order_may_be_given_part_of_the_spread_on_the_shares_at_the_touch() -> None:
    exchange = VirtualExchange(knobs=replace(STILL, price_improvement=0.1))
    exchange.working(qty="100")
    assert exchange.updates[-1]["price"] == "15.239"


def test_the_same_bid_is_not_sold_to_twice() -> None:
    exchange = VirtualExchange((quote(0, "15.23", "15.32", size=300),))
    exchange.working(qty="300")
    exchange.working(qty="100")
    assert exchange.updates[-1]["price"] == "15.22"


def test_a_resting_sell_fills_at_its_limit_when_the_bid_comes_to_it_for_no_more_than_is_shown() -> (
    None
):
    exchange = VirtualExchange((quote(0, "15.23", "15.32"), quote(1, "15.25", "15.34", size=400)))
    order = exchange.working(qty="1000", limit_price="15.24")
    exchange.time.run_for(1)
    assert exchange.order(order)["filled_qty"] == "400"
    assert exchange.order(order)["status"] == "partially_filled"
    assert exchange.updates[-1]["price"] == "15.24"


def test_a_print_through_a_resting_order_fills_it_for_no_more_than_was_printed() -> None:
    exchange = VirtualExchange((quote(0, "15.23", "15.32"), trade(1, "15.30", 250)))
    order = exchange.working(qty="1000", limit_price="15.24")
    exchange.time.run_for(1)
    assert exchange.order(order)["filled_qty"] == "250"


def test_an_order_that_joins_the_touch_waits_for_the_queue_ahead() -> None:
    prints = (trade(1, "15.32", 900), trade(2, "15.32", 300), trade(3, "15.32", 500, venue="D"))
    exchange = VirtualExchange((quote(0, "15.23", "15.32", size=1000), *prints))
    order = exchange.working(qty="1000", limit_price="15.32")
    exchange.time.run_for(1)
    assert exchange.order(order)["filled_qty"] == "0"
    exchange.time.run_for(2)
    assert exchange.order(order)["filled_qty"] == "200"


def test_an_order_behind_the_touch_is_not_reached_by_prints() -> None:
    exchange = VirtualExchange((quote(0, "15.23", "15.32"), trade(1, "15.40", 900)))
    order = exchange.working(limit_price="15.33")
    exchange.time.run_for(2)
    assert exchange.order(order)["filled_qty"] == "0"


def test_immediate_or_cancel_takes_what_there_is_and_ends() -> None:
    exchange = VirtualExchange((quote(0, "15.23", "15.32", size=300),))
    order = exchange.working(qty="1000", limit_price="15.23", time_in_force="ioc")
    assert (exchange.order(order)["status"], exchange.order(order)["filled_qty"]) == (
        "canceled",
        "300",
    )


def test_fill_or_kill_takes_all_or_nothing() -> None:
    exchange = VirtualExchange((quote(0, "15.23", "15.32", size=300),))
    order = exchange.working(qty="301", limit_price="15.23", time_in_force="fok")
    assert (exchange.order(order)["status"], exchange.order(order)["filled_qty"]) == (
        "canceled",
        "0",
    )
    order = exchange.working(qty="300", limit_price="15.23", time_in_force="fok")
    assert exchange.order(order)["status"] == "filled"


def test_a_halt_stops_executions_and_the_resumption_lets_them_happen() -> None:
    exchange = VirtualExchange()
    exchange.real.halt(SYMBOL)
    order = exchange.working()
    exchange.time.run_for(5)
    assert exchange.order(order)["status"] == "new"
    exchange.real.resume(SYMBOL)
    assert exchange.order(order)["status"] == "filled"
    assert exchange.statuses == [(SYMBOL, Status.HALTED), (SYMBOL, Status.RESUMED)]


def test_a_market_order_waits_when_there_is_no_bid() -> None:
    exchange = VirtualExchange((quote(0, "0", "15.32"), quote(1, "15.20", "15.32")))
    order = exchange.working()
    assert exchange.order(order)["status"] == "new"
    exchange.time.run_for(1)
    assert exchange.updates[-1]["price"] == "15.2"
