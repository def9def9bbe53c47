"""Bugs planted on purpose: the simulation must find each of them within a few hundred days.

Each replaces a function of the pure core or of the dispatcher by one that is wrong. Those that
other engines really have are in `borrowed`.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from core.engine import account_refresher
from core.engine.dispatcher import Dispatcher, Flushable
from core.engine.pricer import Pricer
from core.journal.damage import JournalError
from core.market import quotes, venue_time
from core.market.quote_board import QuoteBoard
from core.market.quotes import Quote, Unusable
from core.market.venue_time import VenueTime
from core.orders import child_record, facts, fallback, next_action, permissions, reducer
from core.orders.commands import Cancel, Command, Post, Read
from core.orders.ids import client_id
from core.orders.state import Cause, ChildOrder, Liveness, ParentOrder, State, with_child
from core.orders.venue_answers import to_read
from core.orders.venue_answers.table import CHILD_RULES
from core.risk import send_gate
from tests.simulation.borrowed import BORROWED
from tests.simulation.day import play
from tests.simulation.patches import Draft, Patches, Plant, buried, planted

MOST_SEEDS = 500

# ---- the bugs -------------------------------------------------------------------------------


def _no_execution_id_check(p: Patches) -> None:
    def wrong(child: ChildOrder, new: facts.Execution, cum: Decimal) -> tuple[ChildOrder, str]:
        return replace(
            child,
            executions=(*child.executions, new),
            execution_ids=child.execution_ids | {new.id},
            explained=child.explained + new.qty,
        ), ""

    p.function(child_record, "_add_execution", wrong)


def _taken_means_cancelled(p: Patches) -> None:
    p.rule(facts.CancelTaken, lambda o, c, f: buried(o, c, f.at, "canceled"))


def _refused_means_cancelled(p: Patches) -> None:
    p.rule(facts.CancelRefused, lambda o, c, f: buried(o, c, f.at, "canceled"))


def _timer_means_dead(p: Patches) -> None:
    right = reducer.PARENT_RULES[facts.DeadlineReached]

    def wrong(order: ParentOrder, fact: facts.DeadlineReached) -> Draft:
        order, commands = right(order, fact)
        for child in order.live_children:
            order, _ = buried(order, replace(child, cancels=1), fact.at, "canceled")
        return order, commands

    p.rule(facts.DeadlineReached, wrong)


def _new_id_on_retry(p: Patches) -> None:
    def wrong(order: ParentOrder, child: ChildOrder, fact: facts.NotFound) -> Draft:
        child = replace(child, reads=child.reads + 1, misses=child.misses + 1)
        if child.dead or child.broker_id is not None or child.misses < 3:
            return with_child(order, child), [Read(child.client_id, 10**9)]
        order, _ = buried(order, child, fact.at, child_record.NEVER_SENT)
        name = client_id(order.id, len(order.children) + 1)
        again = ChildOrder(name, child.kind, order.rest, child.limit_price)
        return replace(order, children=(*order.children, again)), [Post(name)]

    p.rule(facts.NotFound, wrong)


def _not_found_means_dead(p: Patches) -> None:
    def wrong(order: ParentOrder, child: ChildOrder, fact: facts.NotFound) -> Draft:
        if child.dead or child.liveness is Liveness.UNSENT:
            return order, []
        return buried(order, child, fact.at, "canceled")

    p.rule(facts.NotFound, wrong)


def _stale_new_erases_the_cancel(p: Patches) -> None:
    right = child_record._fate

    def wrong(child: ChildOrder, fact: facts.Reported, *args: Any, **more: Any) -> Any:
        liveness, status = right(child, fact, *args, **more)
        if liveness is Liveness.CANCEL_SENT and fact.status in ("new", "pending_new"):
            return Liveness.WORKING, status
        return liveness, status

    p.function(child_record, "_fate", wrong)


def _fallback_for_all(p: Patches) -> None:
    right = fallback.add_fallback

    def wrong(order: ParentOrder, *args: Any, **more: Any) -> ParentOrder:
        order = right(order, *args, **more)
        last = replace(order.children[-1], qty=order.qty)
        return replace(order, children=(*order.children[:-1], last))

    p.function(fallback, "add_fallback", wrong)
    p.function(permissions, "may_post", lambda order, name: not order.cancel_asked)


def _filled_from_executions(p: Patches) -> None:
    def wrong(child: ChildOrder, fact: facts.Reported, **more: Any) -> Any:
        return child.explained, fact.avg_price or child.avg_price

    p.function(child_record, "_cumulative", wrong)


def _latest_word_counts(p: Patches) -> None:
    def wrong(child: ChildOrder, fact: facts.Reported, **more: Any) -> Any:
        return fact.filled, fact.avg_price or child.avg_price

    p.function(child_record, "_cumulative", wrong)


def _cancel_keeps_the_fallback(p: Patches) -> None:
    def wrong(order: ParentOrder, fact: facts.CancelAsked) -> Draft:
        if order.final or order.cause is not Cause.NONE:
            return order, []
        return replace(order, cause=Cause.TIMEOUT, deadline_ns=fact.at), []

    p.rule(facts.CancelAsked, wrong)


def _refusal_after_doubt(p: Patches) -> None:
    right = CHILD_RULES[facts.PostRefused]
    p.rule(facts.PostRefused, lambda o, c, f: right(o, replace(c, doubt=False), f))


def _unanswered_means_refused(p: Patches) -> None:
    def wrong(order: ParentOrder, child: ChildOrder, fact: facts.PostUnanswered) -> Draft:
        if child.broker_id is not None or child.dead:
            return order, []
        return buried(order, child, fact.at, child_record.REFUSED)

    p.rule(facts.PostUnanswered, wrong)


class _Unwaited:
    """A recorder of which nobody waits until it has written."""

    async def flush(self) -> None:
        """Nothing is waited for."""


class _NeverFull:
    """A recorder whose failures nobody hears of."""

    def __init__(self, recorder: Flushable) -> None:
        self._recorder = recorder

    async def flush(self) -> None:
        """Wait, and take whatever it was for a success."""
        with contextlib.suppress(JournalError):
            await self._recorder.flush()


def _post_with(p: Patches, recorder: Callable[[Flushable], Flushable]) -> None:
    right = Dispatcher._post

    async def wrong(self: Dispatcher, order_id: str, client_id: str) -> None:
        real = self._recorder
        self._recorder = recorder(real)
        try:
            await right(self, order_id, client_id)
        finally:
            self._recorder = real

    p.function(Dispatcher, "_post", wrong)


def _post_before_the_journal(p: Patches) -> None:
    _post_with(p, lambda real: _Unwaited())


def _full_disk_is_no_matter(p: Patches) -> None:
    _post_with(p, _NeverFull)


def _deadline_ignores_pause(p: Patches) -> None:
    right = reducer.PARENT_RULES[facts.DeadlineMoved]

    def wrong(order: ParentOrder, fact: facts.DeadlineMoved) -> Draft:
        return (order, []) if fact.deadline_ns is None else right(order, fact)

    p.rule(facts.DeadlineMoved, wrong)


def _extension_from_the_press(p: Patches) -> None:
    right = reducer.PARENT_RULES[facts.DeadlineMoved]

    def wrong(order: ParentOrder, fact: facts.DeadlineMoved) -> Draft:
        moved = fact.deadline_ns and fact.at + 10**10
        return right(order, replace(fact, deadline_ns=moved))

    p.rule(facts.DeadlineMoved, wrong)


def _restart_counts_anew(p: Patches) -> None:
    right = reducer.PARENT_RULES[facts.Resumed]

    def wrong(order: ParentOrder, fact: facts.Resumed) -> Draft:
        if not order.final and order.deadline_ns is not None and order.cause is Cause.NONE:
            whole = int(order.instruction.plan.timeout * 10**9)
            order = replace(order, deadline_ns=fact.at + whole)
        return right(order, fact)

    p.rule(facts.Resumed, wrong)


def _resume_sends_the_unsent(p: Patches) -> None:
    def wrong(order: ParentOrder, child: ChildOrder, fact: facts.NotFound) -> Draft:
        return order, [Post(child.client_id)]

    p.function(to_read, "_never_left", wrong)


def _others_cancel_falls_back(p: Patches) -> None:
    right = fallback.limit_was_ours
    p.function(fallback, "limit_was_ours", lambda order: len(order.children) == 1 or right(order))


def _dead_lives_again(p: Patches) -> None:
    right = child_record._after_death

    def wrong(child: ChildOrder, fact: facts.Reported, filled: Decimal) -> Any:
        if fact.status not in child_record.TERMINAL:
            return Liveness.WORKING, fact.status
        return right(child, fact, filled)

    p.function(child_record, "_after_death", wrong)


def _late_fill_opens_again(p: Patches) -> None:
    p.function(next_action, "filled_late", lambda order: replace(order, state=State.WORKING))


def _bust_unheard(p: Patches) -> None:
    right = CHILD_RULES[facts.Reported]
    p.rule(
        facts.Reported,
        lambda o, c, f: (o, []) if f.event in child_record.BUSTS else right(o, c, f),
    )
    _ended_orders_are_not_listed(p)


def _window_without_end(p: Patches) -> None:
    p.function(fallback, "fallback_in_time", lambda order, at: True)


def _market_beside_our_own(p: Patches) -> None:
    p.function(send_gate, "wash_trade", lambda side, limit, resting: "")


def _restricted_short(p: Patches) -> None:
    p.function(send_gate, "short_restricted", lambda symbol, limit, bid: "")


def _new_price_before_the_proof(p: Patches) -> None:
    right = reducer.PARENT_RULES[facts.PriceSet]

    def wrong(order: ParentOrder, fact: facts.PriceSet) -> Draft:
        order, commands = right(order, fact)
        if order.final or order.cause is not Cause.NONE:
            return order, commands
        for child in order.live_children:
            if child.liveness is Liveness.WORKING:
                order, _ = buried(order, replace(child, cancels=1), fact.at, "canceled")
                commands = [*commands, Cancel(child.client_id)]
        return order, commands

    p.rule(facts.PriceSet, wrong)


def _six_reads_prove_an_end(p: Patches) -> None:
    def wrong(order: ParentOrder, child: ChildOrder, at: int) -> Draft:
        return buried(order, child, at, child_record.ABSENT)

    p.function(to_read, "_unproven", wrong)


def _ended_orders_are_not_listed(p: Patches) -> None:
    p.function(account_refresher, "_differs", lambda order, name, report: False)


def _what_appears_late_is_left(p: Patches) -> None:
    def wrong(order: ParentOrder, commands: list[Command]) -> Draft:
        return order, commands

    p.function(next_action, "_after_the_end", wrong)


# ---- the age of a quote ---------------------------------------------------------------------


def _age_since_arrival(p: Patches) -> None:
    def wrong(quote: Quote, now_ns: int, time: VenueTime | None, max_age_ns: int) -> Any:
        return Unusable.STALE if now_ns - quote.received_ns > max_age_ns else None

    p.function(quotes, "why_old", wrong)


def _early_quotes_count(p: Patches) -> None:
    p.function(venue_time, "early_ns", lambda own_ns, now_ns, time: 0)


def _no_time_is_new(p: Patches) -> None:
    right = quotes.why_old

    def wrong(quote: Quote, *args: Any) -> Any:
        return right(quote, *args) if venue_time.timed(quote.exchange_ns) else None

    p.function(quotes, "why_old", wrong)


def _age_at_the_submit_only(p: Patches) -> None:
    def wrong(self: Pricer, order: ParentOrder) -> tuple[Quote | None, str]:
        return self._board.quotes.get(order.symbol), "There is no quote."

    p.function(Pricer, "_usable", wrong)


def _age_by_the_computers_clock(p: Patches) -> None:
    right = venue_time.age

    def wrong(own_ns: int, now_ns: int, time: VenueTime | None) -> Any:
        return right(own_ns, now_ns, time and VenueTime(0, 0, now_ns))

    p.function(venue_time, "age", wrong)


def _latest_arrival_wins(p: Patches) -> None:
    p.function(QuoteBoard, "_wins", lambda self, item, held: True)


@dataclass(frozen=True)
class Bug:
    """One planted bug; `seed` is where the search begins, as it was found there before."""

    name: str
    plant: Plant
    seed: int = 1


BUGS = (
    Bug("an execution is counted as often as it is told", _no_execution_id_check),
    Bug("the answer 204 to a DELETE counts as proof", _taken_means_cancelled),
    Bug("the answer 422 to a DELETE counts as proof", _refused_means_cancelled),
    Bug("the fallback is sent when the timer fires, before proof", _timer_means_dead),
    Bug("a retry gets a new client id", _new_id_on_retry),
    Bug("404 means dead", _not_found_means_dead),
    Bug("a cancel is erased by a stale `new`", _stale_new_erases_the_cancel),
    Bug("the fallback is for the original quantity", _fallback_for_all),
    Bug("filled is taken from the executions only", _filled_from_executions),
    Bug("the latest word counts, however old", _latest_word_counts),
    Bug("a person's cancel does not forbid the fallback", _cancel_keeps_the_fallback),
    Bug("a refused second POST is believed", _refusal_after_doubt),
    Bug("a POST without an answer counts as refused", _unanswered_means_refused),
    Bug("the POST leaves before the journal is written", _post_before_the_journal),
    Bug("a full disk does not hold the POST back", _full_disk_is_no_matter),
    Bug("the deadline ignores a pause", _deadline_ignores_pause),
    Bug("ten more seconds count from the press", _extension_from_the_press),
    Bug("a restart counts the time anew", _restart_counts_anew),
    Bug("a later run sends a limit that never left", _resume_sends_the_unsent, 230),
    Bug("what others cancelled is replaced by a market order", _others_cancel_falls_back),
    Bug("a dead order lives again by a stale frame", _dead_lives_again),
    Bug("a late fill opens an ended order again", _late_fill_opens_again),
    Bug("a bust is not heard", _bust_unheard),
    Bug("the window of the fallback has no end", _window_without_end),
    Bug("a market order is sent beside our own opposite order", _market_beside_our_own),
    Bug("a short is sent at market while shorts are restricted", _restricted_short, 100),
    Bug("a price set by hand does not wait for the proof", _new_price_before_the_proof),
    Bug("six reads that find nothing prove an end", _six_reads_prove_an_end),
    Bug("what the venue says later of ended orders is not looked at", _ended_orders_are_not_listed),
    Bug("what appears after the end is left alone", _what_appears_late_is_left),
    Bug("a quote's age counts from its arrival", _age_since_arrival),
    Bug("a quote of a time to come counts", _early_quotes_count),
    Bug("a quote without a time counts as new", _no_time_is_new),
    Bug("the oldest quote holds at the submit only", _age_at_the_submit_only),
    Bug("a quote's age is taken by the computer's clock", _age_by_the_computers_clock),
    Bug("the quote that arrived last wins, whatever its time", _latest_arrival_wins),
    *(Bug(name, plant, seed) for name, plant, seed in BORROWED),
)


@dataclass(frozen=True)
class Catch:
    """The seed that caught a bug, after how many days, and what it said; seed 0 for none."""

    name: str
    seed: int
    days: int
    violation: str


def search(number: int, first: int | None = None) -> Catch:
    """Play days with one bug in until one is judged wrong, at most `MOST_SEEDS` of them."""
    bug = BUGS[number]
    start = bug.seed if first is None else first
    with planted(bug.plant):
        for days in range(MOST_SEEDS):
            seed = (start - 1 + days) % MOST_SEEDS + 1
            result = play(seed)
            if result.violation:
                return Catch(bug.name, seed, days + 1, result.violation)
    return Catch(bug.name, 0, MOST_SEEDS, "")


def search_from_one(number: int) -> Catch:
    """`search` without what is remembered."""
    return search(number, 1)
