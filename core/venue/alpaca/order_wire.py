"""Alpaca's words for orders: the trading stream's frames, and orders as REST gives them.

Bytes in, our own records out. Nothing here opens a socket or reads a clock. What can't be
read whole is not read at all: it ends in one BadFrame, with the order's client id if legible.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

import msgspec

from core.market.prices import ZERO, Side
from core.market.printable import plain
from core.market.time import NS
from core.orders.facts import Execution, Source
from core.orders.ids import parent_of
from core.venue.interface import OrderReport

MAX_FRAME = 1 << 20
FILLS = frozenset({"fill", "partial_fill"})

# Everything that a decoder of hostile bytes is known to raise: msgspec's own errors and bad UTF-8
# are ValueErrors, an absurd number is an ArithmeticError, deep nesting a RecursionError.
UNREADABLE = (ValueError, ArithmeticError, RecursionError)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_STOCKS = ("us_option", "crypto")
_PLACES = 12  # more than any price or quantity has, on either side of the point
_SIDES = {side.value: side for side in Side}
_ZONE = re.compile("[Zz+-]")
_CLIENT_ID = re.compile(rb'"client_order_id"\s*:\s*"([\x20\x21\x23-\x5b\x5d-\x7e]{1,128})"')
_NO_REASON = "no reason given"
_PACKED = b"\x80"  # no JSON text begins with a byte this high, every msgpack map and array does


class BadFrame(Exception):
    """A frame or body that could not be read; `client_id` names the order if that is legible."""

    def __init__(self, reason: str, client_id: str | None = None) -> None:
        super().__init__(reason)
        self.reason = plain(reason)
        self.client_id = None if client_id is None else plain(client_id)

    @classmethod
    def from_error(cls, error: Exception, client_id: str | None = None) -> "BadFrame":
        """What a decoder raised, in one short line."""
        if isinstance(error, RecursionError):
            return cls("nested too deeply", client_id)
        return cls(" ".join(str(error).split())[:160] or type(error).__name__, client_id)


class Authorization(msgspec.Struct, frozen=True):
    """The answer to a login on the trading stream, or to a listen before one."""

    status: str
    action: str = ""


class Listening(msgspec.Struct, frozen=True):
    """The streams the venue now sends us."""

    streams: tuple[str, ...]


class StreamFault(msgspec.Struct, frozen=True):
    """The venue's own trouble, told just before it closes the stream."""

    message: str


TradingMessage = OrderReport | Authorization | Listening | StreamFault


class _Order(msgspec.Struct):
    id: str
    client_order_id: str
    status: str
    filled_qty: Decimal | None
    symbol: str = ""
    side: str | None = None
    qty: Decimal | None = None
    filled_avg_price: Decimal | None = None
    limit_price: Decimal | None = None
    replaced_by: str | None = None
    updated_at: str | None = None


class _Update(msgspec.Struct):
    event: str
    order: _Order
    execution_id: str | None = None
    price: Decimal | None = None
    qty: Decimal | None = None
    timestamp: str | None = None
    at: str | None = None


class _UpdateFrame(msgspec.Struct, tag_field="stream", tag="trade_updates"):
    data: _Update


class _AuthorizationFrame(msgspec.Struct, tag_field="stream", tag="authorization"):
    data: Authorization


class _ListeningFrame(msgspec.Struct, tag_field="stream", tag="listening"):
    data: Listening


_Frame = _UpdateFrame | _AuthorizationFrame | _ListeningFrame
_frame_json = msgspec.json.Decoder(_Frame)
_frame_msgpack = msgspec.msgpack.Decoder(_Frame)
_order_json = msgspec.json.Decoder(_Order)
_list_json = msgspec.json.Decoder(list[msgspec.Raw])


def trading_message(data: bytes) -> TradingMessage | None:
    """Read one frame of the trading stream, JSON or msgpack; None for a stream we don't know.

    Raises BadFrame and nothing else.
    """
    if len(data) > MAX_FRAME:
        raise BadFrame(f"a frame of {len(data)} bytes")
    try:
        packed = data[:1] >= _PACKED
        frame: _Frame = (_frame_msgpack if packed else _frame_json).decode(data)
        if isinstance(frame, _UpdateFrame):
            return _from_update(frame.data)
        return frame.data
    except BadFrame as bad:
        if _of_no_stock(data):
            return None
        raise BadFrame(bad.reason, bad.client_id or legible_client_id(data)) from None
    except UNREADABLE as error:
        return None if _of_no_stock(data) else _other_message(data, error)


def _from_update(update: _Update) -> OrderReport:
    if not update.event:
        raise BadFrame("an update without an event", update.order.client_order_id or None)
    execution = _execution(update) if update.event in FILLS else None
    return _report(update.order, Source.STREAM, update.event, execution)


def _execution(update: _Update) -> Execution:
    """The fill of an update; quantity and price must be positive and it must have an id."""
    qty, price = update.qty, update.price
    client_id = update.order.client_order_id or None
    if not update.execution_id:
        raise BadFrame("a fill without an execution id", client_id)
    if qty is None or not (sane(qty) and qty > 0):
        raise BadFrame(f"a fill of {_short(qty)} shares", client_id)
    if price is None or not (sane(price) and price > 0):
        raise BadFrame(f"a fill at {_short(price)}", client_id)
    when = update.timestamp or update.at or update.order.updated_at
    if when is None:
        raise BadFrame("a fill without a time", client_id)
    return Execution(plain(update.execution_id), qty, price, nanoseconds(when))


def _report(
    order: _Order, source: Source, event: str = "", execution: Execution | None = None
) -> OrderReport:
    """An order as the venue holds it. The money must be finite; unknown words stay as they are."""
    client_id = plain(order.client_order_id)
    if not (client_id and order.id and order.status):
        raise BadFrame("an order without id or status", client_id or None)
    filled, average = order.filled_qty, order.filled_avg_price
    if filled is None:
        if event in FILLS or order.status in ("filled", "partially_filled"):
            raise BadFrame("a fill without a number of filled shares", client_id)
        filled = ZERO
    if not sane(filled) or filled < 0:
        raise BadFrame(f"{_short(filled)} shares filled", client_id)
    for value in (order.qty, average, order.limit_price):
        if value is not None and not sane(value):
            raise BadFrame(f"an order with the number {_short(value)}", client_id)
    return OrderReport(
        client_id=client_id,
        source=source,
        broker_id=plain(order.id),
        status=plain(order.status),
        filled=filled,
        avg_price=average or None,
        event=plain(event),
        execution=execution,
        symbol=plain(order.symbol),
        side=_SIDES.get(order.side or ""),
        qty=order.qty,
        limit_price=order.limit_price,
        replaced_by=order.replaced_by and plain(order.replaced_by),
    )


def sane(value: Decimal) -> bool:
    """Whether a number is finite and of a size that a price or a number of shares can have."""
    return value.is_finite() and (not value or -_PLACES <= value.adjusted() <= _PLACES)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _other_message(data: bytes, error: Exception) -> StreamFault | None:
    """What a frame that is none of ours is: the venue's trouble, a stream we don't know, or bad."""
    client_id = legible_client_id(data)
    frame = loose(data)
    if isinstance(frame, dict) and client_id is None:
        if frame.get("action") == "error":
            inner = frame.get("data")
            message = inner.get("error_message") if isinstance(inner, dict) else None
            return StreamFault(plain(message) if isinstance(message, str) else _NO_REASON)
        stream = frame.get("stream")
        if isinstance(stream, str) and stream not in (
            "trade_updates",
            "authorization",
            "listening",
        ):
            return None
    raise BadFrame.from_error(error, client_id) from None


def _of_no_stock(data: bytes) -> bool:
    """Whether an update is about options or coins, which have fields of their own and are not ours.

    An order of several legs has no symbol, and its fills are in its legs.
    """
    frame = loose(data)
    update = frame.get("data") if isinstance(frame, dict) else None
    order = update.get("order") if isinstance(update, dict) else None
    if not isinstance(order, dict):
        return False
    other = order.get("order_class") == "mleg" or order.get("asset_class") in _NO_STOCKS
    return other and parent_of(str(order.get("client_order_id"))) is None


def loose(data: bytes) -> object:
    """Whatever JSON or msgpack value `data` holds, or None if it holds none."""
    try:
        if data[:1] >= _PACKED:
            return msgspec.msgpack.decode(data, ext_hook=lambda code, body: None)
        return msgspec.json.decode(data)
    except UNREADABLE:
        return None


def legible_client_id(data: bytes) -> str | None:
    """The client order id in a frame that is otherwise unreadable, if one can be made out."""
    frame = loose(data)
    for key in ("data", "order"):
        inner = frame.get(key) if isinstance(frame, dict) else None
        frame = inner if isinstance(inner, dict) else frame
    if isinstance(frame, dict):
        found = frame.get("client_order_id")
        if isinstance(found, str) and 0 < len(found) <= 128:
            return found
    match = _CLIENT_ID.search(data[:MAX_FRAME])
    return match[1].decode("ascii") if match else None


def nanoseconds(text: str) -> int:
    """An RFC 3339 time with up to nine decimals as nanoseconds since 1970. Raises BadFrame."""
    fraction = 0
    zone = text[19:]
    if zone[:1] == ".":
        end = len(zone) - 1 if zone[-1] == "Z" else _zone_at(zone)
        digits, zone = zone[1:end], zone[end:]
        if not (digits.isascii() and digits.isdigit()):
            raise BadFrame(f"the time {_short(text)!r}")
        fraction = int(digits[:9].ljust(9, "0"))
    return _whole_second(text[:19] + zone) * NS + fraction


def _zone_at(rest: str) -> int:
    found = _ZONE.search(rest)
    return found.start() if found else len(rest)


@lru_cache(maxsize=1024)
def _whole_second(text: str) -> int:
    """Seconds since 1970; many frames share a second."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None or moment.microsecond:
            raise ValueError
        since = moment - _EPOCH
    except (ValueError, OverflowError):
        raise BadFrame(f"the time {_short(text)!r}") from None
    return since.days * 86_400 + since.seconds


def order_report(body: bytes, source: Source) -> OrderReport:
    """Read one order as REST gives it. Raises BadFrame."""
    if len(body) > MAX_FRAME:
        raise BadFrame(f"a body of {len(body)} bytes")
    try:
        return _report(_order_json.decode(body), source)
    except UNREADABLE as error:
        raise BadFrame.from_error(error, legible_client_id(body)) from None


def order_reports(body: bytes) -> tuple[list[OrderReport], list[BadFrame]]:
    """Read a list of orders; each that can't be read is told apart. Raises BadFrame for no list."""
    reports: list[OrderReport] = []
    bad: list[BadFrame] = []
    for raw in _items(body):
        try:
            reports.append(order_report(bytes(raw), Source.READ))
        except BadFrame as error:
            bad.append(error)
    return reports, bad


def _items(body: bytes) -> list[msgspec.Raw]:
    try:
        return _list_json.decode(body)
    except UNREADABLE as error:
        raise BadFrame.from_error(error) from None
