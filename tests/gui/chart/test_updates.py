"""What the chart is fed: gaps when the window itself stood still, and the orders of its time."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.engine.events import OrderChanged
from core.market.links import Link, LinkName, LinkState
from core.market.time import NS
from core.market.venue_time import VenueTime
from core.orders.state import ParentOrder, State
from gui.chart.chart import SpreadChart
from gui.chart.model.series import Gap
from gui.chart.updates import MOST_ENDED, STALLED_NS, ChartUpdates
from gui.state.inbox import Frame
from gui.state.view_state import ViewState
from gui.style.palette import DARK
from tests.gui.chart.samples import T0, order, quote

D = Decimal


class Fed:
    """A chart about UVXY whose clock a test turns."""

    def __init__(self, chart: SpreadChart) -> None:
        self.chart = chart
        self.known = ViewState()
        self.known.board.time = VenueTime(0, 0, T0)
        self.updates = ChartUpdates(self.known)
        self.updates.show_symbol("UVXY")
        self.updates.put_chart(chart)

    def hear(self, frame: Frame, now_ns: int) -> None:
        for link in frame.links:
            self.updates.on_link(link, now_ns)
        self.known.take(frame, now_ns)
        self.updates.add(frame)

    def hear_quote(self, at_ns: int) -> None:
        self.hear(Frame(quotes=(quote(at_ns),)), at_ns)

    def hear_orders(self, *orders: ParentOrder) -> None:
        self.hear(Frame(orders=tuple(OrderChanged(each, None) for each in orders)), T0)

    @property
    def gaps(self) -> list[Gap]:
        return self.chart.canvas.model.series.gaps

    @property
    def shown(self) -> list[str]:
        return [drawing.id for drawing in self.chart.canvas.model.drawings]


@pytest.fixture
def fed(qtbot: QtBot) -> Iterator[Fed]:
    chart = SpreadChart()
    qtbot.addWidget(chart)
    fed = Fed(chart)
    fed.hear_quote(T0)
    fed.updates.tick(T0)
    yield fed
    chart.close()


def test_the_time_in_which_the_program_stood_still_is_unknown_until_the_next_quote(
    fed: Fed,
) -> None:
    fed.updates.tick(T0 + 30 * NS)
    assert fed.gaps == [Gap(T0, None)]
    fed.hear_quote(T0 + 31 * NS)
    fed.updates.tick(T0 + 31 * NS)
    assert fed.gaps == [Gap(T0, T0 + 31 * NS)]


def test_a_quote_that_came_while_only_the_window_stood_still_ends_the_gap_at_its_own_time(
    fed: Fed,
) -> None:
    fed.hear_quote(T0 + 3 * NS)
    fed.updates.tick(T0 + 5 * NS)
    assert fed.gaps == [Gap(T0, T0 + 3 * NS)]


@pytest.mark.parametrize("lost", [True, False], ids=["lost", "too old"])
def test_prices_that_may_not_be_traded_on_are_dim_without_ghosts_and_name_their_age(
    fed: Fed, lost: bool
) -> None:
    chart, bid = fed.chart, fed.chart.findChild(QLabel, "chartBid")
    assert bid is not None
    chart.set_ghosts(None, D("15.30"), ("", "a buy now: 15.30"))
    fed.updates.slow_tick(T0 + NS)
    assert chart.canvas.model.ghosts
    assert DARK.bid in bid.styleSheet()
    if lost:
        down = Link(LinkName.QUOTES, LinkState.RECONNECTING, T0 + NS)
        fed.hear(Frame(links=(down,)), T0 + NS)
    late = T0 + (3 if lost else 70) * NS
    fed.updates.slow_tick(late)
    chart.set_ghosts(None, D("15.31"), ("", "a buy now: 15.31"))
    said = chart.findChild(QLabel, "chartAge")
    assert said is not None
    assert said.text() == f"as of {3 if lost else 70} s ago"
    assert not chart.canvas.model.ghosts
    assert DARK.bid not in bid.styleSheet()
    assert said.text() in chart.caption()
    up = Link(LinkName.QUOTES, LinkState.UP, late)
    fed.hear(Frame(links=(up,), quotes=(quote(late),)), late)
    fed.updates.slow_tick(late + NS)
    assert not said.text()
    assert chart.canvas.model.ghosts
    assert DARK.bid in bid.styleSheet()


def test_a_market_that_is_quiet_while_the_window_draws_is_no_gap(fed: Fed) -> None:
    for n in range(1, 40):
        fed.updates.tick(T0 + n * STALLED_NS)
    assert fed.gaps == []


def test_a_link_lost_before_the_program_stood_still_makes_one_gap_with_it(fed: Fed) -> None:
    up = Link(LinkName.QUOTES, LinkState.UP, T0)
    down = Link(LinkName.QUOTES, LinkState.DOWN, T0 + NS)
    fed.hear(Frame(links=(up,)), T0)
    fed.hear(Frame(links=(down,)), T0 + NS)
    fed.updates.tick(T0 + NS)
    fed.updates.tick(T0 + 20 * NS)
    assert fed.gaps == [Gap(T0 + NS, None)]
    fed.hear(Frame(links=(up,)), T0 + 21 * NS)
    assert fed.gaps == [Gap(T0 + NS, T0 + 21 * NS)]


def ended(name: str, started_ns: int, symbol: str = "UVXY") -> ParentOrder:
    return order(
        name=name,
        symbol=symbol,
        state=State.CANCELED,
        started_ns=started_ns,
        ended_ns=T0 + NS,
        deadline_ns=None,
    )


def test_orders_of_an_earlier_exchange_that_ended_with_it_are_not_drawn(fed: Fed) -> None:
    fed.hear_orders(ended("old", T0 - 3600 * NS), ended("new", T0 + NS // 2))
    fed.updates.tick(T0 + NS)
    assert fed.shown == ["new"]


def test_an_order_still_at_work_is_drawn_however_old_it_is(fed: Fed) -> None:
    fed.hear_orders(order(name="old", started_ns=T0 - 3600 * NS))
    fed.updates.tick(T0 + NS)
    assert fed.shown == ["old"]


def test_of_many_ended_orders_the_last_are_drawn(fed: Fed) -> None:
    count = MOST_ENDED + 3
    fed.hear_orders(*(ended(str(n), T0 + n) for n in range(count)))
    fed.updates.tick(T0 + NS)
    assert fed.shown == [str(n) for n in range(3, count)]


def test_the_ended_orders_of_a_symbol_stay_however_many_end_on_another(fed: Fed) -> None:
    elsewhere = (ended(f"x{n}", T0 + n, "IBM") for n in range(2 * MOST_ENDED))
    fed.hear_orders(ended("mine", T0 + 1), *elsewhere)
    fed.updates.tick(T0 + NS)
    assert fed.shown == ["mine"]
    fed.updates.show_symbol("IBM")
    assert len(fed.shown) == MOST_ENDED
    fed.updates.show_symbol("UVXY")
    assert fed.shown == ["mine"]


def test_an_order_that_has_ended_is_drawn_once_and_as_it_was_told_last(fed: Fed) -> None:
    fed.hear_orders(order(name="a", started_ns=T0 + 1))
    fed.updates.tick(T0 + NS)
    fed.hear_orders(ended("a", T0 + 1), ended("b", T0 + 2))
    fed.updates.tick(T0 + NS)
    assert fed.shown == ["a", "b"]
    fed.hear_orders(ended("a", T0 + 1))
    fed.updates.tick(T0 + NS)
    assert fed.shown == ["a", "b"]
