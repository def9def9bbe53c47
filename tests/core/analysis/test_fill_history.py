"""What earlier orders tell about the one on the ticket, and what they do not tell."""

from collections.abc import Callable
from decimal import Decimal
from random import Random

import pytest
from msgspec.structs import replace

from core.analysis.fill_history import (
    ENOUGH,
    NOTHING,
    Attempt,
    FillHistory,
    Found,
    attempt_of,
    group,
    group_of,
    needed,
    verdict,
    wilson,
)
from core.market.prices import Side
from core.orders.plan import stepped
from core.orders.plan_input import parse_steps
from core.orders.state import ParentOrder
from tests.core.orders.reducer_harness import L, M, ReducerHarness

D = Decimal
AT = D(8) / 9  # 15.24 in a market of 15.23 / 15.32


def filled() -> ParentOrder:
    """A sell of which the limit filled."""
    return ReducerHarness().working().fills(L, 100, 100).order


def fell_back(price: str = "15.20", filled_before: int = 0) -> ParentOrder:
    """A sell that did not fill in time; the rest went to market at `price`."""
    desk = ReducerHarness().working()
    if filled_before:
        desk.fills(L, filled_before, filled_before)
    desk.cancelling().says(L, "canceled", filled_before)
    rest = 100 - filled_before
    order = desk.fallback_live().fills(M, rest, rest).order
    limit, market = order.children
    return replace(order, children=(limit, replace(market, avg_price=D(price))))


def many(make: Callable[[], ParentOrder], count: int, prefix: str) -> list[ParentOrder]:
    """The same order many times under names of its own."""
    one = make()
    return [replace(one, id=f"{prefix}{number}") for number in range(count)]


def about(evidence: FillHistory, fraction: Decimal = AT, wait: int = 10) -> Found:
    return evidence.about(group("embedded", "A9", "UVXY", Side.SELL), fraction, D(wait))


def test_an_order_that_filled_as_a_limit_is_one_for_it() -> None:
    attempt = attempt_of(filled())
    assert attempt is not None
    assert (attempt.filled, attempt.cost, attempt.wait) == (True, None, D(10))
    assert round(attempt.fraction, 6) == round(AT, 6)


def test_an_order_that_fell_back_is_one_against_it_and_tells_what_that_cost() -> None:
    attempt = attempt_of(fell_back("15.20"))
    assert attempt is not None
    assert (attempt.filled, attempt.cost) == (False, D("0.03"))
    better = attempt_of(fell_back("15.25"))
    assert better is not None
    assert better.cost == D("-0.02")


def test_a_part_that_filled_in_time_is_no_fill_and_costs_nothing() -> None:
    attempt = attempt_of(fell_back("15.20", filled_before=60))
    assert attempt is not None
    assert (attempt.filled, attempt.cost) == (False, D("0.03"))


@pytest.mark.parametrize(
    "order",
    [
        ReducerHarness().working().order,
        ReducerHarness().working().cancel().delete_leaves().says(L, "canceled").order,
        ReducerHarness().working().market_now().fills(L, 100, 100).order,
        ReducerHarness().working().move(None).fills(L, 100, 100).order,
        ReducerHarness().working().says(L, "canceled").order,
        ReducerHarness().post_leaves(L).says(L, "rejected").order,
        ReducerHarness(plan=stepped(parse_steps(["0.5:3", "0.85:3"])))
        .working()
        .fills(L, 100, 100)
        .order,
        replace(filled(), ticks_better=0),
        replace(filled(), busted=True),
        replace(filled(), resumed=True),
    ],
    ids=[
        "still working",
        "cancelled by a person",
        "sent to market by a person",
        "held by a person",
        "cancelled by the venue",
        "rejected",
        "worked in steps",
        "priced at the touch",
        "taken back",
        "taken up by another run",
    ],
)
def test_what_did_not_run_to_its_end_by_itself_says_nothing(order: ParentOrder) -> None:
    assert attempt_of(order) is None
    assert about(FillHistory().with_orders([order])) == NOTHING


def test_fills_and_costs_of_like_orders_are_added_up() -> None:
    costs = [f"15.{cents}" for cents in (23, 22, 21, 20, 19, 18, 17, 16, 15, 13)]
    against = [replace(fell_back(price), id=f"m{number}") for number, price in enumerate(costs)]
    found = about(FillHistory().with_orders([*many(filled, 31, "f"), *against]))
    assert (found.count, found.fills, found.enough) == (41, 31, True)
    assert (found.typical, found.worst) == (D("0.04"), D("0.08"))
    assert found.mean == D("0.046")


def test_few_fallbacks_have_no_typical_cost_and_fewer_than_ten_no_worst_in_ten() -> None:
    assert about(FillHistory().with_orders(many(fell_back, 4, "m"))).typical is None
    five = about(FillHistory().with_orders(many(fell_back, 5, "m")))
    assert (five.typical, five.worst) == (D("0.03"), None)


def test_simulated_and_real_orders_are_never_counted_together() -> None:
    paper = [replace(filled(), id="p", venue="paper", account="P1")]
    evidence = FillHistory().with_orders([*many(filled, 3, "f"), *paper])
    assert about(evidence).count == 3
    assert evidence.about(group("paper", "P1", "UVXY", Side.SELL), AT, D(10)).count == 1
    assert evidence.about(group("paper", "P2", "UVXY", Side.SELL), AT, D(10)) == NOTHING
    assert evidence.about(group("live", "P1", "UVXY", Side.SELL), AT, D(10)) == NOTHING


@pytest.mark.parametrize(
    ("fraction", "wait", "count"),
    [("0.75", 10, 1), ("1", 10, 1), ("0.74", 10, 0), ("0.85", 5, 1), ("0.85", 20, 1),
     ("0.85", 4, 0), ("0.85", 21, 0)],
)  # fmt: skip
def test_like_it_is_the_same_quarter_of_the_spread_and_half_to_twice_the_time(
    fraction: str, wait: int, count: int
) -> None:
    assert about(FillHistory().with_orders([filled()]), D(fraction), wait).count == count


def test_an_order_that_is_told_again_counts_once_and_one_taken_back_not_at_all() -> None:
    evidence = FillHistory().with_orders([filled()])
    assert about(evidence.with_orders([filled()])).count == 1
    assert about(evidence.with_orders([replace(filled(), busted=True)])) == NOTHING
    assert about(evidence).count == 1


def test_orders_of_several_waits_are_ranked_together() -> None:
    whose = group("embedded", "", "UVXY", Side.SELL)
    attempts = {
        f"{wait}-{cents}": Attempt(f"{wait}-{cents}", AT, D(wait), filled=False, cost=D(cents))
        for wait, costs in ((5, (9, 1, 5)), (10, (8, 2)), (20, (10, 3, 4, 6, 7)), (60, (99, 98)))
        for cents in costs
    }
    found = about(FillHistory().with_attempts({whose: attempts}))
    assert (found.count, found.typical, found.worst, found.mean) == (10, D(5), D(9), D("5.5"))


@pytest.mark.parametrize("seed", range(3))
def test_what_is_told_one_by_one_and_anew_adds_up_to_what_is_told_at_once(seed: int) -> None:
    rng, whose = Random(seed), group("embedded", "", "UVXY", Side.SELL)
    told, evidence = dict[str, Attempt](), FillHistory()
    for _ in range(400):
        name = str(rng.randrange(60))
        cost = None if rng.random() < 0.4 else D(rng.randrange(-5, 30)) / 100
        wait = D(rng.choice((5, 10, 60)))
        attempt = Attempt(name, D(rng.randrange(100)) / 100, wait, cost is None, cost)
        taken_back = rng.random() < 0.2
        evidence = evidence.with_attempts({whose: {name: None if taken_back else attempt}})
        told.pop(name, None)
        if not taken_back:
            told[name] = attempt
    assert evidence.attempts[whose] == told
    afresh = FillHistory().with_attempts({whose: told})
    for fraction in ("0.1", "0.3", "0.6", "0.9"):
        found = about(evidence, D(fraction))
        assert found == about(afresh, D(fraction))
        assert found.count == sum(
            int(each.fraction * 4) == int(D(fraction) * 4) and each.wait in (5, 10)
            for each in told.values()
        )


def test_whose_order_it_was_is_kept_apart_by_symbol_and_side() -> None:
    assert group_of(filled()) == group("embedded", "other", "UVXY", Side.SELL)
    assert group_of(filled()) != group("embedded", "", "UVXY", Side.BUY)


def test_wilsons_interval_is_the_published_one() -> None:
    low, high = wilson(26, 41)
    assert (round(low, 3), round(high, 3)) == (0.481, 0.764)
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 20)[0] == 0.0
    assert wilson(20, 20)[1] == pytest.approx(1.0)
    assert NOTHING.rate == 0.0


def test_what_pays_is_where_the_gain_of_the_fills_meets_the_cost_of_the_rest() -> None:
    assert round(needed(D("0.01"), D("0.0145")), 2) == 0.59
    assert needed(D("0.01"), D("-0.01")) == 0.0


@pytest.mark.parametrize(
    ("fills", "mean", "gain", "words"),
    [
        (26, "0.0145", "0.01", "a wash"),
        (39, "0.0145", "0.01", "likely better"),
        (10, "0.0145", "0.01", "likely worse"),
        (26, None, "0.01", ""),
        (26, "0.0145", "0", ""),
    ],
)
def test_a_verdict_is_given_only_where_the_interval_allows_it(
    fills: int, mean: str | None, gain: str, words: str
) -> None:
    found = Found(41, fills, mean=None if mean is None else D(mean))
    assert verdict(found, D(gain)) == words


def test_too_few_orders_give_no_verdict() -> None:
    assert verdict(Found(ENOUGH - 1, ENOUGH - 1, mean=D("0.01")), D("0.01")) == ""
