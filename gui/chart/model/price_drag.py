"""Another price being chosen for a working order, by mouse or by key: nothing is sent by it.

Whoever owns the chart says what a price would mean; the chart shows that and hands on what
was chosen. The price changes by the person's hand only, whatever the market does meanwhile.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from core.market.prices import MAX_PRICE, Side, floor_legal, step_legal
from core.risk.amendment import Judged
from core.wording.numbers import price
from gui.chart.model.series import to_price, to_units

Judge = Callable[[str, Decimal], Judged | None]


@dataclass(frozen=True, slots=True)
class PriceMove:
    """The order whose price is being chosen, the price it has, and the one it would get."""

    order_id: str
    side: Side
    start: Decimal
    limit: Decimal
    by_key: bool

    @property
    def units(self) -> int:
        """The chosen price in the chart's units."""
        return to_units(self.limit)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A chosen price as it is drawn: its words, and what is to be said about it."""

    move: PriceMove
    head: str
    tail: str
    warns: bool


def snapped(units: int) -> Decimal:
    """The legal price nearest to a place on the chart."""
    asked = min(max(to_price(units), Decimal(0)), MAX_PRICE)
    below = floor_legal(asked)
    above = step_legal(below, 1)
    nearest = below if asked - below < above - asked else above
    return nearest if nearest > 0 else above


def stepped(limit: Decimal, ticks: int) -> Decimal:
    """So many legal prices further; it stays where there is none."""
    moved = step_legal(floor_legal(limit), ticks)
    return moved if 0 < moved <= MAX_PRICE else limit


def proposal_of(move: PriceMove, judged: Judged) -> Proposal:
    """What is shown while the price is being chosen."""
    sends = "Enter" if move.by_key else "Release"
    head = f"{price(move.limit)}  {judged.words}".strip()
    if move.limit == move.start and not judged.reason:
        return Proposal(move, head, "Its price now. Esc leaves it.", warns=False)
    if judged.refusal:
        return Proposal(move, head, judged.refusal, warns=True)
    if judged.question:
        return Proposal(move, head, f"{judged.question} {sends} asks first.", warns=True)
    return Proposal(move, head, f"{sends} sets it, Esc leaves it.", warns=False)


class PriceDrag:
    """One move at a time. `judge` gives None for an order that nobody knows."""

    def __init__(self) -> None:
        self.judge: Judge = lambda _order_id, _limit: None
        self.move: PriceMove | None = None

    def begin(self, order_id: str, side: Side, units: int, *, by_key: bool) -> None:
        """Begin at the price the order has."""
        start = to_price(units)
        self.move = PriceMove(order_id, side, start, start, by_key)

    def to(self, units: int) -> None:
        """Choose the legal price nearest to this place."""
        if self.move is not None:
            self.move = replace(self.move, limit=snapped(units))

    def step(self, ticks: int) -> None:
        """Choose the price so many ticks further."""
        if self.move is not None:
            self.move = replace(self.move, limit=stepped(self.move.limit, ticks))

    def proposal(self) -> Proposal | None:
        """The move as it stands now; None when there is none, or its order is gone."""
        if self.move is None:
            return None
        judged = self.judge(self.move.order_id, self.move.limit)
        if judged is None:
            self.move = None
            return None
        return proposal_of(self.move, judged)

    def end(self) -> tuple[PriceMove | None, str]:
        """Give the move out of hand: what was chosen, or why it cannot be; neither if nothing."""
        proposal, self.move = self.proposal(), None
        if proposal is None or proposal.move.limit == proposal.move.start:
            return None, ""
        judged = self.judge(proposal.move.order_id, proposal.move.limit)
        refusal = "" if judged is None else judged.refusal
        return (None, refusal) if refusal else (proposal.move, "")

    def give_up(self) -> None:
        """Leave the price as it is."""
        self.move = None
