"""One sentence for each fact in the life of an order. Pure."""

from core.orders import facts as f
from core.orders.execution_quality import better_than_touch
from core.orders.facts import Source
from core.orders.state import Cause, ChildOrder, ParentOrder
from core.wording.numbers import MINUS, per_share, price, qty
from core.wording.order_words import SOURCES, child_title, status_words, step_fraction, step_words
from core.wording.times import clock_time


def fact_source(fact: f.AnyFact) -> str:
    """Who told a fact, and the beginning of the execution's id of a fill."""
    if isinstance(fact, f.Reported) and fact.execution is not None:
        return f"{told_from(fact)}, execution {fact.execution.id[:8]}"
    return told_from(fact)


def told_from(fact: f.AnyFact) -> str:
    """Who told a fact: the venue and by which way, a person, Touchline, or nobody: assumed."""
    match fact:
        case f.Reported(source=source):
            return SOURCES[source]
        case f.CancelAsked(by=by) if by != "person":
            return by
    return _TOLD_FROM.get(type(fact), SOURCES[Source.SELF])


_TOLD_FROM: dict[type[f.AnyFact], str] = {
    **dict.fromkeys((f.OrderAccepted, f.CancelAsked, f.MarketNowAsked), "you"),
    **dict.fromkeys((f.DeadlineMoved, f.PriceSet), "you"),
    **dict.fromkeys((f.PostRefused, f.CancelTaken, f.CancelRefused), SOURCES[Source.POST]),
    **dict.fromkeys((f.PostUnanswered, f.CancelFailed, f.ReadFailed), "no REST reply"),
    **dict.fromkeys((f.VenueGone, f.LoginLost), "assumed"),
    f.NotFound: SOURCES[Source.READ],
    f.Resumed: "journal",
}


def fact_sentence(fact: f.AnyFact, order: ParentOrder) -> str:
    """What a fact says, in plain words. `order` is the state after it."""
    if isinstance(fact, f.Reported):
        return _reported(fact, order)
    if isinstance(fact, f.ChildFact):
        return _about_child(fact, order)
    return _about_parent(fact, order)


def _about_parent(fact: f.AnyFact, order: ParentOrder) -> str:
    match fact:
        case f.OrderAccepted():
            shown = fact.instruction.preview
            at = f"clicked at {price(fact.quote.bid)} / {price(fact.quote.ask)}"
            return f"{at}, shown {price(shown.limit_price)}" if shown else at
        case f.CancelAsked(by=by):
            who = "you asked to cancel" if by == "person" else f"cancel asked by {by}"
            return f"{who}: no fallback any more"
        case f.MarketNowAsked():
            return "you asked for the market now"
        case f.DeadlineMoved(deadline_ns=None):
            return "countdown paused"
        case f.DeadlineMoved(deadline_ns=int(deadline)):
            return f"deadline moved to {clock_time(deadline)}"
        case f.PriceSet(limit_price=limit):
            return f"you set the price to {price(limit)}{_given_up(order)}"
        case f.DeadlineReached() if order.cause is Cause.NONE:
            return f"{step_words(order)} begins"
        case f.DeadlineReached():
            return "time is up"
        case f.Resumed(unrecorded=True):
            return "taken up after a run that could not record its end: nothing more is sent"
        case f.Resumed():
            return "taken up from the journal by a new run"
        case f.VenueGone():
            return "the embedded exchange has ended, and its orders with it"
        case f.LoginLost():
            return "the venue does not accept the keys: unknown until it does"
        case f.FallbackPriced(limit_price=None, reason=reason):
            return f"the collared fallback could not be priced: {reason or 'no usable quote'}"
        case f.FallbackPriced(limit_price=limit):
            return f"collared fallback priced at {price(limit)}"
        case f.StepPriced(limit_price=None, reason=reason) if order.own_price is not None:
            return f"{price(order.own_price)} could not be sent: {reason}"
        case f.StepPriced() if order.own_price is not None:
            return f"your price may be sent: {price(order.own_price)}"
        case f.StepPriced(limit_price=None, reason=reason):
            return f"{step_words(order)} could not be priced: {reason}"
        case f.StepPriced(step=step, limit_price=limit):
            return f"{step_words(order)} is priced {step_fraction(order, step)}: {price(limit)}"
    return type(fact).__name__


def _about_child(fact: f.ChildFact, order: ParentOrder) -> str:
    child = order.child(fact.client_id)
    name = child_title(child) if child else fact.client_id
    match fact:
        case f.PostSent():
            return f"journaled, then sent: {_as_sent(child)}" if child else f"sent {name}"
        case f.PostRefused(message=message):
            return f"{name} refused by the venue: {message}"
        case f.PostWithheld(reason=reason):
            return f"{name} was not sent: {reason}"
        case f.PostBarred(reason=reason, retry_after=again):
            waits = "" if again is None else " It waits."
            return f"{name} was not sent: {reason}{waits}"
        case f.PostUnanswered(reason=reason):
            return f"no usable answer about {name} ({reason}); it is being read"
        case f.CancelSent():
            return f"cancel of {name} sent"
        case f.CancelTaken():
            return "cancel request taken; this proves nothing yet"
        case f.CancelRefused(message=message):
            return f"cancel refused ({message}); {name} is being read"
        case f.CancelFailed(reason=reason):
            return f"no usable answer to the cancel ({reason})"
        case f.NotFound():
            return f"the venue finds no {name}; this proves nothing yet"
        case f.ReadFailed(reason=reason):
            return f"{name} could not be read ({reason})"
    return type(fact).__name__


def _given_up(order: ParentOrder) -> str:
    """What a price set by hand does to the plan."""
    later = len(order.instruction.plan.all_steps) - order.step - 1
    steps = "" if not later else f"; {later} later step{'s' if later > 1 else ''} given up"
    return f"{steps}; the deadline stays"


def _as_sent(child: ChildOrder) -> str:
    at = f" @ {price(child.limit_price)}" if child.limit_price is not None else ""
    if child.replaces:
        at += f" in place of {MINUS}{child.replaces.rpartition('-')[2]}"
    return f"{child.kind.value} {qty(child.qty)}{at}"


def _reported(fact: f.Reported, order: ParentOrder) -> str:
    child = order.child(fact.client_id)
    name = "" if child is None or child is order.children[0] else f"{child.kind.value}: "
    if fact.execution is not None:
        return name + _fill(fact.execution, order)
    words = status_words(fact.status or fact.event)
    if fact.filled and fact.status in ("canceled", "expired", "filled", "partially_filled"):
        words += f"; {qty(fact.filled)} filled"
    if fact.reason:
        words += f": {fact.reason}"
    return name + words


def _fill(execution: f.Execution, order: ParentOrder) -> str:
    better = better_than_touch(order, execution.price)
    gain = f" ({per_share(better)} a share)" if better else " (at the touch)"
    return f"filled {qty(execution.qty)} @ {price(execution.price)}{gain}"
