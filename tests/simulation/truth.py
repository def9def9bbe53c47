"""What the oracle keeps of one parent order: what was asked, sent, heard and tampered with."""

from dataclasses import dataclass, field
from decimal import Decimal

from core.market.prices import ZERO, Side
from core.orders.plan import Instruction
from core.orders.state import ParentOrder
from core.venue.interface import OrderReport


@dataclass
class Sent:
    """One client id that went on the wire."""

    qty: Decimal
    limit_price: Decimal | None
    replaces: str = ""  # the child that a PATCH names
    posts: int = 0
    flying: int = 0  # requests that may still arrive
    deletes: int = 0
    answered: bool = False
    refused: bool = False  # every answer was a definite no
    ambiguous: bool = False
    taken: int = 0  # the run in which a DELETE was taken
    deleted_ns: int = 0  # when the last DELETE left
    read_ns: int = 0  # when the last answer to a GET was read


@dataclass
class Tamper:
    """The exchange changed an order that had ended, or took back a fill."""

    broker_id: str
    qty: Decimal
    filled: Decimal  # of that order, afterwards
    at: int
    heard: tuple[int, int] | None = None  # run and time


@dataclass
class Truth:
    """One parent order as it really is. `run` is the process that accepted it."""

    id: str
    instruction: Instruction
    run: int
    started_ns: int
    deadline_ns: int | None
    short: bool = False
    sent: dict[str, Sent] = field(default_factory=dict)
    broker_ids: list[str] = field(default_factory=list)
    proven: set[str] = field(default_factory=set)  # broker ids whose end was heard
    heard_at: dict[str, int] = field(default_factory=dict)
    tampers: list[Tamper] = field(default_factory=list)
    presses: int = 0
    cancel_run: int = 0  # the run in which a person cancelled
    cancel_durable: bool = False
    market_now: bool = False
    unrecorded: bool = False  # a run that could record no more looked after it
    set_prices: set[Decimal] = field(default_factory=set)  # those that a person set
    price_durable: bool = False  # the engine said that one of them is recorded
    timed_out: bool = False  # the deadline has passed, on the clock of some run
    unsure: bool = False  # a crash may have taken a press with it
    meddled: bool = False  # someone replaced an order at the broker
    excess: Decimal = ZERO  # how much more that someone asked for
    late_qty: Decimal = ZERO  # filled after the end
    taken_back: Decimal = ZERO
    ended: bool = False
    shown: ParentOrder | None = None

    @property
    def asked(self) -> Decimal:
        """Shares asked for."""
        return self.instruction.qty

    @property
    def side(self) -> Side:
        """Buy or sell."""
        return self.instruction.side

    def worse(self, price: Decimal | None, limit: Decimal) -> bool:
        """Whether an order at `price` could trade past the trader's limit."""
        if price is None:
            return True
        return price < limit if self.side is Side.SELL else price > limit

    @property
    def bust_heard(self) -> bool:
        """The engine knows that a fill was taken back."""
        return any(t.qty < 0 and t.heard for t in self.tampers)

    def note_heard(self, report: OrderReport, run: int, now: int) -> None:
        """A report that carries a tampered number has been handed over."""
        for tamper in self.tampers:
            if tamper.broker_id == report.broker_id and tamper.heard is None:
                busted = tamper.qty <= 0 and report.event in ("trade_bust", "trade_correct")
                if busted or (tamper.qty > 0 and report.filled >= tamper.filled):
                    tamper.heard = (run, now)

    def forget_unwritten(self, run: int, last_write_ns: int) -> None:
        """A crash took what had been heard after the last write."""
        self.heard_at = {b: at for b, at in self.heard_at.items() if at < last_write_ns}
        for tamper in self.tampers:
            if tamper.heard is not None and tamper.heard[1] >= last_write_ns:
                tamper.heard = None
        if self.presses:
            self.unsure = True
        if self.cancel_run == run:
            self.cancel_run = run if self.cancel_durable else 0

    def unheard_late(self) -> Decimal:
        """Shares that filled after the end and that the engine was never told of."""
        return self.excess + sum(
            (t.qty for t in self.tampers if t.qty > 0 and t.heard is None), ZERO
        )
