"""The invented markets look like the stocks they stand for."""

from collections import Counter
from itertools import takewhile
from statistics import mean

import pytest

from core.exchange.market.events import MarketEvent, QuoteEvent, Touch, TradeEvent
from core.exchange.market.generator import PROFILES, generate
from core.exchange.units import tick
from core.market.time import NS

TEN_MINUTES = 600 * NS


def played(symbol: str, seed: str = "s", until: int = TEN_MINUTES) -> list[MarketEvent]:
    return list(takewhile(lambda e: e.at < until, generate(symbol, PROFILES[symbol], seed)))


def quotes(symbol: str) -> list[Touch]:
    return [e.touch for e in played(symbol) if isinstance(e, QuoteEvent)]


def test_the_nine_cent_fund_opens_at_the_example_and_stays_wide() -> None:
    touches = quotes("UVXY")
    assert touches[0][0::2] == (152_300, 153_200)
    widths = Counter((t.ask - t.bid) // 100 for t in touches)
    assert set(widths) <= {8, 9, 10}
    assert widths.most_common(1)[0][0] == 9


@pytest.mark.parametrize(
    ("symbol", "least", "most"),
    [("BAC", 1.0, 1.2), ("AIG", 1.0, 1.5), ("IBM", 3.5, 5.0), ("PNNY", 12, 25)],
)
def test_spreads_in_ticks_are_those_of_the_kind_of_stock(
    symbol: str, least: float, most: float
) -> None:
    assert least <= mean(t.spread() / tick(t.bid) for t in quotes(symbol)) <= most


@pytest.mark.parametrize("symbol", sorted(PROFILES))
def test_every_quote_is_two_sided_uncrossed_and_on_the_tick(symbol: str) -> None:
    for touch in quotes(symbol):
        assert 0 < touch.bid < touch.ask
        assert touch.bid % tick(touch.bid) == touch.ask % tick(touch.ask) == 0
        assert touch.bid_size > 0
        assert touch.ask_size > 0


@pytest.mark.parametrize("symbol", sorted(PROFILES))
def test_prints_lie_within_the_touch_and_time_never_goes_back(symbol: str) -> None:
    touch, before = Touch(0, 0, 0, 0), 0
    for event in played(symbol):
        assert event.at >= before
        before = event.at
        if isinstance(event, TradeEvent):
            assert touch.bid <= event.price <= touch.ask
            assert event.size > 0
        else:
            touch = event.touch


@pytest.mark.parametrize("symbol", sorted(PROFILES))
def test_activity_comes_in_bursts_between_quiet_spells(symbol: str) -> None:
    per_second = Counter(e.at // NS for e in played(symbol))
    busy = [per_second[n] for n in range(600)]
    assert max(busy) > 3 * mean(busy)
    assert 0 in busy
    assert 1 < mean(busy) < 15


@pytest.mark.parametrize("symbol", sorted(PROFILES))
def test_prices_stay_near_where_they_began(symbol: str) -> None:
    first, *rest = quotes(symbol)
    assert all(abs(t.bid - first.bid) < 0.15 * first.bid for t in rest)


def test_one_seed_is_one_market_and_another_is_another() -> None:
    assert played("IBM", "a") == played("IBM", "a")
    assert played("IBM", "a") != played("IBM", "b")
