"""Judges a simulated day by the exchange's own books and by what passed on the wire.

What the engine believes counts for nothing here; what it shows is compared with the truth.
The numbers I1 to I8 are those of the fault list.
"""

import re
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from core.exchange.matching.orders import TERMINAL as ENDED
from core.exchange.matching.orders import Order
from core.market.prices import ZERO, Side
from core.market.time import NS
from core.orders.child_record import ABSENT
from core.orders.plan import Fallback, Instruction
from core.orders.state import ChildOrder, Liveness, ParentOrder, State
from core.venue.interface import OrderReport, PostReply, PostRequest, Refused
from tests.simulation.loop import KilledError
from tests.simulation.timeline import OverrunError
from tests.simulation.truth import Sent, Truth

if TYPE_CHECKING:
    from tests.simulation.day import Day
    from tests.simulation.run import Run

MOST_CHILDREN = 40  # of one order; on ordinary days there are four or five
_OURS = re.compile(r"tl-(.+)-(\d+)")
_LATE_NS = 2 * NS
_SLACK_NS = NS // 1000
_GONE_BACK = (
    Liveness.WORKING,
    Liveness.SENT,
    Liveness.UNSENT,
    Liveness.UNKNOWN,
    Liveness.CANCEL_SENT,
)
_UNCANCELLED = (Liveness.WORKING, Liveness.SENT, Liveness.UNSENT)


class Oracle:
    """Everything known for certain about this day's orders."""

    def __init__(self, day: "Day") -> None:
        self._day = day
        self.violation = ""
        self.truths: dict[str, Truth] = {}
        self._of: dict[str, tuple[str, str]] = {}  # broker id -> parent, name of the child

    def violate(self, rule: str, sentence: str) -> None:
        """A rule is broken; the first one ends the day."""
        if not self.violation:
            self.violation = f"{rule}: {sentence}"
            self._day.time.say("ORACLE", f"VIOLATION {self.violation}")
            self._day.end()

    def overrun(self, error: OverrunError) -> None:
        """The engine keeps itself busy, or waits for what never comes."""
        self.violate("end", f"the day did not end: {error}")

    def name_of(self, broker_id: str) -> str:
        """What a broker's order is called in the timeline."""
        return self._of.get(broker_id, ("", broker_id))[1]

    def truth_of(self, client_id: str) -> Truth | None:
        """The parent of one of our client ids."""
        match = _OURS.fullmatch(client_id)
        return self.truths.get(match[1]) if match else None

    # ---- what the person asked for -------------------------------------------------------------

    def accepted(self, order: ParentOrder, run: "Run") -> None:
        """The engine took an instruction."""
        asked: Instruction = order.instruction
        for other in run.engine.orders.values():
            if other.id != order.id and other.instruction.id == asked.id:
                self.violate("I3", f"{asked.id} was taken twice, as {other.id} and {order.id}")
        if order.id not in self.truths:
            self.truths[order.id] = Truth(
                order.id, asked, run.number, order.started_ns, order.deadline_ns, order.short
            )

    def pressed(self, run: "Run", order_id: str, what: str) -> None:
        """A person pressed something, now."""
        truth = self.truths[order_id]
        now = run.clock.now_ns()
        truth.presses += 1
        if what == "cancel":
            truth.cancel_run = run.number
        elif what == "market now":
            truth.market_now = True
        elif what == "price":
            return
        elif truth.deadline_ns is None or now < truth.deadline_ns:
            if what == "pause":
                truth.deadline_ns = None
            else:
                start = now if truth.deadline_ns is None else truth.deadline_ns
                truth.deadline_ns = start + 10 * NS

    def acknowledged(self, run: "Run", order_id: str, what: str) -> None:
        """The engine said that it is durable."""
        if what == "cancel":
            self.truths[order_id].cancel_durable = True

    # ---- what leaves the engine ----------------------------------------------------------------

    def post_leaves(self, run: "Run", request: PostRequest) -> None:
        """A POST goes on the wire: everything must be in order before it."""
        truth = self.truth_of(request.client_id)
        if truth is None:
            self.violate("I3", f"{request.client_id} was posted for no known order")
            return
        sent = truth.sent.setdefault(request.client_id, Sent(request.qty, request.limit_price))
        sent.posts += 1
        sent.flying += 1
        sent.answered = False
        if sent.qty != request.qty:
            self.violate("I3", f"{request.client_id} was posted again with another quantity")
        self._check_leave(truth, run, request.client_id, sent)
        first = request.client_id.endswith("-1")
        if first and run.number != truth.run:
            self.violate("I3", f"{request.client_id}, a limit, was sent by a later run")
        others = [c for c in truth.sent if c != request.client_id]
        for other in others:
            self._check_proof(truth, other, request)
        self._check_room(truth, request, sent)
        self._check_opposite(truth, request)
        self._check_short(truth, run, request.client_id, request.limit_price)
        if not (first or self._is_step(truth, run, request)):
            self._check_fallback(truth, run, request)

    def _check_leave(self, truth: Truth, run: "Run", client_id: str, sent: Sent) -> None:
        """What holds for a POST and for a PATCH."""
        if self._day.disk.durable_posts[client_id] < sent.posts:
            self.violate("I3", f"{client_id} was posted before the journal held it")
        if truth.cancel_run == run.number or truth.cancel_durable:
            self.violate("I7", f"{client_id} was posted after a person's cancel")
        if truth.bust_heard:
            self.violate("I5", f"{client_id} was posted after a fill was taken back")
        worst = truth.instruction.plan.limit
        if worst is not None and truth.worse(sent.limit_price, worst):
            self.violate("plan", f"{client_id} at {sent.limit_price} is past the limit {worst}")

    def _is_step(self, truth: Truth, run: "Run", request: PostRequest) -> bool:
        """A further limit of a plan of several steps, or at a person's price; not the fallback."""
        if request.limit_price is None or truth.market_now:
            return False
        moves = bool(truth.instruction.plan.steps or truth.set_prices)
        if truth.price_durable and truth.sent[request.client_id].posts == 1:
            moves = request.limit_price in truth.set_prices
        if not moves:
            return False
        held = truth.deadline_ns is None or truth.unsure
        return held or run.clock.now_ns() < (truth.deadline_ns or 0) + _SLACK_NS

    def _check_proof(self, truth: Truth, other: str, request: PostRequest) -> None:
        """The end of another child must have been heard, not guessed."""
        sent = truth.sent[other]
        order = self._order(other)
        if order is None and sent.replaces in truth.sent:
            old = self._order(sent.replaces)
            if old is not None and old.status in ENDED and old.id in truth.proven:
                return  # what has ended otherwise can no longer be replaced
        if order is None:
            if not (sent.refused and not sent.flying):
                self.violate(
                    "I7", f"{request.client_id} left while nobody knew what became of {other}"
                )
        elif order.status not in ENDED:
            self.violate("I7", f"{request.client_id} left while {other} is {order.status}")
        elif order.id not in truth.proven:
            self.violate("I7", f"{request.client_id} left before the end of {other} was heard")

    def _check_room(self, truth: Truth, request: PostRequest, sent: Sent) -> None:
        worst = request.qty
        for order in self._orders(truth):
            if order.client_order_id != request.client_id:
                worst += order.filled if order.status in ENDED else max(order.qty, order.filled)
        if worst > truth.asked + truth.unheard_late():
            self.violate(
                "I1", f"{request.client_id} over {request.qty} makes {worst} of {truth.asked}"
            )

    def _check_opposite(self, truth: Truth, request: PostRequest) -> None:
        """Nothing may leave that could trade with an order of ours whose end was not heard."""
        for other in self.truths.values():
            if other.instruction.symbol != request.symbol or other.side is truth.side:
                continue
            for name, sent in other.sent.items():
                if meet(truth.side, request.limit_price, sent.limit_price) and self._may_trade(
                    other, name
                ):
                    self.violate("wash", f"{request.client_id} left beside {name}, which is open")

    def _may_trade(self, truth: Truth, name: str) -> bool:
        """Whether a child is open at the exchange, or has ended there without our hearing it.

        One that was given up after many reads counts as gone while nothing of it is known.
        """
        shown = truth.shown.child(name) if truth.shown is not None else None
        order = self._order(name)
        if order is None or (shown is not None and shown.status == ABSENT):
            return False
        return order.status not in ENDED or order.id not in truth.proven

    def _check_short(self, truth: Truth, run: "Run", client_id: str, limit: Decimal | None) -> None:
        """While shorts are restricted, as this run was told, none leaves at or below the bid."""
        symbol = truth.instruction.symbol
        if not (truth.short and run.restricted.get(symbol)):
            return
        if limit is None or limit <= run.bids.get(symbol, ZERO):
            self.violate("short", f"{client_id} at {limit} left while shorts are restricted")

    def _check_fallback(self, truth: Truth, run: "Run", request: PostRequest) -> None:
        plan = truth.instruction.plan
        if plan.fallback is Fallback.NONE and not truth.market_now:
            self.violate("plan", f"{request.client_id} was posted though no fallback was asked")
        now = run.clock.now_ns()
        if not truth.market_now:
            early = truth.deadline_ns is None or now < truth.deadline_ns
            if early and not truth.unsure and not truth.timed_out:
                self.violate("plan", f"{request.client_id} was posted before the deadline")
            window = int(plan.grace * NS)
            if truth.deadline_ns is not None and now > truth.deadline_ns + window + _LATE_NS:
                self.violate("plan", f"{request.client_id} was posted after its window")
        for name, sent in truth.sent.items():
            order = self._order(name)
            if order is None or sent.limit_price is None or name == request.client_id:
                continue
            if order.status == "canceled" and not sent.deletes:
                self.violate("I7", f"{name} was cancelled by others, and {request.client_id} left")
            if order.status in ("expired", "rejected"):
                self.violate("I7", f"{name} {order.status}, and {request.client_id} left")

    def delete_leaves(self, run: "Run", broker_id: str) -> None:
        """A DELETE goes on the wire; it needs a reason."""
        parent, name = self._of.get(broker_id, ("", ""))
        truth = self.truths.get(parent)
        if truth is None:
            self.violate("I8", f"a DELETE for {broker_id}, an order that is not ours")
            return
        sent = truth.sent.get(name)
        first = sent is not None and not sent.deletes
        if sent is not None:
            sent.deletes += 1
            if sent.taken == run.number and sent.read_ns < sent.deleted_ns:
                self.violate("I2", f"{name} is cancelled again, and its cancel was under way")
            sent.deleted_ns = self._day.time.now_ns
        if truth.instruction.plan.steps or truth.set_prices:
            return
        if truth.cancel_run or truth.market_now or truth.meddled or not name.endswith("-1"):
            return
        if len(truth.sent) > 1 or truth.unsure or truth.unrecorded or truth.ended:
            return
        now = run.clock.now_ns()
        if truth.timed_out:
            return
        truth.timed_out = truth.deadline_ns is not None and now >= truth.deadline_ns - _SLACK_NS
        if truth.deadline_ns is None or not truth.timed_out:
            self.violate("plan", f"{name} is cancelled before its deadline, and nobody asked")
        elif (
            first and self._was_able(run, truth, broker_id) and (now > truth.deadline_ns + _LATE_NS)
        ):
            late = (now - truth.deadline_ns) / NS
            self.violate("plan", f"{name} is cancelled {late:.3f} s after its deadline")

    def _was_able(self, run: "Run", truth: Truth, broker_id: str) -> bool:
        """Whether this run could have cancelled in time: up, not stopped, and knowing the order."""
        assert truth.deadline_ns is not None
        behind = run.clock.now_ns() - self._day.time.now_ns
        deadline = truth.deadline_ns - behind - NS
        name = self.name_of(broker_id)
        heard = truth.heard_at.get(broker_id, 1 << 63)
        since = max(run.ready_ns, run.paused_ns, self._day.network_back_ns, heard)
        return since < deadline and not run.recorder.broken and not self._day.denials[name]

    def cancel_answered(self, run: "Run", broker_id: str, *, taken: bool) -> None:
        """The engine has read the answer to a DELETE."""
        parent, name = self._of.get(broker_id, ("", ""))
        truth = self.truths.get(parent)
        if truth is not None and name in truth.sent:
            truth.sent[name].taken = run.number if taken else 0

    def read_answered(self, client_id: str) -> None:
        """The engine has read the answer to a GET, whatever it was."""
        truth = self.truth_of(client_id)
        if truth is not None and client_id in truth.sent:
            truth.sent[client_id].read_ns = self._day.time.now_ns

    def request_over(self, method: str, name: str) -> None:
        """A request has reached the exchange, or never will."""
        truth = self.truth_of(name) if method == "POST" else None
        if truth is not None:
            truth.sent[name].flying -= 1

    def landed(self, name: str) -> None:
        """The exchange has carried out a request; of a replacement it tells only later."""
        order = self._order(name)
        if order is not None and order.id not in self._of:
            self._adopt(order)

    def post_answered(self, client_id: str, reply: PostReply) -> None:
        """The engine has read an answer that is no order."""
        truth = self.truth_of(client_id)
        if truth is not None:
            sent = truth.sent[client_id]
            sent.answered = True
            definite = isinstance(reply, Refused)
            sent.ambiguous = sent.ambiguous or not definite
            sent.refused = definite and not sent.ambiguous

    def heard(self, run: "Run", report: OrderReport) -> None:
        """A word of the exchange about an order has been handed to the engine."""
        parent, _ = self._of.get(report.broker_id, ("", ""))
        truth = self.truths.get(parent)
        if truth is None:
            return
        now = self._day.time.now_ns
        truth.heard_at.setdefault(report.broker_id, now)
        if report.event == "order_cancel_rejected":
            self.read_answered(report.client_id)
        if report.status in ENDED:
            truth.proven.add(report.broker_id)
        truth.note_heard(report, run.number, now)

    # ---- what happens at the exchange ----------------------------------------------------------

    def update(self, message: dict[str, Any]) -> None:
        """The exchange's books changed."""
        view = message["data"]["order"]
        broker_id = view["id"]
        if broker_id not in self._of:
            self._adopt(self._day.exchange.orders[broker_id])
        parent, name = self._of.get(broker_id, ("", ""))
        event = message["data"]["event"]
        self._day.time.say("exchange", f"{event} {name}, {view['filled_qty']} filled")
        truth = self.truths.get(parent)
        if truth is not None:
            self._check_worst_case(truth)
            self._day.moment(event, name)

    def _adopt(self, order: Order) -> None:
        truth = self.truth_of(order.client_order_id)
        name = order.client_order_id
        if truth is None and order.replaces in self._of:
            parent, old = self._of[order.replaces]
            truth, name = self.truths.get(parent), f"{old}'"
        if truth is not None:
            truth.broker_ids.append(order.id)
            self._of[order.id] = (truth.id, name)

    def _check_worst_case(self, truth: Truth) -> None:
        worst = ZERO
        for order in self._orders(truth):
            if not self._is_waiting(order):
                worst += order.filled if order.status in ENDED else max(order.qty, order.filled)
        if worst > truth.asked + truth.late_qty + truth.excess:
            self.violate("I1", f"{truth.id} asked for {truth.asked}, and {worst} may fill")

    def _is_waiting(self, order: Order) -> bool:
        """A replacement that has not taken its predecessor's place cannot fill."""
        old = self._day.exchange.orders.get(order.replaces or "")
        if old is None or order.filled:
            return False
        return old.status not in ENDED or order.status in ("pending_new", "accepted")

    def _orders(self, truth: Truth) -> list[Order]:
        return [self._day.exchange.orders[b] for b in truth.broker_ids]

    def _order(self, client_id: str) -> Order | None:
        return self._day.order_by_client_id(client_id)

    # ---- what the engine shows -----------------------------------------------------------------

    def shown(self, run: "Run", order: ParentOrder, fact: str) -> None:
        """The engine showed an order to its listeners."""
        if self._day.over:
            raise KilledError  # it has been judged
        try:
            self._day.time.count()
            if len(order.children) > MOST_CHILDREN:
                raise OverrunError(f"{order.id} has {len(order.children)} child orders")
        except OverrunError as error:
            self.overrun(error)
        if order.id not in self.truths:
            self.accepted(order, run)
        truth = self.truths[order.id]
        before = truth.shown
        truth.shown = order
        if before is not None and before.state is order.state and before.filled == order.filled:
            self._check_children(truth, before, order)
            return
        self._day.time.say(
            "engine", f"shows {order.id} {order.state.value}, {order.filled} filled, by {fact}"
        )
        if before is not None:
            self._check_children(truth, before, order)
            self._check_final_once(before, order)
            if order.filled < before.filled and not truth.taken_back:
                self.violate("I4", f"{order.id} showed {before.filled} and now {order.filled}")
        if order.final:
            self._check_end(truth, order)
        if order.filled > self.filled(truth) + truth.taken_back:
            self.violate(
                "I4", f"{order.id} shows {order.filled} filled, the books {self.filled(truth)}"
            )

    def filled(self, truth: Truth) -> Decimal:
        """Shares that really stand, by the exchange's books."""
        return sum((o.filled for o in self._orders(truth)), ZERO)

    def _check_final_once(self, before: ParentOrder, order: ParentOrder) -> None:
        if before.final and not order.final:
            self.violate("I5", f"{order.id} was {before.state} and is {order.state} again")
        elif before.final and order.state not in (before.state, State.ATTENTION):
            self.violate("I5", f"{order.id} ended {before.state} and then {order.state}")

    def _check_end(self, truth: Truth, order: ParentOrder) -> None:
        truth.ended = True
        if order.state is State.ATTENTION:
            if not order.reason:
                self.violate("I5", f"{order.id} needs attention and does not say why")
            return
        for name, sent in truth.sent.items():
            if sent.flying and self._order(name) is None:
                self.violate("I2", f"{order.id} is {order.state}, and {name} is on its way")
        for held in self._orders(truth):
            if held.status not in ENDED:
                self.violate(
                    "I2", f"{order.id} is {order.state}, and {self.name_of(held.id)} is live"
                )

    def may_appear(self, order: ParentOrder) -> bool:
        """Whether a child is not proven dead that is at the exchange, or may still get there."""
        truth = self.truths[order.id]
        return any(
            self._order(c.client_id) is not None
            or c.status != ABSENT
            or (c.client_id in truth.sent and truth.sent[c.client_id].flying)
            for c in order.live_children
        )

    def _check_children(self, truth: Truth, before: ParentOrder, order: ParentOrder) -> None:
        for old, new in zip(before.children, order.children, strict=False):
            if old is new:
                continue
            if old.dead and new.liveness in _GONE_BACK and self._really_ended(new):
                self.violate("I5", f"{new.client_id} was dead and is {new.liveness} again")
            if old.liveness is Liveness.CANCEL_SENT and new.liveness in _UNCANCELLED:
                self.violate("I2", f"the cancel of {new.client_id} was forgotten")
            if new.dead and not old.dead:
                self._check_death(new)
            if len(new.executions) != len(old.executions):
                self._check_executions(new)

    def _really_ended(self, child: ChildOrder) -> bool:
        order = self._day.exchange.orders.get(child.broker_id or "")
        return order is not None and order.status in ENDED

    def _check_death(self, child: ChildOrder) -> None:
        order = self._order(child.client_id)
        if order is None:
            order = self._day.exchange.orders.get(child.broker_id or "")
        if order is not None and order.status not in ENDED:
            self.violate("I2", f"{child.client_id} is shown dead and is {order.status}")

    def _check_executions(self, child: ChildOrder) -> None:
        ids = [e.id for e in child.executions]
        if len(ids) != len(set(ids)):
            self.violate("I4", f"an execution of {child.client_id} counts twice")
        if sum((e.qty for e in child.executions), ZERO) != child.explained:
            self.violate("I4", f"the executions of {child.client_id} do not add up")

    # ---- ends ----------------------------------------------------------------------------------

    def process_ended(
        self, run: "Run", durable: dict[str, ParentOrder], replayed: dict[str, ParentOrder]
    ) -> None:
        """The journal must add up to what was shown of the facts that were written."""
        if durable != replayed:
            wrong = sorted(k for k in {*durable, *replayed} if durable.get(k) != replayed.get(k))
            self.violate("I6", f"replaying the journal does not give {', '.join(wrong)} as shown")
        for truth in self.truths.values():
            truth.shown = replayed.get(truth.id)
            truth.forget_unwritten(run.number, self._day.last_write_ns)
            truth.unrecorded = truth.unrecorded or bool(run.recorder.broken)
            if truth.deadline_ns is not None and run.clock.now_ns() >= truth.deadline_ns:
                truth.timed_out = True
        for order_id in [t for t in self.truths if t not in replayed]:
            truth = self.truths[order_id]
            if truth.sent:
                self.violate("I3", f"{order_id} was sent and the journal does not know it")

    def judge(self, orders: dict[str, ParentOrder]) -> None:
        """The end of the day: everything final, and as the exchange has it."""
        for order in self._day.exchange.open_orders():
            if order.id in self._of:
                self.violate("I2", f"{self.name_of(order.id)} is left {order.status} at the end")
        for truth in self.truths.values():
            ended = orders.get(truth.id)
            if ended is None:
                continue  # its acceptance was never written, and nothing was sent
            if not ended.final:
                self.violate("I2", f"{truth.id} is {ended.state} long after all was well")
            books = self.filled(truth)
            if ended.filled != books:
                self.violate("I4", f"{truth.id} ends with {ended.filled}, the books say {books}")
            if ended.state is State.FILLED and ended.filled != truth.asked:
                self.violate("I5", f"{truth.id} is called filled with {ended.filled}")


def meet(side: Side, limit: Decimal | None, other: Decimal | None) -> bool:
    """Whether an order of `side` at `limit` could trade with one of the other side."""
    if limit is None or other is None:
        return True
    return limit <= other if side is Side.SELL else limit >= other


def tally(truths: dict[str, Truth]) -> dict[str, int]:
    """How the orders of a day ended, for the report."""
    ends: dict[str, int] = defaultdict(int)
    for truth in truths.values():
        if truth.shown is not None:
            ends[truth.shown.state.value] += 1
    return dict(ends)
