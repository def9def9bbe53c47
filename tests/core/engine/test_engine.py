"""The engine on the real exchange and the real journal, in virtual time."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from core.engine.deadlines import Deadlines
from core.engine.events import Event, Level, OrderChanged
from core.exchange.faults.faults import Fault, Kind
from core.journal.reader import JournalReader
from core.journal.replay import replay
from core.market.prices import Side
from core.market.time import NS
from core.orders.facts import (
    AnyFact,
    DeadlineMoved,
    DeadlineReached,
    LoginLost,
    MarketNowAsked,
    Reported,
)
from core.orders.plan import Fallback
from core.orders.state import ParentOrder, State
from tests.support.recorder import DirectRecorder
from tests.support.trading import Trading, instruction, outcome, play, quotes

RISES = quotes((0, "15.23", "15.32"), (3, "15.24", "15.33"))
FALLS = quotes((0, "15.23", "15.32"), (3, "15.20", "15.29"))


def test_a_sell_that_fills_costs_one_post_and_nothing_else(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.calls.clear()
        order = await t.until_final(await t.engine.submit(instruction()))
        assert order.state is State.FILLED
        assert order.limit_price == order.avg_price == Decimal("15.24")
        assert t.at_broker(order) == 100
        assert t.venue.calls == ["POST"]

    play(scenario, tmp_path, RISES)


def test_a_buy_is_priced_three_quarters_across_and_fills(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.until_final(await t.engine.submit(instruction(Side.BUY)))
        assert order.state is State.FILLED
        assert order.limit_price == Decimal("15.30")
        assert t.engine.positions["UVXY"].qty == 5100

    play(scenario, tmp_path, FALLS)


def test_a_timeout_costs_post_delete_post_and_sells_the_rest_at_market(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.venue.calls.clear()
        started = t.engine.clock.now_ns()
        order = await t.until_final(await t.engine.submit(instruction()))
        assert order.state is State.FILLED
        assert order.fell_back
        assert order.avg_price == Decimal("15.23")
        assert t.venue.calls == ["POST", "DELETE", "POST"]
        cancelled = order.children[0].cancel_sent_at
        assert cancelled is not None
        assert 0 <= cancelled - started - 10 * NS < NS // 100

    play(scenario, tmp_path)


def test_the_fallback_carries_only_what_is_proven_unfilled(tmp_path: Path) -> None:
    market = quotes((0, "15.23", "15.32")) + quotes((3, "15.24", "15.33"), size=40)
    market += quotes((3.5, "15.22", "15.31"))

    async def scenario(t: Trading) -> None:
        order = await t.until_final(await t.engine.submit(instruction()))
        assert [c.filled for c in order.children] == [40, 60]
        assert order.children[1].qty == 60
        assert t.at_broker(order) == 100

    play(scenario, tmp_path, market)


def test_without_fallback_a_timeout_only_cancels(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.until_final(await t.engine.submit(instruction(fallback=Fallback.NONE)))
        assert order.state is State.CANCELED
        assert len(t.exchange.orders) == 1

    play(scenario, tmp_path)


def test_a_collared_fallback_is_a_marketable_limit(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.until_final(await t.engine.submit(instruction(fallback=Fallback.COLLAR)))
        assert order.state is State.FILLED
        assert order.children[1].limit_price == Decimal("15.20")
        assert order.avg_price == Decimal("15.23")

    play(scenario, tmp_path)


def test_a_collar_that_finds_no_shares_stops_and_asks(tmp_path: Path) -> None:
    market = quotes((0, "15.23", "15.32")) + quotes((9, "15.23", "15.32"), size=30)
    market += quotes((11, "15.00", "15.32"))

    async def scenario(t: Trading) -> None:
        order = await t.engine.submit(instruction(fallback=Fallback.COLLAR, qty="4000"))
        order = await t.until_final(order)
        assert order.state is State.ATTENTION
        assert 0 < order.filled < 4000
        assert t.live_at_broker() == []

    play(scenario, tmp_path, market)


@pytest.mark.parametrize(
    "kind", [Kind.ANSWER_504, Kind.ANSWER_RESET, Kind.ANSWER_GARBLED, Kind.ANSWER_500]
)
@pytest.mark.parametrize("landed", [True, False])
def test_an_ambiguous_post_is_resolved_under_the_same_id(
    tmp_path: Path, kind: Kind, landed: bool
) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(Fault(kind, method="POST", landed=landed))
        order = await t.until_final(await t.engine.submit(instruction()))
        assert order.state is State.FILLED
        assert t.at_broker(order) == 100
        ids = [o.client_order_id for o in t.exchange.orders.values()]
        assert len(ids) == len(set(ids)) == len(order.children)

    play(scenario, tmp_path)


def test_a_throttled_post_waits_and_goes_again_under_the_same_id(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(Fault(Kind.ANSWER_429, method="POST"))
        order = await t.until_final(await t.engine.submit(instruction()))
        assert order.state is State.FILLED
        assert [c.posts for c in order.children] == [2]
        assert t.at_broker(order) == 100

    play(scenario, tmp_path, RISES)


def test_a_fill_frame_lost_on_a_healthy_socket_is_found_by_the_cancel(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(Fault(Kind.UPDATE_DROP, event="fill"))
        order = await t.until_final(await t.engine.submit(instruction()))
        assert order.state is State.FILLED
        assert not order.fell_back
        assert t.at_broker(order) == order.filled == 100

    play(scenario, tmp_path, RISES)


def test_a_lost_partial_fill_is_never_sold_again(tmp_path: Path) -> None:
    market = quotes((0, "15.23", "15.32")) + quotes((3, "15.24", "15.33"), size=40)
    market += quotes((3.5, "15.22", "15.31"))

    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(Fault(Kind.UPDATE_DROP, event="partial_fill"))
        order = await t.until_final(await t.engine.submit(instruction()))
        assert [c.filled for c in order.children] == [40, 60]
        assert t.at_broker(order) == order.filled == 100

    play(scenario, tmp_path, market)


def test_a_replayed_fill_counts_once(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(Fault(Kind.UPDATE_TWICE, times=0))
        order = await t.until_final(await t.engine.submit(instruction()))
        assert order.filled == t.at_broker(order) == 100

    play(scenario, tmp_path, RISES)


def test_a_cancel_that_stays_unproven_sends_no_fallback(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(Fault(Kind.CANCEL_STUCK))
        order = await t.engine.submit(instruction())
        with pytest.raises(TimeoutError):
            await t.until_final(order, within=50)
        assert len(t.exchange.orders) == 1
        assert t.engine.orders[order.id].state is State.CANCELING
        t.exchange.release_cancels()
        order = await t.until_final(order)
        assert order.state is State.FILLED
        assert t.at_broker(order) == 100

    play(scenario, tmp_path)


def test_proof_that_comes_after_the_window_sends_no_fallback(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(Fault(Kind.CANCEL_STUCK))
        order = await t.engine.submit(instruction())
        with pytest.raises(TimeoutError):
            await t.until_final(order, within=90)
        t.exchange.release_cancels()
        order = await t.until_final(order)
        assert order.state is State.CANCELED
        assert len(t.exchange.orders) == 1
        assert "no fallback was sent" in order.reason

    play(scenario, tmp_path)


def test_a_cancel_at_the_brokers_page_ends_the_order_without_fallback(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.engine.submit(instruction())
        await t.until(lambda: t.engine.orders[order.id].state is State.WORKING, order)
        t.exchange.cancel(next(iter(t.exchange.orders)))
        order = await t.until_final(order)
        assert order.state is State.CANCELED
        assert "not by Touchline" in order.reason
        assert len(t.exchange.orders) == 1

    play(scenario, tmp_path)


def test_a_rejected_child_ends_the_order_without_fallback(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.exchange.faults.arm(Fault(Kind.NEW_REJECTED))
        order = await t.until_final(await t.engine.submit(instruction()))
        assert order.state is State.REJECTED
        assert len(t.exchange.orders) == 1

    play(scenario, tmp_path)


def test_more_than_the_position_is_rejected_in_the_venues_words(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        t.overrate()
        order = await t.until_final(await t.engine.submit(instruction(qty="6000")))
        assert order.state is State.REJECTED
        assert "insufficient qty" in order.reason

    play(scenario, tmp_path)


def test_after_a_reconnect_each_open_child_is_read_once(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.engine.submit(instruction())
        await t.until(lambda: t.engine.orders[order.id].state is State.WORKING, order)
        t.venue.cut_stream()
        t.venue.calls.clear()
        await t.until(lambda: t.at_broker(order) == 100, order)
        assert t.engine.orders[order.id].filled == 0
        t.venue.mend_stream()
        order = await t.until_final(order)
        assert order.filled == 100
        assert t.venue.calls == ["GET"]

    play(scenario, tmp_path, RISES)


def test_with_the_stream_down_the_deadline_works_over_rest(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.engine.submit(instruction())
        await t.until(lambda: t.engine.orders[order.id].state is State.WORKING, order)
        t.venue.cut_stream()
        order = await t.until_final(order)
        assert order.state is State.FILLED
        assert t.at_broker(order) == 100

    play(scenario, tmp_path)


def test_with_rest_down_at_the_deadline_the_delete_is_repeated_and_nothing_is_sold(
    tmp_path: Path,
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.engine.submit(instruction())
        await t.until(lambda: t.engine.orders[order.id].state is State.WORKING, order)
        t.venue.rest_down = True
        with pytest.raises(TimeoutError):
            await t.until_final(order, within=30)
        assert t.venue.calls.count("DELETE") > 2
        assert len(t.exchange.orders) == 1
        t.venue.rest_down = False
        order = await t.until_final(order)
        assert t.at_broker(order) == order.filled == 100

    play(scenario, tmp_path)


def test_a_fallback_that_slept_through_its_window_is_not_sent(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.engine.submit(instruction(timeout="3"))
        await t.until(lambda: t.engine.orders[order.id].state is State.WORKING, order)
        t.exchange.faults.arm(Fault(Kind.ANSWER_429, method="POST"))
        await t.until(lambda: t.venue.calls.count("POST") == 2, order)
        await asyncio.sleep(0.5)
        asyncio.get_running_loop().jump(120)  # type: ignore[attr-defined]
        order = await t.until_final(order)
        assert order.state is State.CANCELED
        assert "no fallback was sent" in order.alarm
        assert len(t.exchange.orders) == 1

    play(scenario, tmp_path)


def test_a_listener_that_fails_stops_nothing(tmp_path: Path) -> None:
    def fail(event: Event) -> None:
        if isinstance(event, OrderChanged):
            raise ValueError("a display broke")

    async def scenario(t: Trading) -> None:
        t.engine.listen(fail)
        order = await t.until_final(await t.engine.submit(instruction()))
        assert order.state is State.FILLED
        assert t.engine.counters.listener_errors > 0

    play(scenario, tmp_path, RISES)


# ---- the one door -----------------------------------------------------------------------------


@pytest.fixture
def journaled(monkeypatch: pytest.MonkeyPatch) -> list[AnyFact]:
    """Every fact that the engine journals, in that order."""
    facts: list[AnyFact] = []
    append = DirectRecorder.append

    def listed(self: DirectRecorder, fact: AnyFact) -> None:
        append(self, fact)
        facts.append(fact)

    monkeypatch.setattr(DirectRecorder, "append", listed)
    return facts


def at_each(kind: type, do: Callable[[OrderChanged], None]) -> Callable[[Event], None]:
    """A listener that does so when it hears of a fact of that kind."""

    def hear(event: Event) -> None:
        if isinstance(event, OrderChanged) and isinstance(event.fact, kind):
            do(event)

    return hear


def kinds(facts: Sequence[AnyFact | None]) -> list[str]:
    return [type(fact).__name__ for fact in facts]


def test_what_a_command_does_is_journaled_after_the_fact_that_asked_for_it(
    tmp_path: Path, journaled: list[AnyFact]
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working(instruction(fallback=Fallback.COLLAR))
        journaled.clear()
        t.engine.apply(DeadlineReached(order_id=order.id, at=order.started_ns + 10 * NS))
        assert kinds(journaled) == ["DeadlineReached", "CancelSent"]
        assert t.now(order).children[0].cancels == 1, "it is applied when `apply` returns"
        await t.until_final(order)
        proof = next(f for f in journaled if isinstance(f, Reported) and f.status == "canceled")
        after = kinds(journaled[journaled.index(proof) :])
        assert after[:3] == ["Reported", "FallbackPriced", "PostSent"]

    play(scenario, tmp_path)


def test_a_fact_told_by_a_listener_waits_and_all_hear_them_in_one_order(
    tmp_path: Path, journaled: list[AnyFact]
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        seen: list[State] = []

        def hurry(event: OrderChanged) -> None:
            t.engine.apply(MarketNowAsked(order_id=order.id, at=event.order.started_ns))
            seen.append(t.now(order).state)

        t.events.clear()
        journaled.clear()
        unlisten = t.engine.listen(at_each(DeadlineMoved, hurry))
        later: list[AnyFact | None] = []
        t.engine.listen(lambda e: later.append(e.fact) if isinstance(e, OrderChanged) else None)
        await t.engine.pause(order.id)
        unlisten()
        assert kinds(journaled) == ["DeadlineMoved", "MarketNowAsked", "CancelSent"]
        heard = [e.fact for e in t.events if isinstance(e, OrderChanged)]
        assert heard == later == journaled
        assert seen == [State.WORKING], "its turn had not come"
        assert t.now(order).state is State.CANCELING

    play(scenario, tmp_path)


def test_an_order_that_a_listener_cancels_is_cancelled_after_what_it_heard(
    tmp_path: Path, journaled: list[AnyFact]
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        asked: list[asyncio.Task[ParentOrder]] = []

        def cancel(event: OrderChanged) -> None:
            asked.append(asyncio.ensure_future(t.engine.cancel(order.id)))

        journaled.clear()
        t.engine.listen(at_each(DeadlineMoved, cancel))
        await t.engine.extend(order.id, Decimal(10))
        await asyncio.gather(*asked)
        assert kinds(journaled) == ["DeadlineMoved", "CancelAsked", "CancelSent"]
        assert (await t.until_final(order)).state is State.CANCELED

    play(scenario, tmp_path)


@pytest.fixture
def no_lost_login_is_journaled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal that raises for one kind of fact and records all others."""
    append = DirectRecorder.append

    def fails(self: DirectRecorder, fact: AnyFact) -> None:
        if isinstance(fact, LoginLost):
            raise OSError("no more")
        append(self, fact)

    monkeypatch.setattr(DirectRecorder, "append", fails)


@pytest.mark.usefixtures("no_lost_login_is_journaled")
def test_a_fact_that_fails_while_it_waits_takes_nothing_along(
    tmp_path: Path, journaled: list[AnyFact]
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        journaled.clear()

        def tell(event: OrderChanged) -> None:
            t.engine.apply(LoginLost(order_id=order.id, at=event.order.started_ns))
            t.engine.apply(MarketNowAsked(order_id=order.id, at=event.order.started_ns))

        unlisten = t.engine.listen(at_each(DeadlineMoved, tell))
        await t.engine.pause(order.id)  # it is not at fault, and hears nothing of it
        unlisten()
        assert kinds(journaled) == ["DeadlineMoved", "MarketNowAsked", "CancelSent"]
        assert "an error of its own (OSError)" in t.notices(Level.ALARM)[-1]
        assert outcome(await t.until_final(order)) == (State.FILLED, 100)

    play(scenario, tmp_path)


@pytest.mark.usefixtures("no_lost_login_is_journaled")
def test_a_fact_that_fails_is_raised_to_who_told_it_and_the_next_one_is_applied(
    tmp_path: Path, journaled: list[AnyFact]
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        journaled.clear()
        with pytest.raises(OSError, match="no more"):
            t.engine.apply(LoginLost(order_id=order.id, at=order.started_ns))
        assert t.now(order) == order
        t.engine.apply(MarketNowAsked(order_id=order.id, at=order.started_ns))
        assert kinds(journaled) == ["MarketNowAsked", "CancelSent"]

    play(scenario, tmp_path)


@pytest.mark.scenario(126)
def test_what_raises_after_a_fact_is_journaled_keeps_nothing_else_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()

        def refuses(self: Deadlines, changed: ParentOrder) -> None:
            monkeypatch.undo()
            t.engine.apply(MarketNowAsked(order_id=order.id, at=order.started_ns))
            raise RuntimeError("no timer")

        monkeypatch.setattr(Deadlines, "sync", refuses)
        await t.engine.pause(order.id)
        assert t.now(order).deadline_ns == order.started_ns, "what was told meanwhile is applied"
        assert t.now(order).state is State.CANCELING
        assert "(RuntimeError)" in t.notices(Level.ALARM)[0]
        await t.until_final(order)

    play(scenario, tmp_path)


STEPS = [
    "core.engine.deadlines.Deadlines.sync",
    "core.engine.stream_watchdog.StreamWatchdog.see",
    "core.engine.account_state.AccountState.count",
    "tests.support.recorder.DirectRecorder.keep_ended",
]


@pytest.mark.scenario(126)
@pytest.mark.parametrize("step", STEPS)
def test_journal_and_state_never_differ_whatever_raises_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()

        def raises(*_: object, **__: object) -> None:
            raise OSError(24, "Too many open files")

        monkeypatch.setattr(step, raises)
        t.fill(order, 100)
        await asyncio.sleep(0.1)
        monkeypatch.undo()
        assert t.now(order).state is State.FILLED
        with closing(JournalReader(t.run.journal)) as reader:
            assert replay(reader.load())[order.id] == t.now(order)

    play(scenario, tmp_path)
