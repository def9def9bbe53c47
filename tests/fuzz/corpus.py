"""What the fuzzer starts from: frames and bodies as the venue sends them."""

import msgspec

from tests.core.venue.alpaca.frames import (
    CLIENT_ID,
    STAMP,
    as_json,
    fill,
    order,
    packed,
    quote,
    status,
    trade,
    update,
)
from tests.core.venue.alpaca.test_account_wire import ACCOUNT, ASSET, CLOCK, POSITION

_LOGIN = as_json(
    {"stream": "authorization", "data": {"status": "authorized", "action": "authenticate"}}
)
_LISTENING = as_json({"stream": "listening", "data": {"streams": ["trade_updates"]}})
_FAULT = as_json({"action": "error", "data": {"error_message": "internal server error"}})
_CONNECTED = packed({"T": "success", "msg": "connected"})
_AUTHENTICATED = packed({"T": "success", "msg": "authenticated"})
_HELD = packed({"T": "subscription", "trades": ["UVXY"], "quotes": ["UVXY"], "statuses": []})
_REFUSED = packed({"T": "error", "code": 410, "msg": "invalid subscribe action"})
_REPLACED = update("replaced", {"status": "replaced", "replaced_by": "b-2"})

ORDER_FRAMES = (
    *(as_json(fill()), as_json(update()), as_json(_REPLACED), _LOGIN, _LISTENING, _FAULT),
    *(msgspec.msgpack.encode(fill()), msgspec.msgpack.encode(update("canceled"))),
)
MARKET_FRAMES = (
    *(packed(quote(), trade(), status("H")), _CONNECTED, _AUTHENTICATED, _HELD, _REFUSED),
    msgspec.json.encode([{"T": "success", "msg": "connected"}]),
)
BODIES = (
    *(as_json(order()), as_json([order(), order()])),
    *(as_json(ACCOUNT), as_json([POSITION]), as_json(ASSET), as_json([ASSET]), as_json(CLOCK)),
    as_json({"quotes": {"UVXY": quote(t=STAMP)}}),
    as_json({"code": 40310000, "message": "insufficient qty", "held_for_orders": "44"}),
    as_json({"code": 40010001, "message": f"client_order_id must be unique {CLIENT_ID}"}),
    b"<html><head><title>502 Bad Gateway</title></head></html>",
)

_BREAK = b"\xff\x00"
_STATUSES = (200, 204, 400, 401, 403, 404, 408, 422, 428, 500, 504)
SEEDS: dict[str, tuple[bytes, ...]] = {
    "order_frame": ORDER_FRAMES,
    "order_stream": (*ORDER_FRAMES, _BREAK.join((_LOGIN, _LISTENING, as_json(fill())))),
    "market_frame": MARKET_FRAMES,
    "market_stream": (*MARKET_FRAMES, _BREAK.join((_CONNECTED, _AUTHENTICATED, _HELD, _REFUSED))),
    "rest_order": BODIES,
    "rest_body": BODIES,
    "rest_answer": tuple(
        bytes([(code - 100) // 2]) + b"30\n" + body for code in _STATUSES for body in BODIES
    ),
}
