"""Alpaca's words for the market: the stock data stream's frames, and the latest quote by REST.

Bytes in, our own records out; no I/O and no clock. A frame is an array: an item that can't be
read is told apart and never costs the others.
"""

from decimal import Decimal
from functools import lru_cache
from typing import Annotated

import msgspec
from msgspec.msgpack import Ext

from core.market.printable import plain
from core.market.quotes import Quote, Trade, TradingStatus
from core.market.time import NS
from core.venue.alpaca.order_wire import MAX_FRAME, UNREADABLE, BadFrame, loose, nanoseconds

# What a status code says of trading, CTA and UTP. Codes not listed (price indications, order
# imbalances, "Q": quoting resumes but trading does not yet) change nothing.
HALTS = {
    "2": True,  # CTA: trading halt
    "H": True,  # UTP: trading halt
    "P": True,  # UTP: volatility trading pause
    "3": False,  # CTA: resume
    "T": False,  # UTP: trading resumption
}

# CTA's code for the short-sale restriction (Rule 201); UTP's list has none. It comes when the
# restriction begins, goes on and ends; the reason tells the end, by CTA's indicator or in words.
RESTRICTION = "E"
_LIFTED = "D"
_LIFTED_WORDS = ("deactivated", "not in effect")

_HIGHEST = 1e9
_LOWEST = 1e-9
_TIMESTAMP = -1  # msgpack's own extension type for times
_PACKED = b"\x80"

_Stamp = Ext | str
_Size = Annotated[float, msgspec.Meta(ge=0, lt=_HIGHEST)]


class Success(msgspec.Struct, frozen=True, tag_field="T", tag="success"):
    """The venue greets or lets us in: `connected`, then `authenticated`."""

    msg: str


class Subscription(msgspec.Struct, frozen=True, tag_field="T", tag="subscription"):
    """Whose quotes the venue now sends us; trades and statuses are always asked for with them."""

    quotes: tuple[str, ...] | None = None


class StreamError(msgspec.Struct, frozen=True, tag_field="T", tag="error"):
    """The venue's own error with Alpaca's code (402 is a refused login)."""

    code: int
    msg: str = ""


MarketMessage = Quote | Trade | TradingStatus | Success | Subscription | StreamError


class _Quote(
    msgspec.Struct,
    tag_field="T",
    tag="q",
    rename={"symbol": "S", "bid": "bp", "bid_size": "bs", "ask": "ap", "ask_size": "as", "at": "t"},
):
    symbol: str
    bid: float
    bid_size: _Size
    ask: float
    ask_size: _Size
    at: _Stamp


class _Trade(
    msgspec.Struct,
    tag_field="T",
    tag="t",
    rename={"symbol": "S", "price": "p", "size": "s", "at": "t"},
):
    symbol: str
    price: float
    size: _Size
    at: _Stamp


class _Status(
    msgspec.Struct,
    tag_field="T",
    tag="s",
    rename={"symbol": "S", "code": "sc", "words": "sm", "reason_code": "rc", "reason": "rm"},
):
    symbol: str
    code: str
    words: str | None = None
    reason_code: str | None = None
    reason: str | None = None


# Sent without being asked for (corrections and cancels follow trades) or of no use to us; named
# here so that they don't take the slow path.
class _Bar(msgspec.Struct, tag_field="T", tag="b"):
    pass


class _Correction(msgspec.Struct, tag_field="T", tag="c"):
    pass


class _Cancel(msgspec.Struct, tag_field="T", tag="x"):
    pass


class _Band(msgspec.Struct, tag_field="T", tag="l"):
    pass


_Item = (
    _Quote
    | _Trade
    | _Status
    | Success
    | Subscription
    | StreamError
    | _Bar
    | _Correction
    | _Cancel
    | _Band
)
_KNOWN = frozenset("qtsbcxl") | {"success", "subscription", "error"}
_list_msgpack = msgspec.msgpack.Decoder(list[_Item])
_list_json = msgspec.json.Decoder(list[_Item])
_item_msgpack = msgspec.msgpack.Decoder(_Item)
_item_json = msgspec.json.Decoder(_Item)
_raws_msgpack = msgspec.msgpack.Decoder(list[msgspec.Raw])
_raws_json = msgspec.json.Decoder(list[msgspec.Raw])


def is_packed(data: bytes) -> bool:
    """Whether a frame is msgpack rather than JSON."""
    return data[:1] >= _PACKED


class MarketDecoder:
    """Reads the frames of one feed, and remembers who is halted or restricted.

    Most codes speak of one of the two only, or of neither.
    """

    def __init__(self, feed: str) -> None:
        self._feed = feed
        self._halted: dict[str, bool] = {}
        self._restricted: dict[str, bool] = {}

    def frame(self, data: bytes, received_ns: int) -> tuple[list[MarketMessage], list[BadFrame]]:
        """All that one frame says, and what of it could not be read. Never raises."""
        messages: list[MarketMessage] = []
        bad: list[BadFrame] = []
        for item in self._items(data, bad):
            try:
                message = self._message(item, received_ns)
            except BadFrame as error:
                bad.append(error)
            except (ValueError, ArithmeticError) as error:
                bad.append(BadFrame.from_error(error))
            else:
                if message is not None:
                    messages.append(message)
        return messages, bad

    def _items(self, data: bytes, bad: list[BadFrame]) -> list[_Item]:
        if len(data) > MAX_FRAME:
            bad.append(BadFrame(f"a frame of {len(data)} bytes"))
            return []
        try:
            whole: list[_Item] = (_list_msgpack if is_packed(data) else _list_json).decode(data)
        except UNREADABLE as error:
            return _one_by_one(data, error, bad)
        return whole

    def _message(self, item: _Item, received_ns: int) -> MarketMessage | None:
        if isinstance(item, _Quote):
            return Quote(
                item.symbol,
                _price(item.bid),
                _price(item.ask),
                _shares(item.bid_size),
                _shares(item.ask_size),
                _stamp(item.at),
                received_ns,
                self._feed,
            )
        if isinstance(item, _Trade):
            price, size = _price(item.price), _shares(item.size)
            return Trade(item.symbol, price, size, _stamp(item.at), received_ns)
        if isinstance(item, _Status):
            return self._status(item, received_ns)
        if isinstance(item, Success | Subscription | StreamError):
            return item
        return None

    def _status(self, item: _Status, received_ns: int) -> TradingStatus:
        halted = HALTS.get(item.code, self._halted.get(item.symbol, False))
        self._halted[item.symbol] = halted
        words = plain(": ".join(part.strip() for part in (item.words, item.reason) if part))
        restricted = self._restricted.get(item.symbol, False)
        if item.code == RESTRICTION:
            restricted = not _lifted(item.reason_code or "", words)
            self._restricted[item.symbol] = restricted
        return TradingStatus(item.symbol, halted, item.code, words, received_ns, restricted)


def _lifted(reason_code: str, words: str) -> bool:
    """Whether a message about the short-sale restriction tells that there is none any more."""
    return reason_code == _LIFTED or any(end in words.lower() for end in _LIFTED_WORDS)


def _one_by_one(data: bytes, error: Exception, bad: list[BadFrame]) -> list[_Item]:
    """The readable items of a frame that can't be read at one go."""
    packed = is_packed(data)
    try:
        raws = (_raws_msgpack if packed else _raws_json).decode(data)
    except UNREADABLE:
        bad.append(BadFrame.from_error(error))
        return []
    items: list[_Item] = []
    for raw in raws:
        try:
            items.append((_item_msgpack if packed else _item_json).decode(raw))
        except UNREADABLE as why:
            if not _of_another_kind(bytes(raw)):
                bad.append(BadFrame.from_error(why))
    return items


def _of_another_kind(raw: bytes) -> bool:
    """Whether an item is whole but of a kind that this program has no use for."""
    item = loose(raw)
    kind = item.get("T") if isinstance(item, dict) else None
    return isinstance(kind, str) and kind not in _KNOWN


@lru_cache(maxsize=1 << 16)
def _price(value: float) -> Decimal:
    """The decimal that was meant; prices repeat, so the conversion is remembered."""
    if not (value == 0 or _LOWEST < abs(value) < _HIGHEST):
        raise BadFrame(f"the price {value}")
    return Decimal(repr(value))


def _shares(size: float) -> int:
    """Whole shares; a part of one, which is quoted and traded too, is not none."""
    return int(size) if size >= 1 else int(size > 0)


def _stamp(stamp: _Stamp) -> int:
    """Nanoseconds since 1970 from msgpack's timestamp extension, or from RFC 3339 text."""
    if isinstance(stamp, str):
        return nanoseconds(stamp)
    body = stamp.data if isinstance(stamp.data, bytes) else bytes(stamp.data)
    size = len(body)
    if stamp.code == _TIMESTAMP and size == 8:
        both = int.from_bytes(body)
        nanos, seconds = both >> 34, both & 0x3_FFFF_FFFF
    elif stamp.code == _TIMESTAMP and size == 4:
        nanos, seconds = 0, int.from_bytes(body)
    elif stamp.code == _TIMESTAMP and size == 12:
        nanos, seconds = int.from_bytes(body[:4]), int.from_bytes(body[4:], signed=True)
    else:
        raise BadFrame("a time of an unknown kind")
    if nanos >= NS:
        raise BadFrame("a time of more than a second in nanoseconds")
    return seconds * NS + nanos


class _Latest(
    msgspec.Struct, rename={"bid": "bp", "bid_size": "bs", "ask": "ap", "ask_size": "as"}
):
    bid: float
    bid_size: _Size
    ask: float
    ask_size: _Size
    t: str


class _LatestQuotes(msgspec.Struct):
    quotes: dict[str, _Latest]


_latest = msgspec.json.Decoder(_LatestQuotes)


def latest_quote(body: bytes, symbol: str, received_ns: int, feed: str) -> Quote | None:
    """The quote of `symbol` in a reply to quotes/latest, or None. Raises BadFrame."""
    try:
        found = _latest.decode(body).quotes.get(symbol)
    except UNREADABLE as error:
        raise BadFrame.from_error(error) from None
    if found is None:
        return None
    return Quote(
        symbol,
        _price(found.bid),
        _price(found.ask),
        _shares(found.bid_size),
        _shares(found.ask_size),
        nanoseconds(found.t),
        received_ns,
        feed,
    )
