"""The pre-trade controls: a table of rows, each judging one frozen picture of what is asked.

Pure, and the one place that says whether an order may be sent: the engine asks it at
the submit, the ticket beforehand, so both give the same reason. A row refuses, or asks
to be confirmed by its name. Rows stand in the order in which they are told.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from msgspec import structs

from core.errors import Confirmation, Refusal
from core.market.account import Account, Asset, Position
from core.market.links import Link, LinkName, LinkState
from core.market.prices import ZERO, LimitPrice, Side, collar_price, ticks_between
from core.market.quote_board import QuoteBoard
from core.market.quotes import Quote, Trade, Unusable
from core.market.time import NS
from core.market.trading_hours import MarketClock, TradingHours
from core.orders.plan import Fallback, Plan, Preview
from core.orders.repricing import first_price
from core.orders.state import ParentOrder
from core.risk.limits import DEFAULTS, Settings
from core.risk.send_gate import Resting, may_trade, resting, short_restricted, wash_trade, wider
from core.wording.words import amount, basis_points, money, price, qty, since

MINUTE_NS = 60 * NS
MOVED = "moved"  # the control that is asked again of whoever has seen the new price
SHORT_MARGIN = Decimal("1.03")  # what the venue reserves for a short sale, as a part of the ask
LEAST_FRACTIONAL = Decimal(1)  # dollars: the venue takes no smaller order for a part of a share


class Severity(StrEnum):
    """What a broken control does."""

    REFUSE = "refuse"
    CONFIRM = "confirm"  # sent when the person says so, by the control's name


@dataclass(frozen=True, slots=True)
class Sent:
    """An order of ours that was accepted a short while ago."""

    symbol: str
    side: Side
    qty: Decimal
    at_ns: int


@dataclass(frozen=True, slots=True)
class Situation:
    """All that is known when an order for `symbol` is judged. Empty texts mean all is well.

    `armed` is the window's own latch, `awaited` the symbol that it is asking the venue for;
    `killed`, `journal` and `damaged` say why the engine takes no order: the kill switch, a journal
    that cannot record, settings that cannot be read. `locked_out` says why the venue does not know
    us, or as another account than before. `disconnected` is what the order stream said last.
    `age_ns` is how long ago the quote was last known to be the newest. `recent` are orders of the
    last minute, `resting` those of ours that may still trade, `may_buy` and `may_sell` how many
    shares they may. `restricted`: short sales are (Rule 201).
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
    settings: Settings = DEFAULTS
    killed: str = ""
    journal: str = ""
    damaged: str = ""
    locked_out: str = ""
    disconnected: str = ""
    awaited: str = ""
    may_buy: Decimal = ZERO
    may_sell: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Asked:
    """One order to be judged: what is asked, its price as it would be now, and the situation.

    `problem` says why it has no price. `shown` is what stood on the screen at the click.
    """

    side: Side
    qty: Decimal
    plan: Plan
    now: Situation
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


Judge = Callable[[Asked], str]
"""The sentence when the control is broken, else an empty text."""


@dataclass(frozen=True, slots=True)
class Control:
    """One row. `limits` names the settings that it compares with."""

    name: str
    severity: Severity
    judge: Judge
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A control that is broken, in words."""

    name: str
    severity: Severity
    sentence: str


# ---- asking ---------------------------------------------------------------------------------


def situation(
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
    settings: Settings,
    now_ns: int,
) -> Situation:
    """The picture of `symbol` at `now_ns`, the same for the engine and for the window.

    `current` are those of `orders` of which something may be live.
    """
    hours = market.hours(now_ns) if market is not None else TradingHours.CLOSED
    is_open = hours is TradingHours.REGULAR
    extended = hours is TradingHours.EXTENDED and settings.extended_hours
    stream, rest = links.get(LinkName.ORDERS), links.get(LinkName.REST)
    oldest_ns = int(settings.max_quote_age * NS)
    return Situation(
        symbol=symbol,
        quote=board.quotes.get(symbol),
        unusable=board.why_unusable(
            symbol, now_ns, is_open=is_open or extended, max_age_ns=oldest_ns
        ),
        position=positions.get(symbol),
        account=account,
        armed=True,
        connected=stream is not None and stream.state is LinkState.UP,
        locked_out=rest.detail if rest and rest.state is LinkState.REFUSED else "",
        disconnected=stream.detail if stream is not None else "",
        asset=asset,
        trade=board.trades.get(symbol),
        recent=tuple(_recent(orders, now_ns, settings)),
        resting=resting(current, symbol, unsent=True),
        restricted=board.restricted(symbol),
        may_buy=may_trade(current, symbol, Side.BUY),
        may_sell=may_trade(current, symbol, Side.SELL),
        session=hours,
        closes_ns=market.next_close_ns if market is not None and is_open else None,
        now_ns=now_ns,
        settings=settings,
    )


def _recent(orders: dict[str, ParentOrder], now_ns: int, settings: Settings) -> Iterable[Sent]:
    """Orders young enough to count, newest first; `orders` is oldest first."""
    since = now_ns - max(MINUTE_NS, int(settings.duplicate_window * NS))
    for name in reversed(orders):
        order = orders[name]
        if order.started_ns <= since:
            return
        yield Sent(order.symbol, order.side, order.qty, order.started_ns)


def asked(
    side: Side, quantity: Decimal, plan: Plan, now: Situation, shown: Preview | None = None
) -> Asked:
    """The order with the price that the plan makes of the quote in `now`.

    Outside regular hours nothing falls back: Alpaca takes limit orders only then, and a market
    order would wait for the next opening.
    """
    quote = now.quote
    if now.session is TradingHours.EXTENDED:
        plan = structs.replace(plan, fallback=Fallback.NONE)
    bare = Asked(side, quantity, plan, now, None, shown=shown)
    if quote is None:
        return bare
    try:
        limit = first_price(side, quote.bid, quote.ask, plan, quote.symbol)
    except Refusal as refusal:
        return replace(bare, problem=refusal)
    return replace(bare, limit=limit)


def findings(order: Asked, controls: Iterable[Control] | None = None) -> tuple[Finding, ...]:
    """Every control that the order breaks, those that refuse first."""
    broken = [
        Finding(control.name, control.severity, sentence)
        for control in (CONTROLS if controls is None else controls)
        if (sentence := control.judge(order))
    ]
    return tuple(sorted(broken, key=lambda found: found.severity is Severity.CONFIRM))


def first(order: Asked) -> Finding | None:
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


def judge(order: Asked, confirmed: Iterable[str] = ()) -> tuple[Quote, LimitPrice]:
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
    order = Asked(side, quantity, plan, Situation(asset.symbol, None, None, asset=asset), None)
    for found in findings(order, _OF_ASSET):
        raise Refusal(found.name, f"{found.sentence} Nothing was sent.", quantity)


# ---- the engine, the venue, the account -----------------------------------------------------


def _killed(order: Asked) -> str:
    return order.now.killed


def _journal(order: Asked) -> str:
    return f"{order.now.journal} No new order is taken." if order.now.journal else ""


def _settings(order: Asked) -> str:
    return order.now.damaged


def _login(order: Asked) -> str:
    return order.now.locked_out


def _stream(order: Asked) -> str:
    if order.now.connected:
        return ""
    detail = f" ({order.now.disconnected})" if order.now.disconnected else ""
    return f"The order stream is not connected{detail}, so fills could not be seen."


def _account(order: Asked) -> str:
    account = order.now.account
    if account is None or not account.blocked:
        return ""
    return f"The venue has blocked account {account.number} from trading."


# ---- what is traded, and in which quantities ------------------------------------------------


def _symbol(order: Asked) -> str:
    asset = order.now.asset
    return f"{asset.symbol} cannot be traded at this venue." if asset and not asset.tradable else ""


def _whole(order: Asked) -> str:
    asset = order.now.asset
    if asset is None or asset.fractionable or not order.fractional:
        return ""
    return f"{asset.symbol} trades in whole shares only, so not {qty(order.qty)}."


def _minimum(order: Asked) -> str:
    if order.limit is None or not order.fractional or order.notional >= LEAST_FRACTIONAL:
        return ""
    least = money(LEAST_FRACTIONAL)
    return f"A part of a share must be worth {least} or more, not {money(order.notional)}."


# ---- the session and the quote --------------------------------------------------------------


def _unusable(*reasons: Unusable) -> Judge:
    def judge(order: Asked) -> str:
        why = order.now.unusable
        return why.sentence(order.now.symbol) if why in reasons and why is not None else ""

    return judge


def _session(order: Asked) -> str:
    if order.now.unusable is not Unusable.CLOSED:
        return ""
    if order.now.session is TradingHours.EXTENDED:
        return "The market is closed, and your settings allow no order in extended hours."
    return Unusable.CLOSED.sentence(order.now.symbol)


def _extended(order: Asked) -> str:
    if order.now.session is not TradingHours.EXTENDED or not order.fractional:
        return ""
    return "Outside regular hours only whole shares are traded."


def _quote_age(order: Asked) -> str:
    if order.now.unusable is not Unusable.STALE:
        return ""
    return Unusable.STALE.sentence(order.now.symbol)


def _before_close(order: Asked) -> str:
    closes, settings = order.now.closes_ns, order.now.settings
    if closes is None or closes - order.now.now_ns >= settings.before_close * NS:
        return ""
    left = max(closes - order.now.now_ns, 0) // NS
    return f"The market closes in {left} s, and after that nothing falls back."


def _price(order: Asked) -> str:
    return order.problem.sentence if order.problem else ""


# ---- our other orders ----------------------------------------------------------------------


def _wash(order: Asked) -> str:
    if order.limit is None:
        return ""
    return wash_trade(order.side, order.limit.price, order.now.resting)


# ---- the position and the money -------------------------------------------------------------


def _short(order: Asked) -> str:
    if not order.opens_short:
        return ""
    symbol, asset = order.now.symbol, order.now.asset
    if not order.now.settings.short_sales:
        return f"You hold no {symbol} to sell."
    if asset is not None and not asset.shortable:
        return f"{symbol} cannot be sold short at this venue."
    return "A part of a share cannot be sold short." if order.fractional else ""


def _short_restriction(order: Asked) -> str:
    if not order.restricted or order.limit is None or order.now.quote is None:
        return ""
    return short_restricted(order.now.symbol, order.limit.price, order.now.quote.bid)


def _flip(order: Asked) -> str:
    held, symbol = order.held, order.now.symbol
    if order.side is Side.SELL and 0 < held < order.qty:
        return f"You hold {qty(held)} {symbol}: one order never turns long into short."
    if order.side is Side.BUY and 0 < -held < order.qty:
        return f"You are short {qty(-held)} {symbol}: one order never turns short into long."
    return ""


def _available(order: Asked) -> str:
    position = order.now.position
    if order.side is Side.BUY or position is None or position.qty <= 0:
        return ""
    if order.qty <= position.available or order.qty > position.qty:
        return ""
    held = position.qty - position.available
    return f"Only {qty(position.available)} {order.now.symbol} are available; {qty(held)} are held."


def _funds(order: Asked) -> str:
    account, cost = order.now.account, cost_of(order)
    if account is None or cost <= account.buying_power:
        return ""
    return f"Costs {money(cost)}; buying power is {money(account.buying_power)}."


def cost_of(order: Asked) -> Decimal:
    """Dollars of buying power that the order may take: at the worst price it names.

    A fallback at the market has no worst price; as the venue does, the far touch stands for it.
    """
    quote, limit = order.now.quote, order.limit
    if quote is None or limit is None:
        return ZERO
    if order.opens_short:
        return order.qty * max(limit.price, quote.ask * SHORT_MARGIN)
    if order.side is Side.SELL or order.held < 0:
        return ZERO
    worst = limit.price
    if order.plan.fallback is Fallback.MARKET:
        worst = max(worst, quote.ask)
    elif order.plan.fallback is Fallback.COLLAR:
        worst = max(worst, collar_price(order.side, quote.bid, quote.ask, order.plan.collar))
    return order.qty * (worst if order.plan.limit is None else min(worst, order.plan.limit))


# ---- size, price and pace -------------------------------------------------------------------


def _max_shares(order: Asked) -> str:
    most = order.now.settings.max_shares
    if order.qty <= most:
        return ""
    return f"{qty(order.qty)} shares are more than your limit of {qty(most)}."


def _max_notional(order: Asked) -> str:
    most = order.now.settings.max_notional
    if order.notional <= most:
        return ""
    return f"{money(order.notional)} is more than your limit of {money(most)}."


def _large(order: Asked) -> str:
    most = order.now.settings.large_notional
    if order.notional <= most:
        return ""
    return f"This is a large order: {money(order.notional)}, above {money(most)}."


def _spread(order: Asked) -> str:
    quote, settings = order.now.quote, order.now.settings
    if quote is None or order.now.unusable is not None:
        return ""
    if not wider(quote, settings.max_spread_bps, settings.max_spread_ticks):
        return ""
    return (
        f"The spread is wide: {basis_points(quote.spread, quote.mid)}, "
        f"above {settings.max_spread_bps:f} bps."
    )


def _spread_limit(order: Asked) -> str:
    quote, settings = order.now.quote, order.now.settings
    most = settings.max_spread_refuse_bps
    if quote is None or order.now.unusable is not None:
        return ""
    if not wider(quote, most, settings.max_spread_ticks):
        return ""
    return (
        f"The spread is too wide to trade: {basis_points(quote.spread, quote.mid)}, "
        f"above {most:f} bps."
    )


def _collar(order: Asked) -> str:
    trade, limit, most = order.now.trade, order.limit, order.now.settings.collar_percent
    if trade is None or limit is None or trade.price <= 0:
        return ""
    away = abs(limit.price - trade.price) * 100
    if away <= most * trade.price:
        return ""
    return (
        f"{price(limit.price)} is {amount(away / trade.price)} % from the last trade at "
        f"{price(trade.price)}, more than {most:f} %."
    )


def _moved(order: Asked) -> str:
    shown, limit = order.shown, order.limit
    if shown is None or shown.moved_ticks is None or limit is None:
        return ""
    low, high = sorted((shown.limit_price, limit.price))
    moved = ticks_between(low, high)
    if moved <= shown.moved_ticks:
        return ""
    return (
        f"The price moved {moved} ticks since the click, from {price(shown.limit_price)} "
        f"to {price(limit.price)}."
    )


def _duplicate(order: Asked) -> str:
    now = order.now
    window_ns = int(now.settings.duplicate_window * NS)
    for sent in now.recent:
        same = (sent.symbol, sent.side, sent.qty) == (now.symbol, order.side, order.qty)
        if same and now.now_ns - sent.at_ns < window_ns:
            return f"The same order was sent {since(now.now_ns - sent.at_ns)}."
    return ""


def _rate(order: Asked) -> str:
    now = order.now
    count = sum(now.now_ns - sent.at_ns < MINUTE_NS for sent in now.recent)
    if count < now.settings.orders_per_minute:
        return ""
    return f"{count} orders in the last minute are as many as your limit allows."


_NO_QUOTE = tuple(set(Unusable) - {Unusable.CLOSED, Unusable.HALTED, Unusable.STALE})
_REFUSE, _CONFIRM = Severity.REFUSE, Severity.CONFIRM
_OF_ASSET = (Control("symbol", _REFUSE, _symbol), Control("whole", _REFUSE, _whole))

CONTROLS: tuple[Control, ...] = (
    Control("killed", _REFUSE, _killed),
    Control("journal", _REFUSE, _journal),
    Control("settings", _REFUSE, _settings),
    Control("login", _REFUSE, _login),
    Control("stream", _REFUSE, _stream),
    Control("account", _REFUSE, _account),
    *_OF_ASSET,
    Control("session", _REFUSE, _session, ("extended_hours",)),
    Control("extended", _REFUSE, _extended),
    Control("halt", _REFUSE, _unusable(Unusable.HALTED)),
    Control("quote", _REFUSE, _unusable(*_NO_QUOTE)),
    Control("quote-age", _REFUSE, _quote_age, ("max_quote_age",)),
    Control("price", _REFUSE, _price),
    Control("spread-limit", _REFUSE, _spread_limit, ("max_spread_refuse_bps", "max_spread_ticks")),
    Control("minimum", _REFUSE, _minimum),
    Control("wash", _REFUSE, _wash),
    Control("short", _REFUSE, _short, ("short_sales",)),
    Control("short-restriction", _REFUSE, _short_restriction),
    Control("flip", _REFUSE, _flip),
    Control("available", _REFUSE, _available),
    Control("funds", _REFUSE, _funds),
    Control("max-shares", _REFUSE, _max_shares, ("max_shares",)),
    Control("max-notional", _REFUSE, _max_notional, ("max_notional",)),
    Control("rate", _REFUSE, _rate, ("orders_per_minute",)),
    Control("before-close", _CONFIRM, _before_close, ("before_close",)),
    Control("spread", _CONFIRM, _spread, ("max_spread_bps", "max_spread_ticks")),
    Control("collar", _CONFIRM, _collar, ("collar_percent",)),
    Control(MOVED, _CONFIRM, _moved),
    Control("large", _CONFIRM, _large, ("large_notional",)),
    Control("duplicate", _CONFIRM, _duplicate, ("duplicate_window",)),
)
NAMES = frozenset(control.name for control in CONTROLS)
CONFIRMABLE = tuple(c.name for c in CONTROLS if c.severity is Severity.CONFIRM)
