"""What executes, at what price and for how much, as a client sees it."""

from msgspec.structs import replace

from core.exchange.market.events import Status
from tests.core.exchange.virtual_exchange import STILL, SYMBOL, Lab, quote, trade


def test_a_market_sell_takes_the_bid_then_worse_prices_by_ticks() -> None:
    lab = Lab((quote(0, "15.23", "15.32", size=300),))
    order = lab.working(qty="1000")
    fills = [u for u in lab.updates if "price" in u]
    assert [(f["price"], f["qty"]) for f in fills] == [
        ("15.23", "300"),
        ("15.22", "600"),
        ("15.21", "100"),
    ]
    assert [f["event"] for f in fills] == ["partial_fill", "partial_fill", "fill"]
    assert lab.order(order)["filled_avg_price"] == "15.222"
    assert fills[-1]["position_qty"] == "4000"


def test_a_market_order_may_be_given_part_of_the_spread_on_the_shares_at_the_touch() -> None:
    lab = Lab(knobs=replace(STILL, price_improvement=0.1))
    lab.working(qty="100")
    assert lab.updates[-1]["price"] == "15.239"


def test_the_same_bid_is_not_sold_to_twice() -> None:
    lab = Lab((quote(0, "15.23", "15.32", size=300),))
    lab.working(qty="300")
    lab.working(qty="100")
    assert lab.updates[-1]["price"] == "15.22"


def test_a_resting_sell_fills_at_its_limit_when_the_bid_comes_to_it_for_no_more_than_is_shown() -> (
    None
):
    lab = Lab((quote(0, "15.23", "15.32"), quote(1, "15.25", "15.34", size=400)))
    order = lab.working(qty="1000", limit_price="15.24")
    lab.time.run_for(1)
    assert lab.order(order)["filled_qty"] == "400"
    assert lab.order(order)["status"] == "partially_filled"
    assert lab.updates[-1]["price"] == "15.24"


def test_a_print_through_a_resting_order_fills_it_for_no_more_than_was_printed() -> None:
    lab = Lab((quote(0, "15.23", "15.32"), trade(1, "15.30", 250)))
    order = lab.working(qty="1000", limit_price="15.24")
    lab.time.run_for(1)
    assert lab.order(order)["filled_qty"] == "250"


def test_an_order_that_joins_the_touch_waits_for_the_queue_ahead() -> None:
    prints = (trade(1, "15.32", 900), trade(2, "15.32", 300), trade(3, "15.32", 500, venue="D"))
    lab = Lab((quote(0, "15.23", "15.32", size=1000), *prints))
    order = lab.working(qty="1000", limit_price="15.32")
    lab.time.run_for(1)
    assert lab.order(order)["filled_qty"] == "0"
    lab.time.run_for(2)
    assert lab.order(order)["filled_qty"] == "200"


def test_an_order_behind_the_touch_is_not_reached_by_prints() -> None:
    lab = Lab((quote(0, "15.23", "15.32"), trade(1, "15.40", 900)))
    order = lab.working(limit_price="15.33")
    lab.time.run_for(2)
    assert lab.order(order)["filled_qty"] == "0"


def test_immediate_or_cancel_takes_what_there_is_and_ends() -> None:
    lab = Lab((quote(0, "15.23", "15.32", size=300),))
    order = lab.working(qty="1000", limit_price="15.23", time_in_force="ioc")
    assert (lab.order(order)["status"], lab.order(order)["filled_qty"]) == ("canceled", "300")


def test_fill_or_kill_takes_all_or_nothing() -> None:
    lab = Lab((quote(0, "15.23", "15.32", size=300),))
    order = lab.working(qty="301", limit_price="15.23", time_in_force="fok")
    assert (lab.order(order)["status"], lab.order(order)["filled_qty"]) == ("canceled", "0")
    order = lab.working(qty="300", limit_price="15.23", time_in_force="fok")
    assert lab.order(order)["status"] == "filled"


def test_a_halt_stops_executions_and_the_resumption_lets_them_happen() -> None:
    lab = Lab()
    lab.exchange.halt(SYMBOL)
    order = lab.working()
    lab.time.run_for(5)
    assert lab.order(order)["status"] == "new"
    lab.exchange.resume(SYMBOL)
    assert lab.order(order)["status"] == "filled"
    assert lab.statuses == [(SYMBOL, Status.HALTED), (SYMBOL, Status.RESUMED)]


def test_a_market_order_waits_when_there_is_no_bid() -> None:
    lab = Lab((quote(0, "0", "15.32"), quote(1, "15.20", "15.32")))
    order = lab.working()
    assert lab.order(order)["status"] == "new"
    lab.time.run_for(1)
    assert lab.updates[-1]["price"] == "15.2"
