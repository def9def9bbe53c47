"""Frames as Alpaca sends them, for the tests to take and to spoil."""

import json
from typing import Any

import msgspec
from msgspec.msgpack import Ext

ORDER_ID = "61e69015-8549-4bfd-b9c3-01e75843f47d"
CLIENT_ID = "tl-a1b2c3-1"
STAMP = "2026-11-20T15:00:00.123456789Z"
STAMP_NS = 1_795_186_800_123_456_789


def order(**changes: Any) -> dict[str, Any]:
    """A working sell of 100 UVXY at 15.24, as REST and the stream give it."""
    return {
        "id": ORDER_ID,
        "client_order_id": CLIENT_ID,
        "created_at": STAMP,
        "updated_at": STAMP,
        "submitted_at": STAMP,
        "filled_at": None,
        "expired_at": None,
        "canceled_at": None,
        "failed_at": None,
        "replaced_at": None,
        "replaced_by": None,
        "replaces": None,
        "asset_id": "b0b6dd9d-8b9b-48a9-ba46-b9d54906e415",
        "symbol": "UVXY",
        "asset_class": "us_equity",
        "notional": None,
        "qty": "100",
        "filled_qty": "0",
        "filled_avg_price": None,
        "order_class": "",
        "order_type": "limit",
        "type": "limit",
        "side": "sell",
        "position_intent": "sell_to_close",
        "time_in_force": "day",
        "limit_price": "15.24",
        "stop_price": None,
        "status": "new",
        "extended_hours": False,
        "legs": None,
        "trail_percent": None,
        "trail_price": None,
        "hwm": None,
    } | changes


def update(event: str = "new", order_changes: Any = None, **changes: Any) -> dict[str, Any]:
    """A trade update around `order`."""
    data = {"event": event, "timestamp": STAMP, "execution_id": None}
    return {
        "stream": "trade_updates",
        "data": data | changes | {"order": order(**(order_changes or {}))},
    }


def fill(**changes: Any) -> dict[str, Any]:
    """A partial fill of 40 at 15.25."""
    done = {"status": "partially_filled", "filled_qty": "40", "filled_avg_price": "15.25"}
    words = {"execution_id": "e1", "price": "15.25", "qty": "40", "position_qty": "60"}
    return update("partial_fill", done, **(words | changes))


def as_json(message: object) -> bytes:
    """The bytes of a JSON frame."""
    return json.dumps(message).encode()


def stamp(ns: int) -> Ext:
    """A time in msgpack's own extension type, in its 64-bit form."""
    seconds, nanos = divmod(ns, 10**9)
    return Ext(-1, (nanos << 34 | seconds).to_bytes(8))


def quote(symbol: Any = "UVXY", bid: Any = 15.23, ask: Any = 15.32, **more: Any) -> Any:
    """A quote of the data stream as it is packed."""
    found = {"T": "q", "S": symbol, "bx": "V", "bp": bid, "bs": 300, "ax": "V", "ap": ask}
    return found | {"as": 200, "c": ["R"], "z": "B", "t": stamp(STAMP_NS)} | more


def trade(symbol: Any = "UVXY", price: Any = 15.26, **more: Any) -> Any:
    """A print of the data stream as it is packed."""
    return {
        "T": "t",
        "S": symbol,
        "i": 7,
        "x": "V",
        "p": price,
        "s": 100,
        "t": stamp(STAMP_NS),
    } | more


def status(code: Any, symbol: str = "UVXY") -> Any:
    """A trading status of the data stream."""
    return {"T": "s", "S": symbol, "sc": code, "sm": "Trading Halt", "rc": "T1", "rm": "News"}


def packed(*items: object) -> bytes:
    """The bytes of a msgpack array frame."""
    return msgspec.msgpack.encode(list(items))
