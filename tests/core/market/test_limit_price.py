"""A limit price inside the spread, and a collar."""

from contextlib import suppress
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from core.errors import Refusal
from core.market.limit_price import Collar, LimitPrice, collar_price, limit_price
from core.market.prices import (
    MAX_PRICE,
    Side,
    increment,
    step_legal,
)

D = Decimal
SELL_FRACTION, BUY_FRACTION = D("0.85"), D("0.75")
DOLLAR = 10_000  # legal steps from nothing to $1.00

sides = st.sampled_from(Side)
fractions = st.one_of(
    st.sampled_from([D(0), D("0.5"), SELL_FRACTION, BUY_FRACTION, D(1)]),
    st.decimals(0, 1, places=6),
)
# Whole steps: sub-dollar, around $1.00, ordinary and dear shares.
steps = st.one_of(
    st.integers(1, DOLLAR),
    st.integers(DOLLAR - 40, DOLLAR + 40),
    st.integers(DOLLAR, DOLLAR + 50_000),
    st.integers(DOLLAR, DOLLAR + 80_000_000),
)
widths = st.one_of(st.integers(0, 12), st.integers(0, 5_000))
off_grid = st.one_of(
    st.decimals("0.000001", 2, places=6),
    st.decimals("0.99", "1.02", places=6),
    st.decimals("0.000001", 5_000, places=6),
)


@st.composite
def legal_markets(draw: st.DrawFn) -> tuple[Decimal, Decimal]:
    """A bid and an ask on the grid, locked at times, on either side of $1.00 or across it."""
    bid = draw(steps)
    return legal(bid), legal(bid + draw(widths))


@st.composite
def any_markets(draw: st.DrawFn) -> tuple[Decimal, Decimal]:
    """A bid and an ask as a feed might send them, on the grid or not."""
    if draw(st.booleans()):
        return draw(legal_markets())
    low, high = sorted((draw(off_grid), draw(off_grid)))
    return low, high


def legal(steps_up: int) -> Decimal:
    """The legal price that many steps above nothing, written from Rule 612 alone."""
    if steps_up < DOLLAR:
        return D(steps_up) / DOLLAR
    return 1 + D(steps_up - DOLLAR) / 100


def is_legal(price: Decimal) -> bool:
    places = D("0.01") if price >= 1 else D("0.0001")
    return price == price.quantize(places)


def priced(side: Side, bid: Decimal, ask: Decimal, fraction: Decimal) -> LimitPrice:
    """The limit price, leaving out markets between whose touches no legal price lies."""
    try:
        return limit_price(side, bid, ask, fraction)
    except Refusal as refusal:
        assume(refusal.rule != "increment")
        raise


def sell(bid: str, ask: str, fraction: Decimal = SELL_FRACTION) -> LimitPrice:
    return limit_price(Side.SELL, D(bid), D(ask), fraction)


def buy(bid: str, ask: str, fraction: Decimal = BUY_FRACTION) -> LimitPrice:
    return limit_price(Side.BUY, D(bid), D(ask), fraction)


def test_the_worked_example_sells_at_15_24_and_buys_at_15_30() -> None:
    assert sell("15.23", "15.32") == LimitPrice(D("15.24"), 1, D("0.888889"), collapsed=False)
    assert buy("15.23", "15.32") == LimitPrice(D("15.30"), 2, D("0.777778"), collapsed=False)


def test_the_second_worked_example_sells_two_cents_above_the_bid() -> None:
    assert sell("20.00", "20.10") == LimitPrice(D("20.02"), 2, D("0.8"), collapsed=False)


@pytest.mark.scenario(80)
@pytest.mark.parametrize(
    ("ticks", "sold", "bought"),
    [
        (1, 0, 0),
        (2, 0, 1),  # the buy is a tie and goes down, away from the ask
        (3, 0, 1),
        (4, 1, 1),
        (5, 1, 1),
        (6, 1, 2),  # the buy is a tie
        (8, 1, 2),
        (10, 2, 3),  # both are ties
        (20, 3, 5),
    ],
)
@pytest.mark.parametrize("base", ["0.2500", "1.00", "15.23", "431.07"])
def test_rounding_follows_the_table_for_every_width(
    base: str, ticks: int, sold: int, bought: int
) -> None:
    bid = D(base)
    ask = step_legal(bid, ticks)
    selling = limit_price(Side.SELL, bid, ask, SELL_FRACTION)
    buying = limit_price(Side.BUY, bid, ask, BUY_FRACTION)
    assert (selling.ticks_better, selling.collapsed) == (sold, sold == 0)
    assert (buying.ticks_better, buying.collapsed) == (bought, bought == 0)


@pytest.mark.scenario(80)
@given(sides, any_markets(), fractions)
@example(Side.SELL, (D("0.9999"), D("1.01")), D("0.995"))
@example(Side.BUY, (D("0.9999"), D("1.01")), D("0.005"))
@example(Side.SELL, (D("15.235"), D("15.245")), D(1))
def test_the_price_is_the_nearest_legal_one_and_ties_fall_away_from_the_far_touch(
    side: Side, market: tuple[Decimal, Decimal], fraction: Decimal
) -> None:
    bid, ask = market
    assume(ask - bid <= (D("0.02") if bid < 1 else 2))
    got = priced(side, bid, ask, fraction).price

    sub_dollar = [Fraction(n, DOLLAR) for n in range(int(bid * DOLLAR), DOLLAR)][:300]
    cents = [Fraction(n, 100) for n in range(max(100, int(bid * 100)), int(ask * 100) + 1)]
    candidates = [p for p in sub_dollar + cents if Fraction(bid) <= p <= Fraction(ask)]
    offset = Fraction(fraction) * (Fraction(ask) - Fraction(bid))
    target = Fraction(ask) - offset if side is Side.SELL else Fraction(bid) + offset
    away = -1 if side is Side.SELL else 1
    nearest = min(candidates, key=lambda p: (abs(p - target), away * p))
    assert Fraction(got) == nearest


@pytest.mark.scenario(80)
@given(sides, any_markets(), fractions)
def test_the_price_is_legal_and_never_past_either_touch(
    side: Side, market: tuple[Decimal, Decimal], fraction: Decimal
) -> None:
    bid, ask = market
    price = priced(side, bid, ask, fraction).price
    assert bid <= price <= ask
    assert is_legal(price)


@given(sides, any_markets(), fractions)
def test_the_price_prints_with_as_many_decimals_as_its_increment(
    side: Side, market: tuple[Decimal, Decimal], fraction: Decimal
) -> None:
    price = priced(side, *market, fraction).price
    assert str(price) == f"{price:.2f}" if price >= 1 else f"{price:.4f}"


@given(sides, any_markets(), fractions, fractions)
def test_a_greater_fraction_never_asks_for_a_worse_price_for_the_other_side(
    side: Side, market: tuple[Decimal, Decimal], one: Decimal, other: Decimal
) -> None:
    low, high = sorted((one, other))
    patient = priced(side, *market, low).price
    eager = priced(side, *market, high).price
    assert eager <= patient if side is Side.SELL else eager >= patient


@given(sides, legal_markets())
def test_fraction_0_is_the_near_touch_and_fraction_1_the_far_touch(
    side: Side, market: tuple[Decimal, Decimal]
) -> None:
    bid, ask = market
    near, far = (ask, bid) if side is Side.SELL else (bid, ask)
    assert limit_price(side, bid, ask, D(0)).price == near
    assert limit_price(side, bid, ask, D(1)).price == far


@given(sides, legal_markets(), fractions)
def test_whole_ticks_better_lead_from_the_far_touch_to_the_price(
    side: Side, market: tuple[Decimal, Decimal], fraction: Decimal
) -> None:
    bid, ask = market
    got = limit_price(side, bid, ask, fraction)
    far, inward = (bid, 1) if side is Side.SELL else (ask, -1)
    assert step_legal(far, inward * got.ticks_better) == got.price
    assert got.collapsed == (got.ticks_better == 0) == (got.price == far)


@given(sides, any_markets(), fractions)
def test_collapsed_says_that_the_price_is_the_far_touch_itself(
    side: Side, market: tuple[Decimal, Decimal], fraction: Decimal
) -> None:
    bid, ask = market
    got = priced(side, bid, ask, fraction)
    assert got.collapsed == (got.price == (bid if side is Side.SELL else ask))
    assert got.ticks_better >= 0


def test_a_price_short_of_a_touch_off_the_grid_is_not_called_collapsed() -> None:
    assert sell("15.235", "15.255", D(1)) == LimitPrice(D("15.24"), 0, D("0.75"), collapsed=False)
    assert buy("15.235", "15.255", D(1)) == LimitPrice(D("15.25"), 0, D("0.75"), collapsed=False)


@given(sides, any_markets(), fractions)
def test_the_effective_fraction_leads_back_to_the_price(
    side: Side, market: tuple[Decimal, Decimal], fraction: Decimal
) -> None:
    bid, ask = market
    got = priced(side, bid, ask, fraction)
    assert 0 <= got.fraction <= 1
    moved = got.fraction * (ask - bid)
    back = ask - moved if side is Side.SELL else bid + moved
    assert abs(back - got.price) <= (ask - bid) * D("0.000001")


@pytest.mark.scenario(80)
@given(sides, steps, fractions)
def test_a_locked_market_gives_the_locked_price(side: Side, at: int, fraction: Decimal) -> None:
    price = legal(at)
    got = limit_price(side, price, price, fraction)
    assert got == LimitPrice(price, 0, fraction, collapsed=True)


def test_a_spread_across_one_dollar_is_counted_in_the_steps_of_each_side() -> None:
    assert sell("0.9998", "1.02", D(0)).ticks_better == 4
    assert sell("0.9998", "1.02") == LimitPrice(D("1.00"), 2, D("0.990099"), collapsed=False)
    assert buy("0.9998", "1.02") == LimitPrice(D("1.01"), 1, D("0.504950"), collapsed=False)


@pytest.mark.parametrize("fraction", ["-0.01", "1.01", "NaN", "sNaN", "Infinity", "-Infinity"])
def test_a_fraction_outside_0_to_1_is_refused_with_its_value(fraction: str) -> None:
    with pytest.raises(Refusal) as refused:
        sell("15.23", "15.32", D(fraction))
    assert refused.value.rule == "fraction"
    assert refused.value.sentence == f"The fraction must lie between 0 and 1, not {D(fraction)}."


@pytest.mark.parametrize("touch", ["0", "-0", "-15.23", "NaN", "sNaN", "Infinity"])
@pytest.mark.parametrize("name", ["bid", "ask"])
def test_a_touch_that_is_no_positive_price_is_refused_by_name(name: str, touch: str) -> None:
    market = {"bid": D("15.23"), "ask": D("15.32"), name: D(touch)}
    with pytest.raises(Refusal) as refused:
        limit_price(Side.SELL, market["bid"], market["ask"], SELL_FRACTION)
    assert refused.value.rule == name
    assert refused.value.sentence == f"The {name} must be a positive price, not {D(touch)}."


@pytest.mark.parametrize("touch", ["10000000.01", "1E+400", "9E+999999"])
def test_a_touch_that_can_be_no_share_price_is_refused(touch: str) -> None:
    with pytest.raises(Refusal) as refused:
        sell("15.23", touch)
    assert refused.value.rule == "ask"
    assert refused.value.sentence == f"The ask of {D(touch)} is above 10,000,000 dollars."
    assert limit_price(Side.SELL, MAX_PRICE, MAX_PRICE, SELL_FRACTION).price == MAX_PRICE


def test_a_crossed_market_is_refused_with_both_touches() -> None:
    with pytest.raises(Refusal) as refused:
        sell("15.32", "15.23")
    assert refused.value.rule == "crossed"
    assert refused.value.sentence == "The market is crossed: bid 15.32 is above ask 15.23."


def test_two_touches_without_a_legal_price_between_them_are_refused() -> None:
    with pytest.raises(Refusal) as refused:
        sell("15.231", "15.239")
    assert refused.value.rule == "increment"
    assert refused.value.sentence == "There is no legal price between bid 15.231 and ask 15.239."


@given(sides, st.decimals(), st.decimals(), st.decimals())
def test_any_numbers_whatever_give_a_price_or_a_refusal(
    side: Side, bid: Decimal, ask: Decimal, fraction: Decimal
) -> None:
    # Anything but a Refusal, an Overflow of decimal say, fails here.
    with suppress(Refusal):
        assert bid <= limit_price(side, bid, ask, fraction).price <= ask


@pytest.mark.parametrize(
    ("bid", "ask", "sold", "bought"),
    [
        ("15.23", "15.32", "15.20", "15.35"),  # 25 bps are 3.8 cents: at most that
        ("431.00", "431.07", "429.93", "432.14"),
        ("5.00", "5.01", "4.98", "5.03"),  # 25 bps are 1.25 cents: two ticks
        ("1.00", "1.01", "0.9975", "1.03"),
        ("0.2500", "0.2504", "0.2494", "0.2510"),
        ("0.0002", "0.0003", "0.0001", "0.0005"),
    ],
)
def test_a_collar_is_25_bps_or_two_ticks_through_the_far_touch(
    bid: str, ask: str, sold: str, bought: str
) -> None:
    assert collar_price(Side.SELL, D(bid), D(ask)) == D(sold)
    assert collar_price(Side.BUY, D(bid), D(ask)) == D(bought)


@given(sides, any_markets())
def test_a_collar_is_legal_marketable_and_at_most_25_bps_or_two_ticks_away(
    side: Side, market: tuple[Decimal, Decimal]
) -> None:
    bid, ask = market
    price = collar_price(side, bid, ask)
    far, through = (bid, bid - price) if side is Side.SELL else (ask, price - ask)
    two_ticks = 2 * max(increment(far), increment(price))
    assert is_legal(price)
    assert price > 0
    assert through >= 0 or far < D("0.0001")
    assert through <= max(far * D("0.0025"), two_ticks)


@pytest.mark.parametrize(
    ("collar", "sold", "bought"),
    [
        (Collar(5, D(0)), "15.18", "15.37"),
        (Collar(0, D(40)), "15.17", "15.38"),
        (Collar(0, D(0)), "15.23", "15.32"),
    ],
)
def test_a_collar_may_be_as_wide_as_the_trader_says(collar: Collar, sold: str, bought: str) -> None:
    assert collar_price(Side.SELL, D("15.23"), D("15.32"), collar) == D(sold)
    assert collar_price(Side.BUY, D("15.23"), D("15.32"), collar) == D(bought)
