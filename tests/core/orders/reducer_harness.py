"""An order worked by hand, for tests of the reducer: one call per fact, commands kept to look at.

It knows no broker; a test says word by word what the venue says.
"""

from decimal import Decimal

from core.market.prices import ZERO, Side
from core.market.quotes import Quote
from core.market.time import NS
from core.orders.commands import Cancel, Command, Post, PriceFallback, Read
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
    Execution,
    FallbackPriced,
    MarketNowAsked,
    NotFound,
    OrderAccepted,
    PostBarred,
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
from core.orders.permissions import may_post, still_wanted
from core.orders.plan import Fallback, Instruction, Plan
from core.orders.reducer import reduce
from core.orders.repricing import may_replace
from core.orders.state import ChildOrder, ParentOrder, State

START = 1_000 * NS
PRICE = Decimal("15.24")
L = "tl-o1-1"
M = "tl-o1-2"
M2 = "tl-o1-3"


def shares(number: Decimal | int | str) -> Decimal:
    """A quantity of shares, exact."""
    return Decimal(number)


def accepted(
    qty: Decimal | int | str = 100,
    *,
    side: Side = Side.SELL,
    fallback: Fallback = Fallback.MARKET,
    timeout: int = 10,
    grace: int = 60,
    order_id: str = "o1",
    plan: Plan | None = None,
) -> OrderAccepted:
    """The first fact of an order for `qty` shares, with a limit at 15.24."""
    plan = plan or Plan(Decimal("0.85"), Decimal(timeout), fallback, Decimal(grace))
    quote = Quote("UVXY", Decimal("15.23"), Decimal("15.32"), 900, 700, START, START, "iex")
    return OrderAccepted(
        order_id=order_id,
        at=START,
        instruction=Instruction("i1", "UVXY", side, shares(qty), plan),
        quote=quote,
        limit_price=PRICE,
        ticks_better=1,
        venue="embedded",
        account="A1",
    )


class ReducerHarness:
    """One order, its journal and everything the reducer asked for."""

    def __init__(
        self,
        qty: Decimal | int | str = 100,
        *,
        side: Side = Side.SELL,
        fallback: Fallback = Fallback.MARKET,
        grace: int = 60,
        plan: Plan | None = None,
    ) -> None:
        self.now = START
        self.journal: list[AnyFact] = []
        self.asked: list[Command] = []
        self.step: tuple[Command, ...] = ()
        self.held: ParentOrder | None = None
        self.apply(accepted(qty, side=side, fallback=fallback, grace=grace, plan=plan))

    @property
    def order(self) -> ParentOrder:
        """The order as it is now."""
        assert self.held is not None
        return self.held

    @property
    def limit(self) -> ChildOrder:
        """The limit child."""
        return self.order.children[0]

    @property
    def fallback(self) -> ChildOrder:
        """The newest fallback child."""
        assert len(self.order.children) > 1, "no fallback was made"
        return self.order.children[-1]

    def state(self) -> State:
        """Where the order stands."""
        return self.order.state

    @property
    def outcome(self) -> tuple[object, object]:
        """State and shares filled."""
        return self.order.state, self.order.filled

    @property
    def replacement(self) -> tuple[object, object]:
        """Kind and quantity of the newest fallback child."""
        return self.fallback.kind, self.fallback.qty

    def posts(self) -> list[str]:
        """Ids that the reducer asked to POST, in order."""
        return [c.client_id for c in self.asked if isinstance(c, Post)]

    def cancels(self) -> list[str]:
        """Ids that the reducer asked to DELETE, in order."""
        return [c.client_id for c in self.asked if isinstance(c, Cancel)]

    def reads(self) -> list[str]:
        """Ids that the reducer asked to read, in order."""
        return [c.client_id for c in self.asked if isinstance(c, Read)]

    def next_read(self, name: str) -> int:
        """Nanoseconds until the read of `name`, the one thing that the last fact asked for."""
        (read,) = self.step
        assert isinstance(read, Read)
        assert read.client_id == name
        return read.delay_ns

    def priced(self) -> bool:
        """Whether a collar price was asked for."""
        return any(isinstance(c, PriceFallback) for c in self.asked)

    def wants(self, command: Command) -> bool:
        """Whether a command that waited is still of use."""
        return still_wanted(self.order, command)

    def apply(self, fact: AnyFact) -> "ReducerHarness":
        """The one door."""
        self.held, self.step = reduce(self.held, fact)
        self.asked.extend(self.step)
        self.journal.append(fact)
        return self

    # ---- time and the person -----------------------------------------------------------------

    def wait(self, seconds: float) -> "ReducerHarness":
        """Let time pass."""
        self.now += int(seconds * NS)
        return self

    def deadline(self) -> "ReducerHarness":
        """Time runs out: the clock stands at the deadline and the timer says so."""
        assert self.order.deadline_ns is not None
        self.now = max(self.now, self.order.deadline_ns)
        return self.timer()

    def timer(self) -> "ReducerHarness":
        """The timer fires now, whether it should or not."""
        return self.apply(DeadlineReached(order_id="o1", at=self.now))

    def cancel(self) -> "ReducerHarness":
        """The person presses Cancel."""
        return self.apply(CancelAsked(order_id="o1", at=self.now))

    def market_now(self) -> "ReducerHarness":
        """The person presses Market now."""
        return self.apply(MarketNowAsked(order_id="o1", at=self.now))

    def move(self, deadline_ns: int | None) -> "ReducerHarness":
        """The person gives another deadline."""
        return self.apply(DeadlineMoved(order_id="o1", at=self.now, deadline_ns=deadline_ns))

    def set_price(self, limit_price: str) -> "ReducerHarness":
        """The person sets a price."""
        price = Decimal(limit_price)
        return self.apply(PriceSet(order_id="o1", at=self.now, limit_price=price))

    def resume(self, grace: int = 60, *, unrecorded: bool = False) -> "ReducerHarness":
        """A crash and a new run: the state comes from the journal alone."""
        self.held = replayed(self.journal)
        taken_up = Resumed(order_id="o1", at=self.now, grace=Decimal(grace), unrecorded=unrecorded)
        return self.apply(taken_up)

    def price(self, limit_price: str | None, reason: str = "") -> "ReducerHarness":
        """The answer to PriceFallback."""
        price = None if limit_price is None else Decimal(limit_price)
        return self.apply(
            FallbackPriced(order_id="o1", at=self.now, limit_price=price, reason=reason)
        )

    def price_step(
        self, limit_price: str | None, *, keeps_reservation: bool = False, step: int | None = None
    ) -> "ReducerHarness":
        """The answer to PriceStep."""
        return self.apply(
            StepPriced(
                order_id="o1",
                at=self.now,
                step=self.order.step if step is None else step,
                limit_price=None if limit_price is None else Decimal(limit_price),
                reason="" if limit_price else "No quote.",
                keeps_reservation=keeps_reservation,
            )
        )

    def recover(self) -> "ReducerHarness":
        """After a restart in time: the limit is read live, cancelled, and proven so."""
        live = self.read(L, "partially_filled", 40).delete_leaves().delete_taken()
        return live.says(L, "canceled", 40)

    # ---- requests and what came of them --------------------------------------------------------

    def post_leaves(self, name: str = L) -> "ReducerHarness":
        """The POST goes out, as the dispatcher would let it; or a PATCH of an earlier version."""
        child = self.order.child(name)
        patch = child is not None and child.replaces and may_replace(self.order, child)
        assert patch or may_post(self.order, name), f"{name} may not be posted"
        return self.apply(PostSent(order_id="o1", at=self.now, client_id=name))

    def end_seen(self, name: str, filled: int) -> "ReducerHarness":
        """A person looked at the broker."""
        price = PRICE if filled else None
        fact = EndSeen(
            order_id="o1", at=self.now, client_id=name, filled=shares(filled), avg_price=price
        )
        return self.apply(fact)

    def post_withheld(self, name: str, reason: str = "") -> "ReducerHarness":
        """The POST was kept back in the last moment."""
        return self.apply(PostWithheld(order_id="o1", at=self.now, client_id=name, reason=reason))

    def post_barred(
        self, name: str, reason: str, retry_after: float | None = None
    ) -> "ReducerHarness":
        """Something forbids the fallback now."""
        return self.apply(
            PostBarred(
                order_id="o1",
                at=self.now,
                client_id=name,
                reason=reason,
                retry_after=retry_after,
            )
        )

    def post_refused(
        self,
        name: str,
        message: str,
        *,
        shares_reserved: bool = False,
        opposed: bool = False,
        retry_after: float | None = None,
    ) -> "ReducerHarness":
        """The venue said no."""
        return self.apply(
            PostRefused(
                order_id="o1",
                at=self.now,
                client_id=name,
                message=message,
                shares_reserved=shares_reserved,
                opposed=opposed,
                retry_after=retry_after,
            )
        )

    def post_unanswered(self, name: str = L) -> "ReducerHarness":
        """Nobody knows whether the POST arrived."""
        return self.apply(
            PostUnanswered(order_id="o1", at=self.now, client_id=name, reason="timeout")
        )

    def delete_leaves(self, name: str = L) -> "ReducerHarness":
        """The DELETE goes out."""
        assert still_wanted(self.order, Cancel(name)), f"no DELETE of {name} is wanted"
        return self.apply(CancelSent(order_id="o1", at=self.now, client_id=name))

    def delete_taken(self, name: str = L) -> "ReducerHarness":
        """204."""
        return self.apply(CancelTaken(order_id="o1", at=self.now, client_id=name))

    def delete_refused(self, name: str = L) -> "ReducerHarness":
        """422 or 404."""
        return self.apply(
            CancelRefused(order_id="o1", at=self.now, client_id=name, message="not cancelable")
        )

    def delete_failed(self, name: str = L) -> "ReducerHarness":
        """Timeout, 5xx, reset."""
        return self.apply(
            CancelFailed(order_id="o1", at=self.now, client_id=name, reason="timeout")
        )

    def not_found(self, name: str = L) -> "ReducerHarness":
        """The read says 404."""
        return self.apply(NotFound(order_id="o1", at=self.now, client_id=name))

    def read_failed(self, name: str = L) -> "ReducerHarness":
        """The read got no answer."""
        return self.apply(ReadFailed(order_id="o1", at=self.now, client_id=name, reason="timeout"))

    # ---- the venue's words -----------------------------------------------------------------------

    def says(
        self,
        name: str,
        status: str,
        cum: Decimal | int | str = 0,
        *,
        source: Source = Source.STREAM,
        event: str = "",
        execution: Execution | None = None,
        qty: Decimal | None = None,
        limit_price: Decimal | None = None,
        replaced_by: str | None = None,
        broker_id: str = "",
        reason: str = "",
    ) -> "ReducerHarness":
        """One report about `name`."""
        number = shares(cum)
        return self.apply(
            Reported(
                order_id="o1",
                at=self.now,
                client_id=name,
                source=source,
                broker_id=broker_id or f"b-{name}",
                status=status,
                filled=number,
                avg_price=PRICE if number > ZERO else None,
                event=event or (status if source is Source.STREAM else ""),
                execution=execution,
                qty=qty,
                limit_price=limit_price,
                replaced_by=replaced_by,
                reason=reason,
            )
        )

    def fills(
        self,
        name: str,
        number: Decimal | int | str,
        cum: Decimal | int | str,
        ident: str = "",
    ) -> "ReducerHarness":
        """A fill frame: execution of `number`, cumulative `cum`."""
        child = self.order.child(name)
        assert child is not None
        full = shares(cum) == child.qty
        status = "filled" if full else "partially_filled"
        execution = Execution(ident or f"e-{name}-{cum}", shares(number), PRICE, self.now)
        event = "fill" if full else "partial_fill"
        return self.says(name, status, cum, event=event, execution=execution)

    def read(self, name: str, status: str, cum: Decimal | int | str = 0) -> "ReducerHarness":
        """A status read answers."""
        return self.says(name, status, cum, source=Source.READ)

    def working(self) -> "ReducerHarness":
        """The limit is posted, answered and live."""
        return self.post_leaves(L).says(L, "new", source=Source.POST).says(L, "new")

    def cancelling(self) -> "ReducerHarness":
        """Time ran out and the DELETE of the limit was taken."""
        return self.deadline().delete_leaves(L).delete_taken(L)

    def fallback_live(self, name: str = M) -> "ReducerHarness":
        """The fallback is posted and live."""
        return self.post_leaves(name).says(name, "new", source=Source.POST).says(name, "new")


def replayed(journal: list[AnyFact]) -> ParentOrder:
    """The state that the journal alone gives."""
    order: ParentOrder | None = None
    for fact in journal:
        order, _ = reduce(order, fact)
    assert order is not None
    return order


def miss(desk: ReducerHarness, name: str, times: int) -> ReducerHarness:
    """Reads answer 404 after short waits."""
    for _ in range(times):
        desk.wait(0.2).not_found(name)
    return desk
