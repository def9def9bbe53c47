"""How well orders were worked: one order's measures, and many orders' added up."""

from decimal import Decimal as D

import pytest
from msgspec.structs import replace

from core.analysis.scorecard import plan_words, scores
from core.market.prices import Side
from core.market.quotes import Quote
from core.market.time import NS
from core.orders.execution_quality import measured
from core.orders.plan import Fallback, Plan, Step, stepped
from core.orders.state import Cause, ChildKind, Liveness, ParentOrder, State
from tests.support.scripted_orders import START_NS, ScriptedOrder


def order(
    name: str = "o",
    *,
    side: Side = Side.SELL,
    bid: str = "20.00",
    ask: str = "20.10",
    limit: tuple[int, str] = (100, "20.02"),
    fallback: tuple[int, str] | None = None,
    wait: float = 3,
    cause: Cause = Cause.NONE,
    venue: str = "paper",
) -> ParentOrder:
    """An ended order for 100 shares: what its limit and its fallback filled, and at which price."""
    told = ScriptedOrder(name, side, 100)
    live = START_NS + NS // 10
    end = live + round(wait * NS)
    (child,) = told.working().order.children
    shares, at = limit
    dead = replace(
        child,
        liveness=Liveness.DEAD,
        filled=D(shares),
        avg_price=D(at) if shares else None,
        acked_at=live,
        dead_at=end,
    )
    children = [dead]
    if fallback is not None:
        rest, price = fallback
        children.append(
            replace(
                dead,
                client_id=f"tl-{name}-2",
                kind=ChildKind.MARKET,
                qty=D(rest),
                filled=D(rest),
                avg_price=D(price),
                posts=1,
            )
        )
    return replace(
        told.order,
        quote=Quote("UVXY", D(bid), D(ask), 100, 100, START_NS, START_NS, "sip"),
        children=tuple(children),
        state=State.FILLED if shares == 100 or fallback else State.CANCELED,
        cause=cause,
        ended_ns=end + NS,
        venue=venue,
    )


def test_the_worked_example_of_the_definitions() -> None:
    """Sell 100 at 20.00 / 20.10: 60 at 20.02, the rest falls back to 19.98."""
    each = measured(
        order(limit=(60, "20.02"), fallback=(40, "19.98"), wait=10, cause=Cause.TIMEOUT)
    )
    assert each is not None
    assert each.gain == D("0.40")
    assert each.ticks == 40
    assert each.effective is not None
    assert each.quoted is not None
    assert each.effective / each.quoted == D("0.92")
    assert (each.fallback_shares, each.fallback_cost) == (D(40), D("0.80"))
    assert (each.by_limit, each.filled, each.notional) == (D(60), D(100), D(2000))
    assert each.waited_ns == 10 * NS
    assert each.fell_back
    assert not each.censored


@pytest.mark.parametrize(
    ("side", "at", "gain", "ratio"),
    [
        (Side.SELL, "20.00", "0", "1"),  # at the touch
        (Side.SELL, "20.05", "5", "0"),  # at the midpoint
        (Side.SELL, "20.10", "10", "-1"),  # at the near touch
        (Side.SELL, "19.99", "-1", "1.2"),  # outside
        (Side.BUY, "20.10", "0", "1"),
        (Side.BUY, "20.03", "7", "-0.4"),
    ],
)
def test_improvement_and_effective_spread_are_two_views_of_one_thing(
    side: Side, at: str, gain: str, ratio: str
) -> None:
    each = measured(order(side=side, limit=(100, at)))
    assert each is not None
    assert each.gain == D(gain)
    assert each.effective is not None
    assert each.quoted is not None
    assert each.effective / each.quoted == D(ratio)
    assert each.gain / each.quoted == (1 - D(ratio)) / 2  # PI / S = (1 - E/Q) / 2


def test_what_was_never_live_or_has_not_ended_is_not_measured() -> None:
    assert measured(ScriptedOrder().working().order) is None
    done = order()
    (child,) = done.children
    assert measured(replace(done, children=(replace(child, acked_at=None),))) is None
    assert measured(order(bid="0")) is None


def test_a_locked_or_one_sided_quote_has_no_spread_to_hold_the_price_against() -> None:
    locked = measured(order(bid="20.02", ask="20.02"))
    assert locked is not None
    assert (locked.effective, locked.quoted) == (None, None)
    one_sided = measured(order(ask="0"))
    assert one_sided is not None
    assert one_sided.effective is None
    assert one_sided.gain == D(2)


@pytest.mark.parametrize(
    ("cause", "censored"),
    [(Cause.TIMEOUT, False), (Cause.EXHAUSTED, False), (Cause.PERSON, True), (Cause.NONE, True)],
)
def test_what_somebody_ended_early_says_nothing_about_fills(cause: Cause, censored: bool) -> None:
    each = measured(order(limit=(0, "0"), cause=cause))
    assert each is not None
    assert each.censored is censored
    assert each.effective is None


def label(_: ParentOrder) -> str:
    return "all"


def test_rates_stand_only_where_enough_orders_carry_them() -> None:
    few = [order(f"o{n}") for n in range(19)]
    (score,) = scores(few, label)
    assert (score.count, score.gain, score.shares) == (19, D(38), D(1900))
    silent = (score.fill_rate, score.gain_a_share, score.gain_bps, score.median_wait_ns)
    assert silent == (None,) * 4
    assert (score.effective_over_quoted, score.fallback_rate) == (None, None)
    (score,) = scores([*few, order("o19", limit=(0, "0"), cause=Cause.TIMEOUT)], label)
    assert score.fill_rate == 0.95
    low, high = score.fill_interval
    assert 0.75 < low < 0.95 < high < 1
    assert score.gain_a_share is None  # nineteen filled
    (score,) = scores([*few, order("o19")], label)
    assert score.gain_a_share == D("0.02")
    assert score.ticks_a_share == 2
    assert score.gain_bps == 10
    assert score.effective_over_quoted == D("0.6")
    assert score.median_wait_ns == 3 * NS


def test_spreads_are_a_ratio_of_sums_and_no_mean_of_ratios() -> None:
    wide = [order(f"w{n}", bid="19.00", ask="21.00", limit=(100, "19.00")) for n in range(10)]
    tight = [order(f"t{n}", bid="20.00", ask="20.02", limit=(100, "20.01")) for n in range(10)]
    (score,) = scores([*wide, *tight], label)
    assert score.effective_over_quoted == D(2000) / D(2020)


def test_fallbacks_are_counted_and_cost_what_they_were_worse_than_the_touch() -> None:
    back = [
        order(f"o{n}", limit=(60, "20.02"), fallback=(40, "19.98"), cause=Cause.TIMEOUT)
        for n in range(20)
    ]
    (score,) = scores([*back, *(order(f"p{n}") for n in range(20))], label)
    assert score.fallback_rate == 0.5
    assert score.fallback_cost == D("0.02")


def test_an_order_that_stopped_waiting_counts_as_long_as_it_waited() -> None:
    fills = [order(f"f{n}", wait=n + 1) for n in range(10)]
    ended = [order(f"e{n}", limit=(0, "0"), wait=0.5, cause=Cause.PERSON) for n in range(10)]
    (score,) = scores([*fills, *ended], label)
    assert score.median_wait_ns == 5 * NS  # of those still waiting then, half
    late = [order(f"l{n}", limit=(0, "0"), wait=60, cause=Cause.TIMEOUT) for n in range(15)]
    (score,) = scores([*fills, *late], label)
    assert score.median_wait_ns is None  # fewer than half fill


def test_venues_are_never_added_up_together() -> None:
    found = scores([order("a"), order("b", venue="live"), order("c")], lambda o: o.symbol)
    assert [(s.venue, s.label, s.count) for s in found] == [
        ("live", "UVXY", 1),
        ("paper", "UVXY", 2),
    ]


def test_a_plan_in_short() -> None:
    assert plan_words(Plan(D("0.85"), D(10))) == "85 %, 10 s, market"
    steps = stepped((Step(D("0.5"), D(2)), Step(D("0.75"), D(3))), Fallback.NONE)
    assert plan_words(steps) == "50 % in 2 steps, 5 s, no fallback"
