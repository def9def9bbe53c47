"""What will happen to an order next, in words and as a countdown. Pure: the time is passed in."""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from core.market.time import NS
from core.orders.execution_quality import gained
from core.orders.plan import Fallback
from core.orders.repricing import is_priced, is_theirs, next_step_ns
from core.orders.state import AT_WORK, Cause, ChildKind, ChildOrder, Liveness, ParentOrder, State
from core.wording.numbers import DOT, money, price, qty
from core.wording.order_words import step_fraction
from core.wording.times import seconds

PROOF_NS = 5 * NS  # how long a proof usually takes at most; only the bar's scale

STATE_WORDS = {
    State.SENDING: "sending",
    State.WORKING: "working",
    State.REPLACING: "replacing, not proven",
    State.CANCELING: "cancel asked, not proven",
    State.FALLBACK: "falling back",
    State.UNCERTAIN: "uncertain, being read",
    State.FILLED: "filled",
    State.CANCELED: "cancelled",
    State.REJECTED: "rejected",
    State.EXPIRED: "expired",
    State.ATTENTION: "needs you",
}


def state_words(order: ParentOrder) -> str:
    """Where an order stands; one that ended while nobody knew its fate is not called ended."""
    return "not proven" if order.final and not order.done else STATE_WORDS[order.state]


_PAUSED = "paused: works until you say otherwise"


class Phase(Enum):
    """What a countdown counts to."""

    NONE = auto()
    DEADLINE = auto()  # until the cancel
    PROOF = auto()  # until the venue proves something


@dataclass(frozen=True, slots=True)
class NextStep:
    """`lead`, `time` and `tail` read as one sentence; `share` 0..1 is what is left."""

    phase: Phase
    lead: str
    time: str = ""
    tail: str = ""
    share: float = 0.0

    @property
    def words(self) -> str:
        """The whole sentence."""
        middle = f" {self.time}" if self.time else ""
        return f"{self.lead}{middle}{self.tail}"


def next_step(order: ParentOrder, now_ns: int) -> NextStep:
    """What happens next to `order` if nobody does anything."""
    if order.final:
        return NextStep(Phase.NONE, ended(order))
    if order.at_market and order.state in AT_WORK:
        return NextStep(Phase.NONE, f"{qty(order.rest)} at market, waiting for fills")
    if order.state is State.REPLACING:
        return _moving(order, now_ns)
    if order.state is State.WORKING:
        return _working(order, now_ns)
    waited = now_ns - _waiting_since(order)
    share = max(0.0, 1 - waited / PROOF_NS)
    return NextStep(Phase.PROOF, _waits_for(order), seconds(waited), _after_proof(order), share)


def ended(order: ParentOrder) -> str:
    """How a final order ended: why, and what its fills gained against the touch at the click."""
    if order.avg_price is None:
        return order.reason
    gain = f"{money(gained(order), sign=True)} vs the {order.side.far_touch} at the click"
    return f"{order.reason.removesuffix('.')} {DOT} {gain}" if order.reason else gain


def _working(order: ParentOrder, now_ns: int) -> NextStep:
    if order.deadline_ns is None:
        return NextStep(Phase.NONE, _PAUSED)
    due, lead, tail = order.deadline_ns, "cancel in", f", {then(order)}"
    if (step := _step_due(order)) is not None:
        due, lead, tail = step, f"next price {step_fraction(order, order.step + 1)} in", ""
    left = due - now_ns
    share = min(1.0, max(0.0, left / max(due - order.started_ns, 1)))
    return NextStep(Phase.DEADLINE, lead, seconds(left), tail, share)


def _step_due(order: ParentOrder) -> int | None:
    """When the next step begins, if that comes before the deadline."""
    due = next_step_ns(order)
    late = due is None or (order.deadline_ns is not None and order.deadline_ns <= due)
    return None if late else due


def _moving(order: ParentOrder, now_ns: int) -> NextStep:
    """What is under way between two prices of one order."""
    live = order.live_children
    if not live:
        what = "a usable quote" if order.own_price is None else "the market"
        return NextStep(Phase.NONE, f"nothing is live: waits for {what}, then {_to(order)}")
    last = live[-1]
    since = max(last.made_ns, last.cancel_sent_at or 0)
    share, waited = max(0.0, 1 - (now_ns - since) / PROOF_NS), seconds(now_ns - since)
    if len(live) > 1 or is_priced(order, last):
        tail = f", then {price(last.limit_price)}"
        return NextStep(Phase.PROOF, _kept_back(order) or "replacing", waited, tail, share)
    if last.liveness is Liveness.WORKING:
        stays = f"stays at {price(last.limit_price)} until {_to(order)} may be sent"
        return NextStep(Phase.NONE, stays)
    return NextStep(Phase.PROOF, "waiting for proof", waited, f", then {_to(order)}", share)


def _to(order: ParentOrder) -> str:
    """The price that it is moved to."""
    if order.own_price is not None:
        return price(order.own_price)
    return step_fraction(order, order.step)


def _waits_for(order: ParentOrder) -> str:
    match order.state:
        case State.SENDING:
            return _kept_back(order) or "waiting for the venue's answer"
        case State.FALLBACK:
            return _kept_back(order) or f"{qty(order.rest)} to go, waiting for fills"
        case State.UNCERTAIN:
            return "reading its status"
    return "waiting for proof"


def _kept_back(order: ParentOrder) -> str:
    """Why the child that is to be sent next is not; empty when nothing keeps it back."""
    unsent = (c.error for c in order.live_children if c.liveness is Liveness.UNSENT)
    return next((error for error in unsent if error), "")


def _after_proof(order: ParentOrder) -> str:
    if order.state is State.CANCELING and order.cause in (Cause.TIMEOUT, Cause.MARKET_NOW):
        return f", {then(order)}"
    return ""


def then(order: ParentOrder) -> str:
    """What follows the proven cancel."""
    if order.cancel_asked or order.instruction.plan.fallback is Fallback.NONE:
        return "then nothing more"
    if order.instruction.plan.fallback is Fallback.COLLAR:
        return f"then {qty(order.rest)} at a collared limit"
    if order.instruction.plan.limit is not None:
        return f"then {qty(order.rest)} at {price(order.instruction.plan.limit)} or better"
    return f"then {qty(order.rest)} to market"


def afterwards(order: ParentOrder) -> str:
    """What comes of an open order if nobody does anything, without its countdown."""
    paused = order.state is State.WORKING and order.deadline_ns is None
    return _PAUSED if paused else then(order)


def due_step(order: ParentOrder) -> tuple[int, str] | None:
    """When the next thing is due on the run's clock and what it is; None when nothing is."""
    if order.state not in AT_WORK or order.deadline_ns is None or order.at_market:
        return None
    if (step := _step_due(order)) is not None:
        return step, f"next price: {step_fraction(order, order.step + 1)}"
    return order.deadline_ns, f"cancel, wait for proof, {then(order)}"


def _waiting_since(order: ParentOrder) -> int:
    """When the present wait began, as far as the children tell."""
    live = order.live_children
    if not live:
        return order.started_ns
    child: ChildOrder = live[-1]
    return child.cancel_sent_at or child.acked_at or child.as_of or order.started_ns


def planned_fallback(order: ParentOrder) -> ChildKind | None:
    """The kind of child that may still follow, None when none can."""
    if order.final or order.cancel_asked or order.instruction.plan.fallback is Fallback.NONE:
        return None
    if any(child.kind is not ChildKind.LIMIT for child in order.children):
        return None
    plan = order.instruction.plan
    if plan.fallback is Fallback.COLLAR or plan.limit is not None:
        return ChildKind.COLLAR
    return ChildKind.MARKET


class OrderAction(StrEnum):
    """What a person may ask or say of an order."""

    CANCEL = "cancel"
    MARKET_NOW = "market-now"
    PAUSE = "pause"
    MORE_TIME = "more-time"
    REPRICE = "reprice"
    ENDED = "ended"  # say how it ended, of one that nobody could prove

    @classmethod
    def _missing_(cls, value: object) -> "OrderAction | None":
        name = FORMER_ACTIONS.get(str(value))
        return None if name is None else cls(name)


FORMER_ACTIONS = {"hold": "pause"}  # names until 0.1, in kept keys and from older commands


def possible(action: OrderAction, order: ParentOrder) -> bool:
    """Whether asking this of `order` now means anything."""
    if action is OrderAction.ENDED:
        return order.final and not order.done
    if order.final or order.cancel_asked:
        return False
    if action is OrderAction.CANCEL:
        return True
    if order.at_market:
        return False
    if action is OrderAction.MARKET_NOW:
        return order.state is State.SENDING or order.state in AT_WORK
    if order.state not in AT_WORK:
        return False
    if action is OrderAction.REPRICE:
        return not any(is_theirs(child) for child in order.live_children)
    return action is OrderAction.MORE_TIME or order.deadline_ns is not None
