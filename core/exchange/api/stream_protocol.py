"""What is said on the two WebSocket streams: login, subscriptions, errors, data points.

No sockets: decoded messages in, messages to send out. The server owns the connections.
"""

import hmac
import struct
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from core.exchange.options import ExchangeOptions
from core.exchange.units import rfc3339
from core.market.time import NS

CHANNELS = (
    "trades",
    "quotes",
    "bars",
    "updatedBars",
    "dailyBars",
    "statuses",
    "lulds",
    "imbalances",
)
FAKEPACA = "FAKEPACA"  # what the feed `test` has, and no other
_FOLLOWERS = ("corrections", "cancelErrors")
_SYMBOLS_ON_IEX = 30

ERRORS = {
    400: "invalid syntax",
    401: "not authenticated",
    402: "auth failed",
    403: "already authenticated",
    404: "auth timeout",
    405: "symbol limit exceeded",
    406: "connection limit exceeded",
    407: "slow client",
    408: "v2 not enabled",
    409: "insufficient subscription",
    410: "invalid subscribe action for this feed",
    411: "insufficient scope",
    500: "internal error",
}

Message = dict[str, Any]


def keys_match(options: ExchangeOptions, key: object, secret: object) -> bool:
    """Whether these are the keys of this exchange; takes the same time right or wrong."""
    given = f"{key}\n{secret}".encode()
    return hmac.compare_digest(given, f"{options.key}\n{options.secret}".encode())


def error(code: int) -> Message:
    """An error of the data stream."""
    return {"T": "error", "code": code, "msg": ERRORS.get(code, "internal error")}


CONNECTED: Message = {"T": "success", "msg": "connected"}
AUTHENTICATED: Message = {"T": "success", "msg": "authenticated"}


class Codec:
    """JSON in text frames or msgpack in binary frames, as the client asked at the handshake."""

    def __init__(self, content_type: str) -> None:
        self.binary = "msgpack" in content_type

    def encode(self, message: object) -> bytes:
        """`message` as bytes; times are already `stamp`s of this codec."""
        if self.binary:
            return msgspec.msgpack.encode(message)
        return msgspec.json.encode(message)

    def decode(self, frame: str | bytes) -> object:
        """The message in a frame; None when it is not one."""
        try:
            if self.binary and isinstance(frame, bytes):
                return msgspec.msgpack.decode(frame)
            return msgspec.json.decode(frame)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None

    def stamp(self, ns: int) -> object:
        """A time as this codec carries it: extension -1 in msgpack, RFC 3339 in JSON."""
        if not self.binary:
            return rfc3339(ns)
        seconds, rest = divmod(ns, NS)
        return msgspec.msgpack.Ext(-1, struct.pack(">Q", rest << 34 | seconds))


class TradeUpdateConversation:
    """One client of `/stream`: says who it is, then what it listens to."""

    def __init__(self, options: ExchangeOptions) -> None:
        self._options = options
        self.authorized = False
        self.listening = False
        self.over = False  # the venue closes after what it said last

    def receive(self, message: object) -> list[Message]:
        """Answers to one message."""
        if not isinstance(message, dict):
            return [self._fault("invalid message")]
        action = message.get("action")
        if action in ("authenticate", "auth"):
            return [self._authorize(message)]
        if action == "listen":
            return [self._listen(message)]
        return [self._fault(f"unknown action {action}")]

    def _fault(self, words: str) -> Message:
        self.over = True
        return {"action": "error", "data": {"error_message": words}}

    def _authorize(self, message: Mapping[str, Any]) -> Message:
        """`auth` is answered as `authenticate`, which is its older name."""
        data = message.get("data")
        if isinstance(data, dict):
            key, secret = data.get("key_id"), data.get("secret_key")
        else:
            key, secret = message.get("key"), message.get("secret")
        self.authorized = keys_match(self._options, key, secret)
        status = "authorized" if self.authorized else "unauthorized"
        return _authorization(status, "authenticate")

    def _listen(self, message: Mapping[str, Any]) -> Message:
        if not self.authorized:
            return _authorization("unauthorized", "listen")
        data = message.get("data")
        wanted = data.get("streams") if isinstance(data, dict) else None
        self.listening = isinstance(wanted, list) and "trade_updates" in wanted
        streams = ["trade_updates"] if self.listening else []
        return {"stream": "listening", "data": {"streams": streams}}


def _authorization(status: str, action: str) -> Message:
    return {"stream": "authorization", "data": {"status": status, "action": action}}


class MarketDataConversation:
    """One client of a data stream: logs in once, then adds and removes symbols.

    `is_full` says, at a login, whether the connection limit is reached, `spoiled` with which error
    it is answered (0: with none).
    """

    def __init__(
        self,
        options: ExchangeOptions,
        feed: str,
        is_full: Callable[[], bool],
        spoiled: Callable[[], int] = lambda: 0,
    ) -> None:
        self._spoiled = spoiled
        self._options = options
        self._feed = feed
        self._is_full = is_full
        self.authorized = False
        self._wanted: dict[str, set[str]] = {channel: set() for channel in CHANNELS}

    def receive(self, message: object) -> list[Message]:
        """Answers to one message, each to be sent in an array of its own."""
        if not isinstance(message, dict):
            return [error(400)]
        action = message.get("action")
        if action == "auth":
            return [self._authorize(message)]
        if action in ("subscribe", "unsubscribe"):
            if not self.authorized:
                return [error(401)]
            return [self._subscribe(message, add=action == "subscribe")]
        return [error(400)]

    def log_in(self, key: object, secret: object) -> bool:
        """Whether these keys open the stream; a handshake may carry them too."""
        self.authorized = keys_match(self._options, key, secret)
        return self.authorized

    def wants(self, channel: str, symbol: str) -> bool:
        """Whether the client asked for this channel of this symbol, and its feed has it."""
        if (symbol == FAKEPACA) != (self._feed == "test"):
            return False
        wanted = self._wanted[channel]
        return symbol in wanted or "*" in wanted

    def _authorize(self, message: Mapping[str, Any]) -> Message:
        if self.authorized:
            return error(403)
        if code := self._spoiled():
            return error(code)
        if self._is_full():
            return error(406)
        known = self.log_in(message.get("key"), message.get("secret"))
        return AUTHENTICATED if known else error(402)

    def _subscribe(self, message: Mapping[str, Any], *, add: bool) -> Message:
        wanted = {channel: set(symbols) for channel, symbols in self._wanted.items()}
        if message.keys() - {"action", *CHANNELS, *_FOLLOWERS}:
            return error(400)
        for channel in CHANNELS:
            symbols = message.get(channel) or []
            if not isinstance(symbols, list) or not all(_is_symbol(s) for s in symbols):
                return error(400)
            if add:
                wanted[channel].update(symbols)
            else:
                wanted[channel].difference_update(symbols)
        if self._feed == "iex" and len(wanted["trades"] | wanted["quotes"]) > _SYMBOLS_ON_IEX:
            return error(405)
        self._wanted = wanted
        echo: Message = {"T": "subscription"}
        echo |= {channel: sorted(symbols) for channel, symbols in wanted.items()}
        return echo | dict.fromkeys(_FOLLOWERS, echo["trades"])


def _is_symbol(value: object) -> bool:
    return (
        isinstance(value, str)
        and 0 < len(value) <= 12
        and (value == "*" or value.replace(".", "").replace("/", "").isalnum())
    )
