"""I. Time of a quote: its own time against the venue's, at every pricing.

Reported by others: a first quote of five weeks ago that filled an order, streams that lie still
while REST goes on, feeds 15 minutes, 40 minutes and 8 hours behind, stamps ahead of the computer.
"""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.engine.events import Level, VenueTimeChanged
from core.errors import Refusal
from core.exchange.market.trading_day import HOUR
from core.market.prices import Side
from core.market.quotes import Quote, Unusable
from core.market.time import NS
from core.orders.plan import Fallback, Instruction, Step, stepped
from core.orders.state import State
from core.venue.interface import PostRequest
from tests.support.exchange_venue import ExchangeVenue
from tests.support.trading import ASK, BID, SYMBOL, Trading, instruction, outcome, play
from tests.support.wide_limits import WIDE_LIMITS

D = Decimal
LIMITS = replace(WIDE_LIMITS, max_quote_age=D(5))
SECOND = replace(WIDE_LIMITS, max_quote_age=D(1))


def behind(venue: ExchangeVenue, by_ns: int) -> None:
    """From now on quotes are stamped so long ago."""
    venue.stamp = lambda own_ns: own_ns - by_ns


def punctual(venue: ExchangeVenue) -> None:
    """From now on quotes are stamped with the exchange's time again."""
    behind(venue, 0)


async def refused(t: Trading, words: str) -> None:
    """An order is refused in these words, and nothing leaves."""
    with pytest.raises(Refusal, match=words):
        await t.engine.submit(instruction())
    assert t.exchange.orders == {}


async def sent(t: Trading) -> None:
    """An order is taken and rests on the book."""
    order = await t.working()
    await t.engine.cancel(order.id)
    await t.until_final(order)


@pytest.mark.scenario(94)
@pytest.mark.parametrize(
    ("old_s", "words"), [(10, "10.0 s"), (600, "10 min"), (18 * 3600, "18 h"), (4 * 86400, "96 h")]
)
def test_an_old_quote_read_at_the_start_prices_nothing_until_the_first_fresh_one(
    tmp_path: Path, old_s: int, words: str
) -> None:
    async def scenario(t: Trading) -> None:
        t.engine.set_limits(LIMITS)
        await refused(t, f"the newest quote is {words} old")
        await asyncio.sleep(30)  # the stream is up, its heartbeats are answered, and it is silent
        assert t.engine.board.age(SYMBOL, t.engine.clock.now_ns()) is not None
        await refused(t, "the newest quote is")
        punctual(t.venue)
        t.quote(BID, ASK)
        await sent(t)

    play(scenario, tmp_path, prepare=lambda venue: behind(venue, old_s * NS))


@pytest.mark.scenario(94)
def test_a_heartbeat_of_a_silent_stream_makes_no_quote_younger(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.engine.set_limits(LIMITS)
        t.quote(BID, ASK)
        await asyncio.sleep(6)
        await refused(t, "the newest quote is 6.0 s old")

    play(scenario, tmp_path)


@pytest.mark.scenario(95)
@pytest.mark.parametrize(("late_s", "words"), [(900, "15 min"), (8 * 3600, "8 h")])
def test_a_feed_that_is_behind_is_never_fresh_and_prices_nothing(
    tmp_path: Path, late_s: int, words: str
) -> None:
    async def scenario(t: Trading) -> None:
        t.engine.set_limits(LIMITS)
        t.venue.stamp = lambda own_ns: own_ns - late_s * NS
        for cents in range(5):
            t.quote(f"15.2{cents}", ASK)
            await refused(t, f"the newest quote is {words} old")
            await asyncio.sleep(1)

    play(scenario, tmp_path, prepare=lambda venue: behind(venue, late_s * NS))


@pytest.mark.scenario(95)
def test_a_feed_that_falls_behind_and_catches_up_prices_again(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.engine.set_limits(LIMITS)
        await sent(t)
        behind(t.venue, 900 * NS)
        await asyncio.sleep(6)
        t.quote("15.10", "15.19")
        with pytest.raises(Refusal, match=r"the newest quote is 6\.1 s old"):
            await t.engine.submit(instruction())
        assert str(t.engine.board.quotes[SYMBOL].bid) == BID
        punctual(t.venue)
        t.quote("15.10", "15.19")
        assert str(t.engine.board.quotes[SYMBOL].bid) == "15.1"
        await sent(t)

    play(scenario, tmp_path)


@pytest.mark.scenario(96)
def test_a_delayed_feed_is_shown_and_prices_no_order(tmp_path: Path) -> None:
    def delay(venue: ExchangeVenue) -> None:
        venue.feed = "delayed_sip"

    async def scenario(t: Trading) -> None:
        t.quote(BID, ASK)  # stamped with the present time, and by a feed of that name all the same
        assert t.engine.board.quotes[SYMBOL].feed == "delayed_sip"
        await refused(t, "DELAYED feed, which prices no order")

    play(scenario, tmp_path, prepare=delay)


@pytest.mark.scenario(97)
def test_a_quote_of_a_time_to_come_is_counted_and_does_not_stop_the_market(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        for place in range(3):
            behind(t.venue, -3600 * NS)
            t.quote("99", "100")
            punctual(t.venue)
            bid = f"15.2{place}"
            t.quote(bid, ASK)
            assert t.engine.board.quotes[SYMBOL].bid == D(bid)
        assert t.engine.counters.early_quotes == 3
        told = [words for words in t.notices(Level.WARNING) if "ahead of the venue's time" in words]
        assert len(told) == 1
        assert "UVXY was stamped 1 h ahead" in told[0]
        await sent(t)

    play(scenario, tmp_path)


@pytest.mark.scenario(97)
def test_a_quote_a_little_ahead_of_the_venues_time_is_new(tmp_path: Path) -> None:
    """Stamps about a second ahead have been seen; they are the feed's own and not wrong."""

    async def scenario(t: Trading) -> None:
        t.engine.set_limits(LIMITS)
        behind(t.venue, -NS)
        t.quote("15.20", ASK)
        assert t.engine.board.quotes[SYMBOL].bid == D("15.20")
        assert t.engine.counters.early_quotes == 0
        await sent(t)

    play(scenario, tmp_path)


@pytest.mark.scenario(97)
def test_after_the_computer_slept_the_venues_time_is_asked_for_and_quotes_count_again(
    tmp_path: Path,
) -> None:
    """The clock of the run stood still for 8 hours; all quotes seem to be of a time to come."""

    async def scenario(t: Trading) -> None:
        t.engine.set_limits(LIMITS)
        t.engine.clock._origin += 8 * 3600  # as if the venue's had gone on that long without ours
        t.quote("15.20", ASK)
        assert t.engine.counters.early_quotes == 1
        await asyncio.sleep(1)
        t.quote(BID, ASK)
        assert t.engine.counters.early_quotes == 1
        assert t.engine.board.quotes[SYMBOL].bid == D(BID)
        await sent(t)
        t.quote(BID, ASK)
        await sent(t)

    play(scenario, tmp_path)


@pytest.mark.scenario(98)
@pytest.mark.parametrize("own_ns", [0, 12 * 3600 * NS, -62_135_596_800 * NS])
def test_a_quote_without_a_time_prices_nothing_and_is_named(tmp_path: Path, own_ns: int) -> None:
    def timeless(venue: ExchangeVenue) -> None:
        venue.stamp = lambda _: own_ns

    async def scenario(t: Trading) -> None:
        await refused(t, "carries no time")
        t.quote(BID, ASK)
        await refused(t, "carries no time")
        assert t.engine.counters.untimed_quotes == 2
        punctual(t.venue)
        t.quote(BID, ASK)
        await sent(t)
        timeless(t.venue)
        t.quote("15.10", ASK)  # it does not take the place of one that has a time
        assert t.engine.board.quotes[SYMBOL].bid == D(BID)

    play(scenario, tmp_path, prepare=timeless)


@pytest.mark.scenario(99)
def test_the_oldest_quote_holds_at_a_submit_3_s_after_the_last_quote(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.engine.set_limits(SECOND)
        t.quote(BID, ASK)
        await asyncio.sleep(3)
        await refused(t, "the newest quote is 3.0 s old")

    play(scenario, tmp_path)


@pytest.mark.scenario(99)
def test_the_oldest_quote_holds_where_a_collar_is_priced(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.engine.set_limits(SECOND)
        t.quote(BID, ASK)
        order = await t.working(instruction(fallback=Fallback.COLLAR, timeout="3"))
        order = await t.until_final(order)
        assert outcome(order) == (State.ATTENTION, 0)
        assert "the newest quote is 3" in order.alarm
        assert t.venue.calls.count("POST") == 1

    play(scenario, tmp_path)


@pytest.mark.scenario(99)
def test_the_oldest_quote_holds_where_a_step_is_priced(tmp_path: Path) -> None:
    """It waits at its price, is told with the quote's age, and goes with the first fresh quote."""

    async def scenario(t: Trading) -> None:
        t.engine.set_limits(SECOND)
        t.quote(BID, ASK)
        posts: list[PostRequest] = []
        t.venue.on_post = posts.append
        replaced: list[str] = []
        t.venue.on_replace = lambda client_id, qty: replaced.append(client_id)
        steps = (Step(D("0.25"), D(3)), Step(D("0.85"), D(30)))
        asked = Instruction("steps", SYMBOL, Side.SELL, D(100), stepped(steps, Fallback.NONE))
        order = await t.working(asked)
        await asyncio.sleep(8)
        assert len(posts) + len(replaced) == 1
        assert any("the newest quote is 3" in words for words in t.notices(Level.WARNING))
        t.quote("15.20", "15.30")
        await t.until(lambda: len(posts) + len(replaced) == 2, order, 10)
        assert t.now(order).children[-1].limit_price == D("15.22")

    play(scenario, tmp_path)


@pytest.mark.scenario(94, 95)
@pytest.mark.parametrize("off_s", [-600, 600])
def test_a_computer_whose_clock_is_10_minutes_off_trades_as_usual_and_is_told(
    tmp_path: Path, off_s: int
) -> None:
    async def scenario(t: Trading) -> None:
        t.engine.set_limits(LIMITS)
        t.quote(BID, ASK)
        way = "ahead of" if off_s > 0 else "behind"
        told = [words for words in t.notices(Level.WARNING) if "computer's clock" in words]
        assert len(told) == 1
        assert f"is 10 min {way} the venue's" in told[0]
        old = t.engine.board.age(SYMBOL, t.engine.clock.now_ns())
        assert old is not None
        assert old.ns < NS // 10
        await sent(t)
        order = await t.working(instruction(fallback=Fallback.COLLAR, timeout="3"))
        await asyncio.sleep(2)
        t.quote(BID, ASK)
        order = await t.until_final(order)
        assert outcome(order) == (State.FILLED, 100)
        assert t.engine.market is not None
        left = t.engine.market.next_close_ns - t.engine.clock.now_ns()
        assert (
            abs(left - (t.exchange.time.next_close(t.exchange.now_ns()) - t.exchange.now_ns())) < NS
        )

    play(scenario, tmp_path, start_of_day=10 * HOUR, clock_off_ns=off_s * NS)


@pytest.mark.scenario(94)
def test_the_window_is_told_the_venues_time_before_any_quote(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        kinds = [type(event) for event in t.events]
        assert VenueTimeChanged in kinds
        assert t.engine.board.why_unusable(
            SYMBOL, t.engine.clock.now_ns(), is_open=True, max_age_ns=5 * NS
        ) in (None, Unusable.STALE)
        assert isinstance(t.engine.board.quotes[SYMBOL], Quote)

    play(scenario, tmp_path)
