"""Judges a proposed order by the table of controls: refused, to be confirmed, or accepted. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.errors import Confirmation, Refusal
from core.market.account import Asset
from core.market.limit_price import LimitPrice
from core.market.prices import Side
from core.market.quotes import Quote, Unusable
from core.orders.plan import Plan
from core.risk.pre_trade_context import PreTradeContext, ProposedOrder
from core.risk.pre_trade_controls import _OF_ASSET, CONTROLS, Control, Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """A control that is broken, in words."""

    name: str
    severity: Severity
    sentence: str


def findings(
    order: ProposedOrder, controls: Iterable[Control] | None = None
) -> tuple[Finding, ...]:
    """Every control that the order breaks, those that refuse first."""
    broken = [
        Finding(control.name, control.severity, sentence)
        for control in (CONTROLS if controls is None else controls)
        if (sentence := control.judge(order))
    ]
    return tuple(sorted(broken, key=lambda found: found.severity is Severity.CONFIRM))


def first(order: ProposedOrder) -> Finding | None:
    """The control to tell the person of: the first that refuses, else the first that asks."""
    question = None
    for control in CONTROLS:
        sentence = control.judge(order) if question is None or _refuses(control) else ""
        if sentence and _refuses(control):
            return Finding(control.name, control.severity, sentence)
        if sentence:
            question = Finding(control.name, control.severity, sentence)
    return question


def _refuses(control: Control) -> bool:
    return control.severity is Severity.REFUSE


def judge(order: ProposedOrder, confirmed: Iterable[str] = ()) -> tuple[Quote, LimitPrice]:
    """The quote it was judged on, and the price at which the order may be sent now.

    Raises Refusal by the first control that refuses, Confirmation naming all that ask and
    are not among `confirmed`.
    """
    broken = findings(order)
    for found in broken:
        if found.severity is Severity.REFUSE:
            value = order.now.unusable.value if order.now.unusable else order.qty
            raise Refusal(found.name, f"{found.sentence} Nothing was sent.", value)
    said = set(confirmed)
    asks = [found for found in broken if found.name not in said]
    if asks:
        sentences = " ".join(found.sentence for found in asks)
        raise Confirmation(tuple(found.name for found in asks), sentences, order.qty)
    if order.limit is None or order.now.quote is None:
        raise Refusal("quote", f"{Unusable.MISSING.sentence(order.now.symbol)} Nothing was sent.")
    return order.now.quote, order.limit


def check_asset(side: Side, quantity: Decimal, plan: Plan, asset: Asset) -> None:
    """Raise Refusal when no quote could make `asset` tradable in that quantity."""
    order = ProposedOrder(
        side, quantity, plan, PreTradeContext(asset.symbol, None, None, asset=asset), None
    )
    for found in findings(order, _OF_ASSET):
        raise Refusal(found.name, f"{found.sentence} Nothing was sent.", quantity)
