"""The two conversations with Alpaca's streams, without a network.

Frames in, what they bring and what to answer out: login, subscription, content. One
object serves one stream for its whole life; `opening` begins a new connection.
"""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Protocol

import msgspec

from core.market.printable import plain
from core.market.quotes import Quote, Trade, TradingStatus
from core.venue.alpaca.feed_words import no_data, not_in_plan
from core.venue.alpaca.market_wire import (
    MarketDecoder,
    StreamError,
    Subscription,
    Success,
    is_packed,
)
from core.venue.alpaca.order_wire import (
    Authorization,
    BadFrame,
    Listening,
    StreamFault,
    trading_message,
)
from core.venue.credentials import Credentials
from core.venue.interface import OrderReport

Message = OrderReport | Quote | Trade | TradingStatus
Data = str | bytes

UPDATES = "trade_updates"


class End(Enum):
    """How a connection ends, which decides what follows."""

    LOST = "lost"  # try again, with back-off
    LIMITED = "limited"  # somebody else holds our place: try again, slowly
    REFUSED = "refused"  # the venue will not have us: never again


class Ended(msgspec.Struct, frozen=True):
    """The end of a connection, in words for the person."""

    how: End
    words: str


class FrameResult(msgspec.Struct, gc=False):
    """What one frame brought: content, faults, answers to send, an end.

    `ready` is set by the frame that completes the handshake, `note` says what the
    venue would not subscribe. `acked` is set by the answer to a subscription.
    """

    messages: list[Message] = []
    bad: list[BadFrame] = []
    send: list[Data] = []
    ready: bool = False
    acked: bool = False
    note: str = ""
    end: Ended | None = None


class StreamProtocol(Protocol):
    """One stream's conversation. `headers` go with the connection's opening."""

    headers: Mapping[str, str]
    ready: bool

    def opening(self) -> list[Data]:
        """A connection is open: what to say first."""

    def receive(self, data: bytes, now_ns: int) -> FrameResult:
        """Take one frame, received at `now_ns`. Never raises for what is in it."""


LIMIT_WORDS = (
    "Connection limit: another program uses this account's stream, or the venue has not yet "
    "let go of an earlier connection"
)
_NO_LOGIN = "Alpaca does not accept these keys"

# Alpaca's error codes on the data stream that end a connection. 402 is the login.
_ENDS = {
    401: Ended(End.LOST, "the venue forgot our login"),
    402: Ended(End.REFUSED, no_data("its stream does not accept them")),
    404: Ended(End.LOST, "the venue did not get our login in time"),
    406: Ended(End.LIMITED, LIMIT_WORDS),
    407: Ended(End.LOST, "the venue says that we read too slowly"),
    408: Ended(End.REFUSED, no_data("the account has no access to its stream")),
    411: Ended(End.REFUSED, no_data("they are not allowed to read it")),
    500: Ended(End.LOST, "the venue had an internal error"),
}
_NOT_ON_THIS_FEED = 410
_NOT_IN_PLAN = 409
_NO_STATUSES = "This feed does not tell of trading halts"
_NOT_SUBSCRIBED = {
    400: "The venue does not understand one of the symbols (400)",
    405: "This feed allows no more symbols (405)",
    _NOT_ON_THIS_FEED: "This feed does not offer that subscription (410)",
}


class OrderStreamProtocol:
    """Trade updates: we speak first, log in, listen, and then hear JSON frames, often binary."""

    headers: Mapping[str, str] = {}

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self.ready = False

    def opening(self) -> list[Data]:
        """The login."""
        self.ready = False
        words = {"key_id": self._credentials.key_id, "secret_key": self._credentials.secret}
        return [_json({"action": "authenticate", "data": words})]

    def receive(self, data: bytes, now_ns: int) -> FrameResult:
        """One frame."""
        del now_ns  # a trade update carries its own time
        try:
            message = trading_message(data)
        except BadFrame as bad:
            return FrameResult(bad=[bad])
        if isinstance(message, OrderReport):
            return FrameResult(messages=[message])
        if isinstance(message, Authorization):
            return self._login(message)
        if isinstance(message, Listening):
            return self._listening(message)
        if isinstance(message, StreamFault):
            words = plain(" ".join(self._credentials.scrub(message.message).split()))[:120]
            return FrameResult(end=Ended(End.LOST, f"the venue reports a fault: {words}"))
        return FrameResult()

    def _login(self, answer: Authorization) -> FrameResult:
        if answer.status != "authorized":
            return FrameResult(end=Ended(End.REFUSED, f"{_NO_LOGIN} for order updates."))
        if self.ready:
            return FrameResult()
        return FrameResult(send=[_json({"action": "listen", "data": {"streams": [UPDATES]}})])

    def _listening(self, answer: Listening) -> FrameResult:
        if UPDATES not in answer.streams:
            return FrameResult(end=Ended(End.LOST, "the venue does not send order updates"))
        fresh, self.ready = not self.ready, True
        return FrameResult(ready=fresh)


class MarketStreamProtocol:
    """Quotes, trades and statuses: the venue greets, we log in and subscribe, then hear arrays.

    `wanted` is what should be subscribed and outlives a connection; `subscribed` is what
    the venue last said that it sends.
    """

    headers: Mapping[str, str] = {"Content-Type": "application/msgpack"}

    def __init__(self, credentials: Credentials, feed: str) -> None:
        self._credentials = credentials
        self._feed = feed
        self._decoder = MarketDecoder(feed)
        self._packed = True
        self._logged_in = False
        self._statuses = True
        self._asked: tuple[str, frozenset[str]] = ("subscribe", frozenset())
        self.ready = False
        self.wanted: frozenset[str] = frozenset()
        self.subscribed: frozenset[str] = frozenset()

    def opening(self) -> list[Data]:
        """Nothing: the venue speaks first."""
        self.ready = self._logged_in = False
        self.subscribed = frozenset()
        return []

    def change(self, symbols: Iterable[str]) -> list[Data]:
        """Want exactly `symbols` from now on: what to send, one acknowledgement each."""
        self.wanted = frozenset(symbols)
        if not self.ready:
            return []
        steps = (
            ("subscribe", self.wanted - self.subscribed),
            ("unsubscribe", self.subscribed - self.wanted),
        )
        return [self._subscription(action, names) for action, names in steps if names]

    def receive(self, data: bytes, now_ns: int) -> FrameResult:
        """One frame: any number of messages, each read on its own."""
        found, bad = self._decoder.frame(data, now_ns)
        result = FrameResult(bad=bad) if bad else FrameResult()
        content: list[Message] = []
        for message in found:
            if isinstance(message, Success):
                self._packed = is_packed(data)
                self._greeted(message, result)
            elif isinstance(message, Subscription):
                self._acknowledged(message, result)
            elif isinstance(message, StreamError):
                self._failed(message, result)
            else:
                content.append(message)
        result.messages = content
        return result

    def _greeted(self, message: Success, result: FrameResult) -> None:
        if message.msg == "connected":
            words = {
                "action": "auth",
                "key": self._credentials.key_id,
                "secret": self._credentials.secret,
            }
            result.send = [self._encode(words)]
        elif message.msg == "authenticated":
            self._logged_in = True
            if self.wanted:
                result.send = [self._subscription("subscribe", self.wanted)]
            else:
                result.ready = self.ready = True

    def _acknowledged(self, message: Subscription, result: FrameResult) -> None:
        self.subscribed = frozenset(message.quotes or ())
        result.acked = True
        if self.ready:
            return
        result.ready = self.ready = True
        result.note = "" if self._statuses else _NO_STATUSES
        result.send = self.change(self.wanted)  # more may be wanted since we asked

    def _failed(self, error: StreamError, result: FrameResult) -> None:
        note = _NOT_SUBSCRIBED.get(error.code)
        if error.code == _NOT_ON_THIS_FEED and self._logged_in and self._statuses:
            self._statuses = False
            result.send = [self._subscription(*self._asked)]
            return
        if note is not None and self._logged_in:
            result.note, result.acked = note, True
            if not self.ready:
                result.ready = self.ready = True
            return
        if error.code == 403 and self._logged_in:
            return  # already logged in, which is what we wanted
        if error.code == _NOT_IN_PLAN:
            result.end = Ended(End.REFUSED, not_in_plan(self._feed))
            return
        words = plain(" ".join(self._credentials.scrub(error.msg).split()))[:120]
        other = Ended(End.LOST, f"the venue reports error {error.code}: {words}")
        result.end = _ENDS.get(error.code, other)

    def _subscription(self, action: str, names: frozenset[str]) -> Data:
        self._asked = (action, names)
        channels = ("trades", "quotes", "statuses") if self._statuses else ("trades", "quotes")
        listed = sorted(names)
        return self._encode({"action": action} | dict.fromkeys(channels, listed))

    def _encode(self, message: object) -> Data:
        return msgspec.msgpack.encode(message) if self._packed else _json(message)


def _json(message: object) -> str:
    return msgspec.json.encode(message).decode()
