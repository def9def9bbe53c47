"""The price in force, the plan's step or a person's own, and how the order gets there.

Pure. The rules:

* Steps run by the plan's clock, from the click. Ten more seconds lengthen the last one; a paused
  order stays at its price; steps that passed unattended are skipped.
* At a step's end the order is priced anew from the quote of that moment, never past its far
  touch, and never worse than the trader's limit. Without a limit the collar of the arrival
  quote holds. While there is no usable quote it stays at its price, and asks again.
* A price that a person sets takes the place of the step in force and of those to come. It is
  what the person says, whatever the quote does meanwhile; the deadline stays.
* The same legal price again sends nothing.
* Another price is a cancel, its proof, and a new limit for the proven rest. A PATCH would keep the
  shares reserved, but what it replaces may fill meanwhile, and then both could: no PATCH leaves.
  Journals of versions that sent one are still understood.
"""

from decimal import Decimal
from itertools import accumulate

from msgspec.structs import replace

from core.market.limit_price import LimitPrice, collar_price, limit_price
from core.market.prices import ZERO, Side, ticks_between
from core.market.quotes import Quote
from core.market.time import NS
from core.orders import child_record
from core.orders.commands import Cancel, Command, Post, PriceStep, Read
from core.orders.facts import Reported, Source, StepPriced
from core.orders.ids import next_id
from core.orders.plan import Plan
from core.orders.state import Cause, ChildKind, ChildOrder, Liveness, ParentOrder, with_child

MAX_RESERVED_RETRIES = 5
PROOF_GRACE_NS = 2 * NS  # how long the stream may take to prove something before we read
BACKOFF_NS = NS // 4
BACKOFF_CAP_NS = 10 * NS
_MISSES = 8  # reads that do not find a replacement, before what replaced is somebody else's
_REPLACEABLE = ("new", "partially_filled")
_NEVER_WAS = frozenset(
    {
        child_record.NEVER_SENT,
        child_record.REFUSED,
        child_record.WITHHELD,
        child_record.UNREPLACED,
    }
)

Draft = tuple[ParentOrder, list[Command]]


def backoff_ns(tries: int) -> int:
    """0.25 s, doubling, at most 10 s."""
    return min(BACKOFF_NS << min(tries, 8), BACKOFF_CAP_NS)


# ---- prices ---------------------------------------------------------------------------------


def first_price(side: Side, bid: Decimal, ask: Decimal, plan: Plan, symbol: str = "") -> LimitPrice:
    """The price an order starts at: the first step's, not past the trader's limit.

    Raises Refusal like `prices.limit_price`.
    """
    priced = limit_price(side, bid, ask, plan.fraction, symbol)
    price = _not_worse(side, priced.price, plan.limit)
    if price == priced.price:
        return priced
    better = ticks_between(bid, price) if side is Side.SELL else ticks_between(price, ask)
    return LimitPrice(price, better, ZERO, collapsed=False)


def step_price(order: ParentOrder, quote: Quote) -> Decimal:
    """What the step in force costs at `quote`, dollars a share. Raises Refusal."""
    plan = order.instruction.plan
    worst = plan.limit
    if worst is None:
        worst = collar_price(order.side, order.quote.bid, order.quote.ask)
    fraction = plan.all_steps[order.step].fraction
    price = limit_price(order.side, quote.bid, quote.ask, fraction, order.symbol).price
    return _not_worse(order.side, price, worst)


def _not_worse(side: Side, price: Decimal, worst: Decimal | None) -> Decimal:
    if worst is None:
        return price
    return max(price, worst) if side is Side.SELL else min(price, worst)


def fallback_limit(order: ParentOrder, price: Decimal) -> Decimal:
    """The limit of a collared fallback, held to the trader's own."""
    return _not_worse(order.side, price, order.instruction.plan.limit)


# ---- the plan's clock -----------------------------------------------------------------------


def step_at(order: ParentOrder, at: int) -> int:
    """The step in force at `at`; it never goes back."""
    steps = order.instruction.plan.all_steps
    ends = accumulate((int(s.seconds * NS) for s in steps), initial=order.started_ns)
    over = sum(end <= at for end in ends) - 1
    return max(min(over, len(steps) - 1), order.step)


def step_starts(order: ParentOrder) -> tuple[int, ...]:
    """When each later step begins, by the run's clock; none follows a price set by hand."""
    steps = order.instruction.plan.steps
    if order.own_price is not None or not steps:
        return ()
    begins = tuple(accumulate((int(s.seconds * NS) for s in steps), initial=order.started_ns))
    return begins[order.step + 1 : len(steps)]


def next_step_ns(order: ParentOrder) -> int | None:
    """When the next step begins; None in the last one."""
    return next(iter(step_starts(order)), None)


def step_on(order: ParentOrder, at: int) -> ParentOrder:
    """The order with the step that is in force at `at`; none follows a price set by hand."""
    step = order.step if order.own_price is not None else step_at(order, at)
    return order if step == order.step else replace(order, step=step, unpriced=0)


# ---- what is to be done ---------------------------------------------------------------------


def predecessor(order: ParentOrder, child: ChildOrder) -> ChildOrder | None:
    """The child that this one was to replace; None for one that was posted."""
    return order.child(child.replaces) if child.replaces else None


def came_to_nothing(order: ParentOrder, child: ChildOrder) -> bool:
    """A replacement that never took its predecessor's place."""
    old = predecessor(order, child)
    if old is None or not child.dead or child.filled:
        return False
    return child.status in _NEVER_WAS or old.status != "replaced"


def last_child(order: ParentOrder) -> ChildOrder:
    """The last child that took its place; its end says how the order goes on."""
    return next(c for c in reversed(order.children) if not came_to_nothing(order, c))


def is_first(order: ParentOrder, child: ChildOrder) -> bool:
    """Whether it is the limit that the order began with."""
    return child.client_id == order.children[0].client_id


def never_left(order: ParentOrder, child: ChildOrder) -> bool:
    """A limit after the first that was not sent or not taken yet: the plan goes on without it."""
    if is_first(order, child) or child.kind is not ChildKind.LIMIT:
        return False
    waits = (
        child.shares_reserved
        and child.status == child_record.REFUSED
        and reserved_refusals(order) <= MAX_RESERVED_RETRIES
    )
    return waits or child.status == child_record.NEVER_SENT


def reserved_refusals(order: ParentOrder) -> int:
    """How often a limit was refused because its shares were still being released."""
    return sum(
        c.shares_reserved for c in order.children if c.kind is ChildKind.LIMIT and not c.replaces
    )


def limits_were_ours(order: ParentOrder) -> bool:
    """Every limit ended by a cancel that we asked for, by our own replacing, or never left."""
    return all(
        child.status == child_record.NEVER_SENT
        or never_left(order, child)
        or (child.status == "canceled" and child.ended_by_us)
        for child in order.children
        if child.kind is ChildKind.LIMIT
        and child.status != "replaced"
        and not came_to_nothing(order, child)
    )


def may_move(order: ParentOrder) -> bool:
    """Whether it ever leaves its first price: its plan has steps, or a person set another."""
    return order.own_price is not None or bool(order.instruction.plan.steps)


def is_priced(order: ParentOrder, child: ChildOrder) -> bool:
    """Whether `child` stands for the price in force."""
    return child.step == order.step and child.by_hand == order.times_set


def outdated(order: ParentOrder, child: ChildOrder) -> bool:
    """A limit after the first that has not left, and the price in force is another by now."""
    waits = child.liveness is Liveness.UNSENT and not child.unread
    return waits and not is_first(order, child) and not is_priced(order, child)


def is_theirs(child: ChildOrder) -> bool:
    """Made by somebody else in place of ours, and so theirs to move."""
    return child.broker_id == child.client_id


def replacing(order: ParentOrder) -> bool:
    """Another price is on its way, and the venue has not proven that it is in force."""
    if not may_move(order):
        return False
    live = order.live_children
    if len(live) != 1:
        return True
    child = live[0]
    if child.liveness is Liveness.CANCEL_SENT or not is_priced(order, child):
        return not is_theirs(child)
    return child.acked_at is None and not is_first(order, child)


def wants_price(order: ParentOrder) -> bool:
    """The price in force is not that of any live order, and nothing must be known first."""
    if not may_move(order) or order.final or order.cause is not Cause.NONE:
        return False
    if order.busted or not order.rest:
        return False
    live = order.live_children
    if not live:
        last = last_child(order)
        gone = last.status == "canceled" or never_left(order, last)
        return gone and limits_were_ours(order)
    child = live[0]
    return (
        len(live) == 1
        and not is_priced(order, child)
        and child.liveness is Liveness.WORKING
        and child.kind is ChildKind.LIMIT
        and not child.unread
        and not is_theirs(child)
    )


def ask_price(order: ParentOrder) -> PriceStep:
    """The command to price the step; later and later while that is of no use."""
    if not order.live_children and (refused := reserved_refusals(order)):
        return PriceStep(max(_again_ns(order), (NS // 5) << (refused - 1)))
    return PriceStep(_again_ns(order))


def _again_ns(order: ParentOrder) -> int:
    return backoff_ns(order.unpriced) if order.unpriced else 0


def on_step_priced(order: ParentOrder, fact: StepPriced) -> Draft:
    """Stay, or cancel so that a new limit can follow; facts of version 0.1 may say replace."""
    if fact.step != order.step or not wants_price(order):
        return order, []
    if order.own_price is not None and fact.limit_price not in (None, order.own_price):
        return order, []
    if fact.limit_price is None:
        return replace(order, unpriced=order.unpriced + 1), []
    order = replace(order, unpriced=0)
    live = order.live_children
    if not live:
        return add_limit(order, fact)
    child = live[0]
    if child.limit_price == fact.limit_price:
        return with_child(order, replace(child, step=order.step, by_hand=order.times_set)), []
    if fact.keeps_reservation and _replaceable(order, child):
        return add_limit(order, fact, replaces=child.client_id)
    order = with_child(order, replace(child, liveness=Liveness.CANCEL_SENT))
    return order, [Cancel(child.client_id)]


def _replaceable(order: ParentOrder, child: ChildOrder) -> bool:
    """The venue can replace it: live, whole shares, and not refused at this price already."""
    tried = any(
        c.replaces == child.client_id
        and is_priced(order, c)
        and c.status != child_record.NEVER_SENT
        for c in order.children
    )
    whole = order.rest == order.rest.to_integral_value() and order.qty % 1 == 0
    return child.status in _REPLACEABLE and whole and not tried


def add_limit(order: ParentOrder, fact: StepPriced, replaces: str = "") -> Draft:
    """The order with a limit for the rest at the price in force, and the command to send it."""
    child = ChildOrder(
        next_id(order),
        ChildKind.LIMIT,
        order.rest,
        fact.limit_price,
        step=order.step,
        by_hand=order.times_set,
        replaces=replaces,
        made_ns=fact.at,
    )
    order = replace(order, children=(*order.children, child))
    return order, [Post(child.client_id)]


# ---- while a replacement is under way -------------------------------------------------------


def may_replace(order: ParentOrder, child: ChildOrder) -> bool:
    """Whether this PATCH may leave: its predecessor is live, and the quantity still right."""
    old = predecessor(order, child)
    live = old is not None and old.liveness is Liveness.WORKING
    return live and order.cause is Cause.NONE and order.filled + child.qty <= order.qty


def refused(order: ParentOrder, child: ChildOrder) -> Draft:
    """The venue would not replace: its reason may be a fill, so the old order is read first."""
    old = predecessor(order, child)
    if old is None or old.dead:
        return order, []
    return with_child(order, replace(old, unread=True)), [Read(old.client_id)]


def hopeless(order: ParentOrder, child: ChildOrder) -> bool:
    """What a replacement that is not found was to replace has ended: it can never come to be."""
    old = predecessor(order, child)
    return old is not None and old.dead and old.status != "replaced"


def after_report(
    order: ParentOrder, before: ChildOrder, child: ChildOrder, fact: Reported
) -> list[Command]:
    """Reads that bring a replacement to its end although frames get lost.

    One of the old and the new order is read after the other until one of them is dead; when
    all frames come, none is needed.
    """
    read = fact.source is Source.READ
    old = predecessor(order, child)
    if old is not None and not old.dead and not child.dead:
        if before.acked_at is None:
            return [Read(old.client_id, PROOF_GRACE_NS, unless_told=True)]
        return [Read(old.client_id, backoff_ns(child.reads))] if read else []
    heirs = [
        c for c in order.live_children if c.replaces == child.client_id and c.broker_id is not None
    ]
    if child.dead and child.status == "replaced":
        return []
    if child.dead or fact.event == "order_replace_rejected":
        return [Read(c.client_id, PROOF_GRACE_NS, unless_told=True) for c in heirs]
    if heirs and read and fact.status == "pending_replace":
        return [Read(child.client_id, backoff_ns(child.reads))]
    return [Read(c.client_id) for c in heirs] if read else []


def successors(order: ParentOrder, commands: list[Command]) -> ParentOrder:
    """Whatever the venue says has replaced a child counts against what was asked.

    One that is not ours gets a child of its own, under the broker's id.
    """
    for child in order.children:
        name = child.replaced_by
        if not name or any(name in (c.broker_id, c.client_id) for c in order.children):
            continue
        ours = [c for c in order.children if c.replaces == child.client_id and not c.broker_id]
        if any(not c.dead for c in ours):
            continue  # being read: it may be this one
        lost = [c for c in ours if c.status == child_record.UNREPLACED and c.misses < _MISSES]
        if lost:
            order = with_child(order, _revived(lost[0]))
            commands.append(Read(lost[0].client_id, backoff_ns(lost[0].misses)))
            continue
        commands.append(Read(name))
        foreign = ChildOrder(
            client_id=name,
            kind=ChildKind.LIMIT,
            qty=order.rest,
            limit_price=None,
            liveness=Liveness.UNKNOWN,
            broker_id=name,
            doubt=True,
        )
        order = replace(order, children=(*order.children, foreign))
    return order


def _revived(child: ChildOrder) -> ChildOrder:
    """A replacement that was given up, now that something did replace its elder."""
    return replace(child, liveness=Liveness.UNKNOWN, dead_at=None)


def bearer(order: ParentOrder, child: ChildOrder, broker_id: str) -> ChildOrder:
    """The child that stands for that order of the broker's: one order, one child."""
    for other in order.children:
        if other.broker_id == broker_id:
            return other
    return child
