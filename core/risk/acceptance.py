"""The boundary an instruction must pass before it is journaled or sent. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import Confirmation, Refusal
from core.market.limit_price import LimitPrice
from core.market.quotes import Quote
from core.market.trading_hours import TradingHours
from core.orders.plan import Instruction, Plan
from core.orders.refused_instruction import RefusedInstruction
from core.risk import judging, pre_trade_context
from core.risk.pre_trade_context import PreTradeContext


@dataclass(frozen=True, slots=True)
class Accepted:
    """The arrival quote and the limit price that the plan makes of it.

    `short`: the order opens a short position. `extended`: it is for extended hours too, and
    `plan` what may be done of the plan asked for.
    """

    quote: Quote
    price: LimitPrice
    plan: Plan
    short: bool = False
    extended: bool = False


def accept(
    instruction: Instruction, now: PreTradeContext, confirmed: Iterable[str] = ()
) -> Accepted:
    """The price at which `instruction` may be worked now.

    Raises Refusal with the control that stands against it, Confirmation with those that ask
    and are not among `confirmed`.
    """
    asked = pre_trade_context.proposed_order(
        instruction.side, instruction.qty, instruction.plan, now, instruction.preview
    )
    quote, price = judging.judge(asked, confirmed)
    extended = now.session is TradingHours.EXTENDED
    return Accepted(quote, price, asked.plan, asked.opens_short, extended)


def refusal_record(
    instruction: Instruction, refusal: Refusal, now: PreTradeContext, venue: str
) -> RefusedInstruction:
    """What the journal keeps of an instruction that was not taken."""
    asks = isinstance(refusal, Confirmation)
    return RefusedInstruction(
        at=now.now_ns,
        instruction=instruction,
        controls=refusal.names if isinstance(refusal, Confirmation) else (refusal.rule,),
        sentence=refusal.sentence,
        asks=asks,
        quote=now.quote,
        venue=venue,
        account=now.account.number if now.account else "",
    )
