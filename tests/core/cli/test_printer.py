"""What the command line tells beside the orders themselves."""

import io
import json

import pytest

from core.cli.printer import Printer
from core.engine.events import LinkChanged, OrderChanged
from core.market.links import Link, LinkName, LinkState
from tests.core.orders.reducer_harness import L, ReducerHarness


class Told:
    """A printer and what it wrote."""

    def __init__(self, as_json: bool) -> None:
        self.out = io.StringIO()
        self.printer = Printer(as_json, self.out, io.StringIO())

    def order(self, desk: ReducerHarness) -> None:
        self.printer.on_event(OrderChanged(desk.order, desk.journal[-1]))

    def link(self, name: LinkName, state: LinkState, detail: str = "", attempt: int = 0) -> None:
        self.printer.on_event(LinkChanged(Link(name, state, 1, detail, attempt)))


def test_a_link_that_is_lost_and_comes_back_is_told_once_each() -> None:
    told = Told(as_json=False)
    told.link(LinkName.REST, LinkState.UP)
    for attempt in range(5):
        told.link(LinkName.REST, LinkState.DOWN, "connection refused", attempt)
    told.link(LinkName.REST, LinkState.UP)
    told.link(LinkName.REST, LinkState.UP)
    assert told.out.getvalue().splitlines() == [
        "The connection for orders and cancels is lost and tried again: connection refused",
        "The connection for orders and cancels is back.",
    ]


def test_a_lost_link_is_one_json_line() -> None:
    told = Told(as_json=True)
    told.link(LinkName.ORDERS, LinkState.UP)
    told.link(LinkName.ORDERS, LinkState.RECONNECTING, "no sign for 5 s")
    told.link(LinkName.ORDERS, LinkState.DOWN, "no sign for 5 s", 1)
    assert json.loads(told.out.getvalue()) == {
        "event": "link",
        "link": "orders",
        "up": False,
        "detail": "no sign for 5 s",
    }


def test_links_that_open_or_close_with_the_command_are_no_news() -> None:
    told = Told(as_json=False)
    told.link(LinkName.ORDERS, LinkState.CONNECTING)
    told.link(LinkName.ORDERS, LinkState.UP)
    told.printer.closing = True
    told.link(LinkName.ORDERS, LinkState.DOWN, "closed")
    assert told.out.getvalue() == ""


@pytest.mark.parametrize("as_json", [True, False])
def test_an_execution_that_is_told_twice_is_one_line(as_json: bool) -> None:
    told = Told(as_json)
    desk = ReducerHarness().working()
    for execution in ("e1", "e2", "e1", "e2"):
        told.order(desk.fills(L, 40, 40 if execution == "e1" else 80, execution))
    lines = [line for line in told.out.getvalue().splitlines() if "fill" in line]
    if as_json:
        fills = [f for f in map(json.loads, lines) if f["event"] == "fill"]
        assert [(f["qty"], f["filled_qty"]) for f in fills] == [("40", "40"), ("40", "80")]
    else:
        assert lines == ["filled 40 of 100", "filled 80 of 100"]
