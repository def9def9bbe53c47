"""The boundary an instruction must pass before it is journaled or sent. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.account import Asset
from core.errors import Refusal
from core.links import Link, LinkName, LinkState
from core.market import Board, MarketClock, Quote, Unusable
from core.plan import Instruction
from core.prices import LimitPrice
from core.steps import first_price


@dataclass(frozen=True, slots=True)
class Accepted:
    """The arrival quote and the limit price that the plan makes of it."""

    quote: Quote
    price: LimitPrice


def accept(
    instruction: Instruction,
    *,
    asset: Asset,
    board: Board,
    links: Mapping[LinkName, Link],
    market: MarketClock | None,
    journal_error: str,
    now_ns: int,
) -> Accepted:
    """The price at which `instruction` may be worked now. Raises Refusal with the rule broken."""
    _check_links(links)
    if journal_error:
        raise Refusal("journal", f"{journal_error} No new order is taken.")
    check_asset(instruction, asset)
    is_open = market is not None and market.open_at(now_ns)
    why = board.why_unusable(instruction.symbol, now_ns, is_open=is_open)
    quote = board.quotes.get(instruction.symbol)
    if why is not None or quote is None:
        why = why or Unusable.MISSING
        raise Refusal("quote", f"{why.sentence(instruction.symbol)} Nothing was sent.", why.value)
    price = first_price(
        instruction.side, quote.bid, quote.ask, instruction.plan, instruction.symbol
    )
    return Accepted(quote, price)


def _check_links(links: Mapping[LinkName, Link]) -> None:
    """Fills are learned from the order stream, so nothing is sent without it."""
    link = links.get(LinkName.ORDERS)
    if link is None or link.state is not LinkState.UP:
        detail = f" ({link.detail})" if link is not None and link.detail else ""
        raise Refusal(
            "stream",
            f"The order stream is not connected{detail}, so fills could not be seen. "
            "Nothing was sent.",
        )


def check_asset(instruction: Instruction, asset: Asset) -> None:
    """Raise Refusal when `asset` can't be traded, or not in that quantity."""
    if not asset.tradable:
        raise Refusal(
            "symbol", f"{asset.symbol} cannot be traded at this venue.", instruction.symbol
        )
    whole = instruction.qty == instruction.qty.to_integral_value()
    if not whole and not asset.fractionable:
        raise Refusal(
            "quantity",
            f"{asset.symbol} trades in whole shares only, so not {instruction.qty}.",
            instruction.qty,
        )
