"""What the pre-trade controls look at: the order asked for and all that is known. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from msgspec import structs

from core.errors import Refusal
from core.market.account import Account, Asset, Position
from core.market.limit_price import LimitPrice
from core.market.links import Link, LinkName, LinkState
from core.market.prices import ZERO, Side
from core.market.quote_board import QuoteBoard
from core.market.quotes import Quote, Trade, Unusable
from core.market.time import NS
from core.market.trading_hours import MarketClock, TradingHours
from core.market.venue_time import Age
from core.orders.plan import Fallback, Plan, Preview
from core.orders.repricing import first_price
from core.orders.state import ParentOrder
from core.risk.limits import DEFAULTS, Limits
from core.risk.send_gate import Resting, may_trade, resting
from core.wording.link_outages import standing

MINUTE_NS = 60 * NS


@dataclass(frozen=True, slots=True)
class Sent:
    """An order of ours that was accepted a short while ago."""

    symbol: str
    side: Side
    qty: Decimal
    at_ns: int


@dataclass(frozen=True, slots=True)
class PreTradeContext:
    """All that is known when an order for `symbol` is judged. Empty texts mean all is well.

    `armed` is the window's own latch, `awaited` the symbol that it is asking the venue for;
    `killed`, `journal` and `damaged` say why the engine takes no order: the kill switch, a journal
    that cannot record, settings that cannot be read. `locked_out` says why the venue does not know
    us, or as another account than before. `disconnected` is what the order stream said last,
    `no_quotes` why the venue keeps quotes back.
    `recent` are orders of the last minute, `resting` those of ours that may still trade, `may_buy`
    and `may_sell` how many shares they may, `unproven` those of them that ended without proof, by
    side. `restricted`: short sales are (Rule 201).
    """

    symbol: str
    quote: Quote | None
    unusable: Unusable | None
    position: Position | None = None
    account: Account | None = None
    armed: bool = False
    connected: bool = True
    asset: Asset | None = None
    trade: Trade | None = None
    recent: tuple[Sent, ...] = ()
    resting: tuple[Resting, ...] = ()
    restricted: bool = False
    session: TradingHours = TradingHours.REGULAR
    closes_ns: int | None = None
    now_ns: int = 0
    settings: Limits = DEFAULTS
    killed: str = ""
    journal: str = ""
    damaged: str = ""
    locked_out: str = ""
    disconnected: str = ""
    no_quotes: str = ""
    awaited: str = ""
    may_buy: Decimal = ZERO
    may_sell: Decimal = ZERO
    unproven: tuple[tuple[Side, Decimal], ...] = ()
    quote_age: Age | None = None


@dataclass(frozen=True, slots=True)
class ProposedOrder:
    """One order to be judged: what is asked, its price as it would be now, and the situation.

    `problem` says why it has no price. `shown` is what stood on the screen at the click.
    """

    side: Side
    qty: Decimal
    plan: Plan
    now: PreTradeContext
    limit: LimitPrice | None
    problem: Refusal | None = None
    shown: Preview | None = None

    @property
    def held(self) -> Decimal:
        """Shares held before it; negative: short."""
        return self.now.position.qty if self.now.position else ZERO

    @property
    def notional(self) -> Decimal:
        """Dollars at the limit price; 0 while there is none."""
        return self.limit.price * self.qty if self.limit else ZERO

    @property
    def opens_short(self) -> bool:
        """A sell of a symbol that is not held."""
        return self.side is Side.SELL and self.held <= 0

    @property
    def restricted(self) -> bool:
        """A short sale while those are restricted."""
        return self.opens_short and self.now.restricted

    @property
    def fractional(self) -> bool:
        """For a part of a share."""
        return self.qty != self.qty.to_integral_value()


# ---- asking ---------------------------------------------------------------------------------


def context_of(
    symbol: str,
    *,
    board: QuoteBoard,
    links: Mapping[LinkName, Link],
    market: MarketClock | None,
    account: Account | None,
    positions: Mapping[str, Position],
    orders: dict[str, ParentOrder],
    current: Sequence[ParentOrder],
    asset: Asset | None,
    settings: Limits,
    now_ns: int,
) -> PreTradeContext:
    """The picture of `symbol` at `now_ns`, the same for the engine and for the window.

    `current` are those of `orders` of which something may be live.
    """
    hours = market.hours(now_ns) if market is not None else TradingHours.CLOSED
    is_open = hours is TradingHours.REGULAR
    extended = hours is TradingHours.EXTENDED and settings.extended_hours
    stream, rest, quotes = map(links.get, (LinkName.ORDERS, LinkName.REST, LinkName.QUOTES))
    return PreTradeContext(
        symbol=symbol,
        quote=board.quotes.get(symbol),
        unusable=board.why_unusable(
            symbol, now_ns, is_open=is_open or extended, max_age_ns=settings.max_quote_age_ns
        ),
        quote_age=board.age(symbol, now_ns),
        position=positions.get(symbol),
        account=account,
        armed=True,
        connected=stream is not None and stream.state is LinkState.UP,
        locked_out=rest.detail if rest and rest.state is LinkState.REFUSED else "",
        disconnected=standing(stream, now_ns) if stream is not None else "",
        no_quotes=quotes.detail if quotes and quotes.state is LinkState.REFUSED else "",
        asset=asset,
        trade=board.trades.get(symbol),
        recent=tuple(_recent(orders, now_ns, settings)),
        resting=resting(current, symbol, unsent=True),
        restricted=board.restricted(symbol),
        may_buy=may_trade(current, symbol, Side.BUY),
        may_sell=may_trade(current, symbol, Side.SELL),
        unproven=tuple((o.side, o.unproven) for o in current if o.final and o.symbol == symbol),
        session=hours,
        closes_ns=market.next_close_ns if market is not None and is_open else None,
        now_ns=now_ns,
        settings=settings,
    )


def _recent(orders: dict[str, ParentOrder], now_ns: int, settings: Limits) -> Iterable[Sent]:
    """Orders young enough to count, newest first; `orders` is oldest first."""
    since = now_ns - max(MINUTE_NS, int(settings.duplicate_window * NS))
    for name in reversed(orders):
        order = orders[name]
        if order.started_ns <= since:
            return
        yield Sent(order.symbol, order.side, order.qty, order.started_ns)


def proposed_order(
    side: Side, quantity: Decimal, plan: Plan, now: PreTradeContext, shown: Preview | None = None
) -> ProposedOrder:
    """The order with the price that the plan makes of the quote in `now`.

    Outside regular hours nothing falls back: Alpaca takes limit orders only then, and a market
    order would wait for the next opening.
    """
    quote = now.quote
    if now.session is TradingHours.EXTENDED:
        plan = structs.replace(plan, fallback=Fallback.NONE)
    bare = ProposedOrder(side, quantity, plan, now, None, shown=shown)
    if quote is None:
        return bare
    try:
        limit = first_price(side, quote.bid, quote.ask, plan, quote.symbol)
    except Refusal as refusal:
        return replace(bare, problem=refusal)
    return replace(bare, limit=limit)
