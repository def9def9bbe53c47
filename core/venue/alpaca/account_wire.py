"""Alpaca's REST words beside orders: account, positions, assets, clock, error bodies.

Bytes in, our own records out; no I/O. Raises `order_wire.BadFrame` and nothing else.
"""

import re
from decimal import Decimal
from html import unescape
from typing import TypeVar

import msgspec

from core.market.account import STOCKS, Account, Asset, Position
from core.market.prices import ZERO
from core.market.printable import plain
from core.market.trading_hours import MarketClock
from core.venue.alpaca.order_wire import MAX_FRAME, UNREADABLE, BadFrame, loose, nanoseconds, sane

_T = TypeVar("_T")
_TITLE = re.compile(r"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
_MESSAGE_LENGTH = 300
# The statuses of an account that takes no order (Account in Alpaca's Trading API document).
_NOT_OPEN = frozenset(
    {
        "ACCOUNT_CLOSED",
        "APPROVAL_PENDING",
        "DISABLED",
        "INACTIVE",
        "ONBOARDING",
        "REJECTED",
        "SUBMISSION_FAILED",
        "SUBMITTED",
    }
)


class _Account(msgspec.Struct):
    id: str
    equity: Decimal
    cash: Decimal
    account_number: str | None = None
    buying_power: Decimal | None = None
    status: str | None = None
    trading_blocked: bool = False
    account_blocked: bool = False
    trade_suspended_by_user: bool = False


class _Position(msgspec.Struct):
    symbol: str
    qty: Decimal
    avg_entry_price: Decimal
    qty_available: Decimal | None = None
    side: str = "long"
    asset_class: str = STOCKS


class _Asset(msgspec.Struct):
    symbol: str
    tradable: bool
    status: str = "active"
    name: str | None = None
    fractionable: bool = False
    shortable: bool = False


class _Clock(msgspec.Struct):
    timestamp: str
    is_open: bool
    next_open: str
    next_close: str


class ErrorBody(msgspec.Struct, frozen=True):
    """What an error reply says. `json` tells the venue's own words from a gateway's page.

    `shares_reserved` is set when the refusal names shares that open orders still reserve,
    `existing_qty` is how many the account holds, `existing_order_id` whose order is in the way.
    """

    message: str
    code: str = ""
    json: bool = False
    html: bool = False
    shares_reserved: bool = False
    existing_qty: Decimal | None = None
    existing_order_id: str = ""


_account = msgspec.json.Decoder(_Account)
_clock = msgspec.json.Decoder(_Clock)
_asset = msgspec.json.Decoder(_Asset)
_position = msgspec.json.Decoder(_Position)
_raws = msgspec.json.Decoder(list[msgspec.Raw])


def _read(decoder: msgspec.json.Decoder[_T], body: bytes | msgspec.Raw) -> _T:
    try:
        return decoder.decode(body)
    except UNREADABLE as error:
        raise BadFrame.from_error(error) from None


def _number(value: Decimal, name: str) -> Decimal:
    if not sane(value):
        raise BadFrame(f"{name} {str(value)[:40]}")
    return value


def account(body: bytes) -> Account:
    """Read the account figures.

    One without a number is known by its id, one without buying power can spend its cash.
    """
    found = _read(_account, body)
    power = found.cash if found.buying_power is None else found.buying_power
    status = (found.status or "").upper()
    return Account(
        id=plain(found.id),
        number=plain(found.account_number or found.id),
        equity=_number(found.equity, "equity"),
        cash=_number(found.cash, "cash"),
        buying_power=_number(power, "buying power"),
        not_open=status if status in _NOT_OPEN else "",
        blocked=found.trading_blocked or found.account_blocked or found.trade_suspended_by_user,
    )


def positions(body: bytes) -> tuple[Position, ...]:
    """Read the list of positions. One that can't be read spoils the list: shares matter."""
    return tuple(_to_position(_read(_position, raw)) for raw in _read(_raws, body))


def _to_position(found: _Position) -> Position:
    qty = _number(found.qty, "quantity")
    if found.side == "short" and qty > 0:
        qty = -qty
    available = qty if found.qty_available is None else found.qty_available
    return Position(
        symbol=plain(found.symbol),
        qty=qty,
        available=_number(available, "available quantity"),
        avg_entry_price=_number(found.avg_entry_price, "average entry price"),
        kind=found.asset_class,
    )


def asset(body: bytes | msgspec.Raw) -> Asset:
    """Read one asset; an inactive one is not tradable."""
    found = _read(_asset, body)
    return Asset(
        symbol=plain(found.symbol),
        name=plain(found.name or ""),
        tradable=found.tradable and found.status == "active",
        fractionable=found.fractionable,
        shortable=found.shortable,
    )


def assets(body: bytes) -> tuple[Asset, ...]:
    """Read the list of assets, leaving out those that can't be read (a list of thousands)."""
    found = []
    for raw in _read(_raws, body):
        try:
            found.append(asset(raw))
        except BadFrame:
            continue  # one asset of a new kind must not hide all others
    return tuple(found)


def clock(body: bytes) -> MarketClock:
    """Read the regular session's clock."""
    found = _read(_clock, body)
    return MarketClock(
        is_open=found.is_open,
        at_ns=nanoseconds(found.timestamp),
        next_open_ns=nanoseconds(found.next_open),
        next_close_ns=nanoseconds(found.next_close),
    )


def error_body(body: bytes) -> ErrorBody:
    """Read an error reply: JSON with or without a code, a gateway's HTML page, text, or nothing."""
    found = loose(body) if body[:1] == b"{" and len(body) <= MAX_FRAME else None
    if isinstance(found, dict):
        code, message = found.get("code"), found.get("message")
        return ErrorBody(
            message=_clean(message) if isinstance(message, str) else "",
            code=str(code)[:20]
            if isinstance(code, int | str) and not isinstance(code, bool)
            else "",
            json=True,
            shares_reserved=(_decimal(found.get("held_for_orders")) or ZERO) > ZERO,
            existing_qty=_decimal(found.get("existing_qty")),
            existing_order_id=_id(found.get("existing_order_id")),
        )
    text = body[:4096].decode("utf-8", "replace").strip()
    if text.startswith("<"):
        title = _TITLE.search(text)
        return ErrorBody(_clean(unescape(title[1])) if title else "", html=True)
    return ErrorBody(_clean(text))


def _clean(text: str) -> str:
    """One printable line of a length that fits a sentence."""
    line = plain(" ".join(text[: 2 * _MESSAGE_LENGTH].split()))
    return line if len(line) <= _MESSAGE_LENGTH else line[: _MESSAGE_LENGTH - 3] + "..."


def _decimal(value: object) -> Decimal | None:
    if not isinstance(value, str | int) or isinstance(value, bool):
        return None
    try:
        number = Decimal(value)
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def _id(value: object) -> str:
    return _clean(value)[:64] if isinstance(value, str) else ""
