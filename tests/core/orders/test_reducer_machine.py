"""The reducer against a truthful broker whose words arrive in any order, or not at all.

Hypothesis plays the network, the broker, the clock, the person and the crashes;
the commands of the reducer are carried out as the dispatcher carries them out.
After every step the invariants of the fault list are checked against what is
really so at the broker. Numbers like I7 are theirs.
"""

import os
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace

from core.market.prices import ZERO, Side
from core.market.time import NS
from core.orders.child_record import ABSENT, BUSTS, NEVER_SENT, REFUSED
from core.orders.commands import Cancel, Post, PriceFallback, PriceStep, Read
from core.orders.facts import (
    AnyFact,
    CancelAsked,
    CancelFailed,
    CancelRefused,
    CancelSent,
    CancelTaken,
    DeadlineMoved,
    DeadlineReached,
    EndSeen,
    FallbackPriced,
    MarketNowAsked,
    NotFound,
    PostRefused,
    PostSent,
    PostUnanswered,
    PostWithheld,
    PriceSet,
    ReadFailed,
    Reported,
    Resumed,
    Source,
    StepPriced,
)
from core.orders.fallback import awaits_collar, fallback_in_time
from core.orders.permissions import may_post, still_wanted, timer_ns
from core.orders.plan import Fallback, Step, stepped
from core.orders.reducer import reduce
from core.orders.repricing import wants_price
from core.orders.state import ChildKind, ChildOrder, Liveness, ParentOrder, State
from tests.core.orders.model_broker import BrokerOrder, ModelBroker
from tests.core.orders.reducer_harness import START, accepted, replayed

VenueCommand = Post | Cancel | Read
Key = tuple[type[VenueCommand], str]

# HYPOTHESIS_PROFILE=search TOUCHLINE_TEST_EXAMPLES=20000 looks further, with other chance.
EXAMPLES = int(os.environ.get("TOUCHLINE_TEST_EXAMPLES", "600"))

STEPS = tuple(Step(Decimal(f), Decimal(s)) for f, s in (("0.5", 3), ("0.75", 4), ("0.85", 3)))

T = TypeVar("T")
RARELY = st.sampled_from([False, False, False, False, True])
PRESSES = ("cancel", "market now", "pause", "extend", "price")
ANY = st.integers(0, 11)  # which one of a few, modulo how many there are


@dataclass
class Flight:
    """A request under way. `left`: it is on the wire; a POST is first made durable."""

    left: bool
    since: int = 0  # how many records the broker had of the order when it left


class OrderMachine(RuleBasedStateMachine):
    """One order from its acceptance to its end, whatever happens."""

    def __init__(self) -> None:
        super().__init__()
        self.broker = ModelBroker()
        self.now = START
        self.journal: list[AnyFact] = []
        self.durable = 1
        self.held: ParentOrder | None = None
        self.waiting: dict[Key, int] = {}
        self.busy: dict[Key, Flight] = {}
        self.again: set[Key] = set()
        self.wire: list[str] = []  # POSTs that were given up here and may yet arrive there
        self.sent: dict[str, Decimal] = {}  # every client id that ever left, and its quantity
        self.deleted: set[str] = set()  # orders of which a DELETE has left
        self.denied: dict[str, int] = {}  # how often a read falsely said 404
        self.quote = True
        self.step_price = Decimal("15.22")
        self.own_price = Decimal("15.25")
        self.price_due: int | None = None

    @property
    def due(self) -> int | None:
        """When the order's timer fires."""
        return None if self.held is None else timer_ns(self.held)

    @property
    def order(self) -> ParentOrder:
        """The order as the reducer has it."""
        assert self.held is not None
        return self.held

    # ---- the engine and its dispatcher, in small -------------------------------------------------

    def apply(self, fact: AnyFact) -> None:
        """The one door."""
        before = self.held
        self.held, commands = reduce(before, fact)
        self.journal.append(fact)
        if before is not None:
            self.check_step(before, fact, any(isinstance(c, Post) for c in commands))
        for command in commands:
            if isinstance(command, PriceFallback):
                self.price()
            elif isinstance(command, PriceStep):
                self.ask_step_price(command)
            else:
                self.carry_out(command)

    def price(self) -> None:
        price = Decimal("15.21") if self.quote else None
        self.apply(
            FallbackPriced(order_id="o1", at=self.now, limit_price=price, reason="No quote.")
        )

    def ask_step_price(self, question: PriceStep) -> None:
        due = self.now + question.delay_ns
        if question.delay_ns:
            self.price_due = due if self.price_due is None else min(due, self.price_due)
        else:
            self.price_step()

    def price_step(self) -> None:
        self.price_due = None
        if not still_wanted(self.order, PriceStep()):
            return
        self.apply(
            StepPriced(
                order_id="o1",
                at=self.now,
                step=self.order.step,
                limit_price=(self.order.own_price or self.step_price) if self.quote else None,
            )
        )

    def carry_out(self, command: VenueCommand) -> None:
        key = (type(command), command.client_id)
        due = self.now + command.delay_ns
        if key in self.waiting and self.waiting[key] <= due:
            return
        self.waiting.pop(key, None)
        if command.delay_ns:
            self.waiting[key] = due
        else:
            self.do(key)

    def do(self, key: Key) -> None:
        kind, name = key
        if key in self.busy:
            if kind is Read:
                self.again.add(key)
            return
        if not still_wanted(self.order, kind(name)):
            return
        truth = self.truth(name)
        flight = Flight(kind is not Post, len(truth.records) - 1 if truth else 0)
        self.busy[key] = flight
        if kind is Cancel:
            self.deleted.add(name)
            self.apply(CancelSent(order_id="o1", at=self.now, client_id=name))
        elif kind is Post:
            self.check_time_of_post(name)
            self.apply(PostSent(order_id="o1", at=self.now, client_id=name))

    def landed(self, key: Key, answer: AnyFact) -> None:
        """The request is over."""
        del self.busy[key]
        self.apply(answer)
        if key in self.again:
            self.again.discard(key)
            self.do(key)

    def run_clock(self, ns: int) -> None:
        """Let time pass; what falls due happens when it is due."""
        until = self.now + ns
        for _ in range(1000):
            due = timer_ns(self.order)
            nexts = [at for at in self.waiting.values() if at <= until]
            for timer in (due, self.price_due):
                if timer is not None and timer <= until:
                    nexts.append(timer)
            if not nexts:
                break
            self.now = max(self.now, min(nexts))
            if due is not None and due <= self.now:
                self.apply(DeadlineReached(order_id="o1", at=self.now))
                continue
            if self.price_due is not None and self.price_due <= self.now:
                self.price_step()
                continue
            key = next(k for k, at in self.waiting.items() if at <= self.now)
            del self.waiting[key]
            self.do(key)
        else:
            raise AssertionError("the reducer keeps itself busy")
        self.now = until

    def flights(self, kind: type[VenueCommand], *, left: bool = True) -> list[str]:
        return [name for (k, name), f in self.busy.items() if k is kind and f.left is left]

    # ---- the start -------------------------------------------------------------------------------

    @initialize(
        fallback=st.sampled_from([Fallback.MARKET, Fallback.COLLAR, Fallback.NONE]),
        side=st.sampled_from(list(Side)),
        qty=st.sampled_from([Decimal(100), Decimal(100), Decimal("1.7")]),
        scene=st.sampled_from(
            ["new", "live", "stepping", "replacing", "cancelling", "falling back"]
        ),
        tenths=st.integers(0, 9),
        plan=st.sampled_from(["one price", "steps", "steps", "steps"]),
    )
    def submit(
        self, fallback: Fallback, side: Side, qty: Decimal, scene: str, tenths: int, plan: str
    ) -> None:
        """Most trouble comes late, so often the first part of the story went well."""
        steps = stepped(STEPS, fallback, Decimal(30)) if plan != "one price" else None
        self.apply(accepted(qty, side=side, fallback=fallback, grace=30, plan=steps))
        if scene == "new":
            return
        self.flush(0)
        self.post_lands(0, True)
        if tenths:
            self.broker_fills(0, tenths)
        if scene == "live":
            return
        if scene in ("stepping", "replacing"):
            self.all_goes_well()
            self.step_price = Decimal("15.20")
            self.deadline_comes()
            if self.flights(Post, left=False):
                self.flush(0)
                if scene == "replacing":
                    self.post_lands(0, True)
            return
        while self.due is not None:
            self.deadline_comes()
        if self.flights(Cancel):
            self.delete_ends(0, "truth")
        if scene == "falling back":
            self.broker_cancels_as_asked()
            self.all_goes_well()

    @rule()
    def all_goes_well(self) -> None:
        """Everything under way arrives and is answered with the truth."""
        for name in self.flights(Post, left=False):
            self.flush(self.flights(Post, left=False).index(name))
        while self.flights(Post):
            self.post_lands(0, True)
        while self.flights(Cancel):
            self.delete_ends(0, "truth")
        if self.broker.frames:
            self.frames_arrive_in_order()
        for name in self.flights(Read):
            self.read_ends(self.flights(Read).index(name), "truth", 0)

    # ---- what becomes of a POST ------------------------------------------------------------------

    @precondition(lambda self: self.flights(Post, left=False))
    @rule(which=ANY)
    def flush(self, which: int) -> None:
        """The journal is durable, so the POST may leave if it still may."""
        names = self.flights(Post, left=False)
        name = names[which % len(names)]
        self.durable = len(self.journal)
        if may_post(self.order, name):
            self.check_post(name)
            self.busy[Post, name].left = True
            self.sent[name] = self.child(name).qty
        else:
            fact = PostWithheld(order_id="o1", at=self.now, client_id=name, reason="")
            self.landed((Post, name), fact)

    @precondition(lambda self: self.flights(Post))
    @rule(which=ANY, answered=st.booleans())
    def post_lands(self, which: int, answered: bool) -> None:
        """It arrives; the answer may get lost. A second one of its id is refused as used."""
        name = self.pick(self.flights(Post), which)
        used = name in self.broker.orders
        if not used and not self.arrive(name) and answered:
            self.landed(
                (Post, name),
                PostRefused(order_id="o1", at=self.now, client_id=name, message="not open"),
            )
            return
        if used or not answered:
            self.post_unanswered(name)
        else:
            word = self.known(name).records[-1]
            answer = replace(word, at=self.now, source=Source.POST, event="", execution=None)
            self.landed((Post, name), answer)

    @precondition(lambda self: self.flights(Post))
    @rule(which=ANY, late=st.booleans())
    def post_is_lost(self, which: int, late: bool) -> None:
        """Nobody answers; it may still arrive."""
        name = self.pick(self.flights(Post), which)
        if late:
            self.wire.append(name)
        self.post_unanswered(name)

    @precondition(lambda self: self.flights(Post))
    @rule(which=ANY, how=st.sampled_from(["no", "held", "throttled"]))
    def post_is_refused(self, which: int, how: str) -> None:
        name = self.pick(self.flights(Post), which)
        if name in self.broker.orders:
            return
        refusal = PostRefused(
            order_id="o1",
            at=self.now,
            client_id=name,
            message=how,
            shares_reserved=how == "held",
            retry_after=1.0 if how == "throttled" else None,
        )
        self.landed((Post, name), refusal)

    @precondition(lambda self: self.wire)
    @rule(which=ANY, arrives=st.booleans())
    def late_post(self, which: int, arrives: bool) -> None:
        """A POST that was given up arrives after all, or never does."""
        name = self.wire.pop(which % len(self.wire))
        if arrives and name not in self.broker.orders:
            self.arrive(name)

    def arrive(self, name: str) -> bool:
        """Whether the broker takes the POST."""
        child = self.order.child(name)
        market = child is not None and child.kind is ChildKind.MARKET
        self.broker.accept(name, self.sent[name], market=market)
        return True

    def known(self, name: str) -> BrokerOrder:
        """`truth` of what is surely there."""
        order = self.truth(name)
        assert order is not None
        return order

    def truth(self, name: str) -> BrokerOrder | None:
        """The broker's order of that client id or broker id."""
        for order in self.broker.orders.values():
            if name in (order.name, order.broker_id):
                return order
        return None

    def post_unanswered(self, name: str) -> None:
        fact = PostUnanswered(order_id="o1", at=self.now, client_id=name, reason="timeout")
        self.landed((Post, name), fact)

    # ---- what becomes of a DELETE and of a read --------------------------------------------------

    @precondition(lambda self: self.flights(Cancel))
    @rule(which=ANY, how=st.sampled_from(["truth", "truth", "unanswered", "lost", "refused"]))
    def delete_ends(self, which: int, how: str) -> None:
        name = self.pick(self.flights(Cancel), which)
        taken = how in ("truth", "unanswered") and self.broker.ask_cancel(self.known(name))
        fact: AnyFact = CancelFailed(order_id="o1", at=self.now, client_id=name, reason="timeout")
        if taken and how == "truth":
            fact = CancelTaken(order_id="o1", at=self.now, client_id=name)
        elif how in ("truth", "refused"):
            fact = CancelRefused(order_id="o1", at=self.now, client_id=name, message="422")
        self.landed((Cancel, name), fact)

    @precondition(lambda self: self.flights(Read))
    @rule(which=ANY, how=st.sampled_from(["truth", "truth", "older", "fails", "denied"]), back=ANY)
    def read_ends(self, which: int, how: str, back: int) -> None:
        """The truth as of a moment while the read was under way, an error, or a false 404."""
        name = self.pick(self.flights(Read), which)
        truth = self.truth(name)
        denied = self.denied.get(name, 0)
        if how == "fails":
            fact: AnyFact = ReadFailed(order_id="o1", at=self.now, client_id=name, reason="5xx")
        elif truth is None or (how == "denied" and denied < 20):
            self.denied[name] = denied + (truth is not None)
            fact = NotFound(order_id="o1", at=self.now, client_id=name)
        else:
            # (After a bust only the newest: then less is newer, and no one can tell the two apart.)
            since = -1 if self.broker.busted else self.busy[Read, name].since
            words = truth.records[since:]
            word = words[back % len(words)] if how == "older" else words[-1]
            fact = replace(word, at=self.now, source=Source.READ, event="", execution=None)
        self.landed((Read, name), fact)

    # ---- the stream ------------------------------------------------------------------------------

    @precondition(lambda self: self.broker.frames)
    @rule(which=ANY, again=st.booleans())
    def frame_arrives(self, which: int, again: bool) -> None:
        """Any frame that is under way, and perhaps it comes again."""
        frame = self.pick(self.broker.frames, which)
        if not again:
            self.broker.frames.remove(frame)
        self.hear(frame)

    @precondition(lambda self: self.broker.frames)
    @rule()
    def frames_arrive_in_order(self) -> None:
        frames, self.broker.frames = self.broker.frames, []
        for frame in frames:
            self.hear(frame)

    @precondition(lambda self: self.broker.frames)
    @rule(which=ANY)
    def frame_is_lost(self, which: int) -> None:
        frame = self.pick(self.broker.frames, which)
        if frame.event not in BUSTS:  # a bust after the end that nobody tells can't be known
            self.broker.frames.remove(frame)

    @rule()
    def stream_reconnects(self) -> None:
        """Each open child is read."""
        for child in self.order.live_children:
            if child.liveness is not Liveness.UNSENT:
                self.carry_out(Read(child.client_id))

    def hear(self, frame: Reported) -> None:
        if self.order.child(frame.client_id) is not None:
            self.apply(replace(frame, at=self.now))
            if frame.event in BUSTS:  # told once, and lost for ever if a crash takes it
                self.durable = len(self.journal)

    # ---- the broker and its other users ----------------------------------------------------------

    @precondition(lambda self: self.broker.open_orders)
    @rule(which=ANY, tenths=st.integers(1, 10))
    def broker_fills(self, which: int, tenths: int) -> None:
        order = self.pick(self.broker.open_orders, which)
        self.broker.fill(order, min(order.leaves, self.order.qty * tenths / 10))

    @precondition(lambda self: any(o.cancel_pending for o in self.broker.open_orders))
    @rule()
    def broker_cancels_as_asked(self) -> None:
        for order in self.broker.open_orders:
            if order.cancel_pending:
                self.broker.end(order, "canceled")

    @precondition(lambda self: self.broker.open_orders)
    @rule(
        which=ANY, how=st.sampled_from(["canceled", "expired", "rejected", "replace"]), yes=RARELY
    )
    def someone_else_ends_it(self, which: int, how: str, yes: bool) -> None:
        order = self.pick(self.broker.open_orders, which)
        if not yes:
            return
        if how != "replace":
            self.broker.end(order, how)
        elif not order.market and order.status in ("new", "partially_filled"):
            self.broker.replace(order)

    @precondition(lambda self: self.broker.filled and not self.broker.busted)
    @rule(which=ANY, yes=RARELY)
    def broker_takes_a_fill_back(self, which: int, yes: bool) -> None:
        order = self.pick([o for o in self.broker.orders.values() if o.filled], which)
        if yes:
            self.broker.bust(order, order.filled / 2)

    # ---- the person, the clock, the machine ------------------------------------------------------

    @rule(ns=st.sampled_from([NS // 100, NS // 4, NS, 5 * NS, 12 * NS, 40 * NS]))
    def time_passes(self, ns: int) -> None:
        self.run_clock(ns)

    @precondition(lambda self: self.due is not None)
    @rule()
    def deadline_comes(self) -> None:
        if self.due is not None:
            self.run_clock(max(self.due - self.now, 0))

    @rule(what=st.sampled_from([*PRESSES]), yes=RARELY)
    def person_asks(self, what: str, yes: bool) -> None:
        if not yes:
            return
        asks: dict[str, AnyFact] = {
            "cancel": CancelAsked(order_id="o1", at=self.now),
            "market now": MarketNowAsked(order_id="o1", at=self.now),
            "pause": DeadlineMoved(order_id="o1", at=self.now, deadline_ns=None),
            "extend": DeadlineMoved(order_id="o1", at=self.now, deadline_ns=self.now + 5 * NS),
            "price": PriceSet(order_id="o1", at=self.now, limit_price=self.own_price),
        }
        self.apply(asks[what])
        self.durable = len(self.journal)

    @rule(usable=st.booleans(), step=st.sampled_from(["15.24", "15.22", "15.20"]))
    def quotes_come_and_go(self, usable: bool, step: str) -> None:
        self.quote, self.step_price = usable, Decimal(step)
        self.own_price = self.step_price + Decimal("0.01")

    @rule(lost=st.integers(0, 6), ns=st.sampled_from([0, NS, NS, 20 * NS, 100 * NS]), yes=RARELY)
    def crash(self, lost: int, ns: int, yes: bool) -> None:
        """A new run replays what was durable; what was on the wire may still arrive."""
        if not yes:
            return
        assert replayed(self.journal) == self.order, "I6: the journal gives the state"
        keep = max(self.durable, len(self.journal) - lost)
        self.journal = self.journal[:keep]
        self.durable = keep
        self.wire += self.flights(Post)
        for name in self.flights(Cancel):
            self.broker.ask_cancel(self.known(name))
        self.broker.frames = [f for f in self.broker.frames if f.event in BUSTS]
        self.waiting, self.busy, self.again = {}, {}, set()
        self.price_due = None
        self.now += ns
        self.held = replayed(self.journal)
        if not self.order.final or self.order.live_children:
            self.apply(Resumed(order_id="o1", at=self.now, grace=Decimal(30)))

    # ---- what must hold --------------------------------------------------------------------------

    def check_step(self, before: ParentOrder, fact: AnyFact, asks_to_post: bool) -> None:
        """After every single fact."""
        order = self.order
        if before.final:
            assert order.final, "an ended order stays ended"
            assert not asks_to_post, "an ended order sends nothing"
        if not self.broker.busted:
            assert order.filled >= before.filled, "filled only grows"
            assert order.filled <= self.broker.filled, "no share is counted that did not fill"
        if before.busted:
            assert fallbacks(order) == fallbacks(before), "a bust is not sold again"
        asked = isinstance(fact, CancelAsked) and not before.final
        assert order.cancel_asked is (before.cancel_asked or asked)

    def check_time_of_post(self, name: str) -> None:
        if self.child(name).kind is not ChildKind.LIMIT:
            assert fallback_in_time(self.order, self.now), "a fallback left after its grace"

    def check_post(self, name: str) -> None:
        """Just before a POST leaves."""
        order, child = self.order, self.child(name)
        assert order.exposure <= order.qty, "I1 as we know it"
        assert not order.cancel_asked, "a person's cancel forbids it"
        assert not order.final
        assert self.sent.get(name, child.qty) == child.qty, "I3: the same order on a retry"
        if name == self.order.children[0].client_id:
            return
        others = [o for o in self.broker.orders.values() if o.name != name]
        assert not any(o.open for o in others), "I7: the limit is dead at the broker"
        taken = [o for o in others if not o.market]
        assert all(o.status in ("canceled", "replaced") for o in taken), (
            "only a cancelled limit is followed by a fallback"
        )
        ours = [o for o in taken if o.status == "canceled"]
        assert all(o.name in self.deleted for o in ours), "a cancel that we did not ask for"
        unheard = {*self.wire, *self.flights(Post)} - {name, *self.broker.orders}
        assert not unheard, "I7: and none is on its way"
        if not self.broker.busted:
            own = self.broker.orders.get(name)
            counted = self.broker.filled - (own.filled if own else ZERO)
            assert child.qty == order.qty - counted, "I7: for the rest"

    @invariant()
    def no_more_than_asked_can_ever_fill(self) -> None:
        """I1, truly: over everything at the broker and everything on its way there."""
        if self.held is None:
            return
        worst = sum((o.filled + o.leaves for o in self.broker.orders.values()), ZERO)
        for name in {*self.wire, *self.flights(Post)} - {*self.broker.orders}:
            worst += self.sent[name]
        assert worst <= self.order.qty

    @invariant()
    def dead_is_proven(self) -> None:
        """I2, I4: a child counts as dead only by its end at the broker, with that number."""
        if self.held is None:
            return
        under_way = {*self.wire, *self.flights(Post)}
        for child in self.order.children:
            truth = self.truth(child.client_id)
            if not child.dead:
                continue
            if child.status in (NEVER_SENT, REFUSED):
                assert truth is None, "buried, but it lives"
                assert child.client_id not in under_way, "buried while on its way"
                continue
            assert truth is not None
            assert not truth.open
            if not self.broker.busted:
                assert child.filled == truth.filled

    @invariant()
    def nothing_is_forgotten(self) -> None:
        """I2: whatever is not proven dead waits for the stream or has a command under way."""
        if self.held is None:
            return
        for child in self.order.live_children:
            assert self.watched(child), f"{child.client_id} is {child.liveness} and forgotten"
        if not self.order.final and not self.order.live_children:
            waits = wants_price(self.order) and self.price_due is not None
            assert waits or awaits_collar(self.order)

    def watched(self, child: ChildOrder) -> bool:
        due = {k for k, name in {*self.waiting, *self.busy} if name == child.client_id}
        if child.liveness in (Liveness.UNSENT, Liveness.SENT):
            return Post in due or (self.order.resumed and Read in due)
        if child.liveness is Liveness.WORKING:
            return child.kind is ChildKind.LIMIT or Read in due
        if child.liveness is Liveness.CANCEL_SENT:
            return Cancel in due or Read in due
        return Read in due or Post in due

    # ---- at last the broker tells everything -----------------------------------------------------

    def teardown(self) -> None:
        if self.held is None:
            return
        self.quote = True
        self.stream_reconnects()
        for turn in range(200):
            if self.at_rest():
                break
            if turn == 30 and not self.order.final:
                self.person_asks("cancel", True)
            if turn > 60 and self.order.final:
                self.end_the_day()
            self.tell_the_truth()
            self.run_clock(NS)
        self.say_what_never_came()
        self.check_end()

    def at_rest(self) -> bool:
        quiet = not (self.busy or self.wire or self.broker.frames or self.broker.open_orders)
        never_came = [c for c in self.order.live_children if self.truth(c.client_id) is not None]
        return quiet and self.order.final and not never_came

    def tell_the_truth(self) -> None:
        while self.wire:
            self.late_post(0, True)
        for order in self.broker.open_orders:
            if order.cancel_pending:
                self.broker.end(order, "canceled")
            elif order.market:
                self.broker.fill(order, order.leaves)
        self.all_goes_well()

    def end_the_day(self) -> None:
        for order in self.broker.open_orders:
            self.broker.end(order, "expired")

    def say_what_never_came(self) -> None:
        """As the person does who is told to look at the broker's page."""
        for child in self.order.live_children:
            assert child.status == ABSENT
            self.apply(EndSeen(order_id="o1", at=self.now, client_id=child.client_id, filled=ZERO))

    def check_end(self) -> None:
        order = self.order
        assert order.final, f"it never ended: {order.state}"
        assert not order.live_children, "I2: ended with a child that may live"
        assert order.filled == self.broker.filled, "I4: the broker's number"
        assert order.filled <= order.qty
        assert not self.broker.open_orders, "something is live that nobody cancels"
        assert set(self.broker.orders) == {c.client_id for c in order.children} & set(
            self.broker.orders
        ), "I2: an order that we do not know"
        if order.state is State.FILLED:
            assert order.filled == order.qty
        if any(isinstance(fact, Reported) and fact.event in BUSTS for fact in self.journal):
            assert order.state is State.ATTENTION
        assert replayed(self.journal) == order, "I6"

    # ---- small helpers ---------------------------------------------------------------------------

    def child(self, name: str) -> ChildOrder:
        child = self.order.child(name)
        assert child is not None
        return child

    def pick(self, items: list[T], which: int) -> T:
        return items[which % len(items)]


def fallbacks(order: ParentOrder) -> int:
    return sum(c.kind is not ChildKind.LIMIT for c in order.children)


def test_whatever_happens_no_share_is_traded_twice_and_every_order_ends_with_the_truth() -> None:
    run_state_machine_as_test(
        OrderMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=50,
            report_multiple_bugs=False,
            phases=(Phase.generate, Phase.shrink),
        ),
    )
