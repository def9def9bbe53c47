"""The pre-trade controls: a table of rows, each judging one frozen picture of what is asked.

Pure, and the one place that says whether an order may be sent: the engine asks it at
the submit, the ticket beforehand, so both give the same reason. A row refuses, or asks
to be confirmed by its name. Rows stand in the order in which they are told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from core.market.limit_price import collar_price
from core.market.prices import ZERO, Side, ticks_between
from core.market.quotes import Unusable
from core.market.time import NS
from core.market.trading_hours import TradingHours
from core.orders.plan import Fallback
from core.risk.pre_trade_context import MINUTE_NS, ProposedOrder
from core.risk.send_gate import short_restricted, wash_trade, wider
from core.wording.numbers import amount, basis_points, money, price, qty
from core.wording.quote_words import why_unusable_words
from core.wording.times import since

MOVED = "moved"  # the control that is asked again of whoever has seen the new price
SHORT_MARGIN = Decimal("1.03")  # what the venue reserves for a short sale, as a part of the ask
LEAST_FRACTIONAL = Decimal(1)  # dollars: the venue takes no smaller order for a part of a share


class Severity(StrEnum):
    """What a broken control does."""

    REFUSE = "refuse"
    CONFIRM = "confirm"  # sent when the person says so, by the control's name


Rule = Callable[[ProposedOrder], str]
"""The sentence when the control is broken, else an empty text."""


@dataclass(frozen=True, slots=True)
class Control:
    """One row. `limits` names the settings that it compares with."""

    name: str
    severity: Severity
    judge: Rule
    limits: tuple[str, ...] = ()


# ---- the engine, the venue, the account -----------------------------------------------------


def _killed(order: ProposedOrder) -> str:
    return order.now.killed


def _journal(order: ProposedOrder) -> str:
    return f"{order.now.journal} No new order is taken." if order.now.journal else ""


def _settings(order: ProposedOrder) -> str:
    return order.now.damaged


def _login(order: ProposedOrder) -> str:
    return order.now.locked_out


def _stream(order: ProposedOrder) -> str:
    if order.now.connected:
        return ""
    detail = f" ({order.now.disconnected})" if order.now.disconnected else ""
    return f"The order stream is not connected{detail}, so fills could not be seen."


def _account(order: ProposedOrder) -> str:
    account = order.now.account
    if account is None:
        return ""
    if account.not_open:
        word = account.not_open.replace("_", " ").lower()
        return f"The venue takes no order from account {account.number}: its status is {word}."
    return f"The venue has blocked account {account.number} from trading." * account.blocked


# ---- what is traded, and in which quantities ------------------------------------------------


def _symbol(order: ProposedOrder) -> str:
    asset = order.now.asset
    return f"{asset.symbol} cannot be traded at this venue." if asset and not asset.tradable else ""


def _whole(order: ProposedOrder) -> str:
    asset = order.now.asset
    if asset is None or asset.fractionable or not order.fractional:
        return ""
    return f"{asset.symbol} trades in whole shares only, so not {qty(order.qty)}."


def _minimum(order: ProposedOrder) -> str:
    """Alpaca takes no smaller buy of a part of a share; what is held may be sold to the last."""
    if order.side is Side.SELL or order.limit is None or not order.fractional:
        return ""
    if order.notional >= LEAST_FRACTIONAL:
        return ""
    least = money(LEAST_FRACTIONAL)
    return f"A part of a share must be worth {least} or more, not {money(order.notional)}."


# ---- the session and the quote --------------------------------------------------------------


def _unusable(*reasons: Unusable) -> Rule:
    def judge(order: ProposedOrder) -> str:
        why = order.now.unusable
        if why not in reasons or why is None:
            return ""
        missing = order.now.no_quotes if why is Unusable.MISSING else ""
        return missing or why.sentence(order.now.symbol)

    return judge


def _session(order: ProposedOrder) -> str:
    if order.now.unusable is not Unusable.CLOSED:
        return ""
    if order.now.session is TradingHours.EXTENDED:
        return "The market is closed, and your settings allow no order in extended hours."
    return Unusable.CLOSED.sentence(order.now.symbol)


def _extended(order: ProposedOrder) -> str:
    if order.now.session is not TradingHours.EXTENDED or not order.fractional:
        return ""
    return "Outside regular hours only whole shares are traded."


def _quote_age(order: ProposedOrder) -> str:
    if order.now.unusable is not Unusable.STALE:
        return ""
    return why_unusable_words(Unusable.STALE, order.now.symbol, order.now.quote_age)


def _before_close(order: ProposedOrder) -> str:
    closes, settings = order.now.closes_ns, order.now.settings
    if closes is None or closes - order.now.now_ns >= settings.before_close * NS:
        return ""
    left = max(closes - order.now.now_ns, 0) // NS
    return f"The market closes in {left} s, and after that nothing falls back."


def _price(order: ProposedOrder) -> str:
    return order.problem.sentence if order.problem else ""


# ---- our other orders ----------------------------------------------------------------------


def _wash(order: ProposedOrder) -> str:
    if order.limit is None:
        return ""
    return wash_trade(order.side, order.limit.price, order.now.resting)


# ---- the position and the money -------------------------------------------------------------


def _short(order: ProposedOrder) -> str:
    if not order.opens_short:
        return ""
    symbol, asset = order.now.symbol, order.now.asset
    if not order.now.settings.short_sales:
        return f"You hold no {symbol} to sell."
    if asset is not None and not asset.shortable:
        return f"{symbol} cannot be sold short at this venue."
    return "A part of a share cannot be sold short." if order.fractional else ""


def _short_restriction(order: ProposedOrder) -> str:
    if not order.restricted or order.limit is None or order.now.quote is None:
        return ""
    return short_restricted(order.now.symbol, order.limit.price, order.now.quote.bid)


def _flip(order: ProposedOrder) -> str:
    held, symbol = order.held, order.now.symbol
    if order.side is Side.SELL and 0 < held < order.qty:
        return f"You hold {qty(held)} {symbol}: one order never turns long into short."
    if order.side is Side.BUY and 0 < -held < order.qty:
        return f"You are short {qty(-held)} {symbol}: one order never turns short into long."
    return ""


def _available(order: ProposedOrder) -> str:
    position = order.now.position
    if order.side is Side.BUY or position is None or position.qty <= 0:
        return ""
    if order.qty <= position.available or order.qty > position.qty:
        return ""
    symbol, reserved = order.now.symbol, position.qty - position.available
    return f"Only {qty(position.available)} {symbol} are available; {qty(reserved)} are reserved."


def _funds(order: ProposedOrder) -> str:
    account, cost = order.now.account, cost_of(order)
    if account is None or cost <= account.buying_power:
        return ""
    return f"Costs {money(cost)}; buying power is {money(account.buying_power)}."


def cost_of(order: ProposedOrder) -> Decimal:
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


def _max_shares(order: ProposedOrder) -> str:
    most = order.now.settings.max_shares
    if order.qty <= most:
        return ""
    return f"{qty(order.qty)} shares are more than your limit of {qty(most)}."


def _max_notional(order: ProposedOrder) -> str:
    most = order.now.settings.max_notional
    if order.notional <= most:
        return ""
    return f"{money(order.notional)} is more than your limit of {money(most)}."


def _large(order: ProposedOrder) -> str:
    most = order.now.settings.large_notional
    if order.notional <= most:
        return ""
    return f"This is a large order: {money(order.notional)}, above {money(most)}."


def _spread(order: ProposedOrder) -> str:
    quote, settings = order.now.quote, order.now.settings
    if quote is None or order.now.unusable is not None:
        return ""
    if not wider(quote, settings.max_spread_bps, settings.max_spread_ticks):
        return ""
    return (
        f"The spread is wide: {basis_points(quote.spread, quote.mid)}, "
        f"above {settings.max_spread_bps:f} bps."
    )


def _spread_limit(order: ProposedOrder) -> str:
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


def _price_band(order: ProposedOrder) -> str:
    trade, limit, most = order.now.trade, order.limit, order.now.settings.price_band_percent
    if trade is None or limit is None or trade.price <= 0:
        return ""
    away = abs(limit.price - trade.price) * 100
    if away <= most * trade.price:
        return ""
    return (
        f"{price(limit.price)} is {amount(away / trade.price)} % from the last trade at "
        f"{price(trade.price)}, more than {most:f} %."
    )


def _moved(order: ProposedOrder) -> str:
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


def _duplicate(order: ProposedOrder) -> str:
    now = order.now
    window_ns = int(now.settings.duplicate_window * NS)
    for sent in now.recent:
        same = (sent.symbol, sent.side, sent.qty) == (now.symbol, order.side, order.qty)
        if same and now.now_ns - sent.at_ns < window_ns:
            return f"The same order was sent {since(now.now_ns - sent.at_ns)}."
    return ""


def _rate(order: ProposedOrder) -> str:
    now = order.now
    count = sum(now.now_ns - sent.at_ns < MINUTE_NS for sent in now.recent)
    if count < now.settings.orders_per_minute:
        return ""
    return f"{count} orders in the last minute are as many as your limit allows."


def _unproven(order: ProposedOrder) -> str:
    """The one way to sell twice: again, because the first time seems to be lost."""
    shares = sum((q for side, q in order.now.unproven if side is order.side), ZERO)
    if not shares:
        return ""
    done = "sold" if order.side is Side.SELL else "bought"
    return f"{qty(shares)} {order.now.symbol} of an order not proven dead may still be {done}."


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
    Control("price-band", _CONFIRM, _price_band, ("price_band_percent",)),
    Control(MOVED, _CONFIRM, _moved),
    Control("large", _CONFIRM, _large, ("large_notional",)),
    Control("duplicate", _CONFIRM, _duplicate, ("duplicate_window",)),
    Control("unproven", _CONFIRM, _unproven),
)
NAMES = frozenset(control.name for control in CONTROLS)
CONFIRMABLE = tuple(c.name for c in CONTROLS if c.severity is Severity.CONFIRM)
FORMER_NAMES = {"collar": "price-band"}  # what `--yes` still takes
