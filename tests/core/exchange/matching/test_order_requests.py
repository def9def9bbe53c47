"""A bad order is refused in Alpaca's words."""

import pytest

from tests.core.exchange.virtual_exchange import VirtualExchange

_SUB_PENNY = "sub-penny increment does not fulfill minimum pricing criteria"
_MISMATCH = "position intent mismatch, inferred: sell_to_close, specified: sell_to_open"
_TOO_MANY = "insufficient qty available for order (requested: 5001, available: 5000)"

REFUSED: tuple[tuple[dict[str, object], int, int, str], ...] = (
    ({"limit_price": "15.245"}, 422, 42210000, f"invalid limit_price 15.245. {_SUB_PENNY}"),
    ({"limit_price": "0.40125"}, 422, 42210000, f"invalid limit_price 0.40125. {_SUB_PENNY}"),
    ({"limit_price": "-1"}, 422, 40010001, "limit price must be > 0"),
    ({"limit_price": "NaN"}, 422, 40010001, "invalid limit_price NaN"),
    ({"limit_price": "1e400"}, 422, 42210000, "invalid limit_price"),
    ({"type": "limit"}, 422, 40010001, "limit orders require a limit price"),
    (
        {"type": "market", "limit_price": "15"},
        422,
        40010001,
        "market orders require no stop or limit price",
    ),
    ({"type": "magic"}, 422, 40010001, "invalid order type"),
    ({"type": "stop"}, 422, 42210000, "stop orders are not served by the embedded exchange"),
    ({"side": "both"}, 422, 40010001, "side must be buy or sell"),
    ({"time_in_force": "week"}, 422, 40010001, "invalid time_in_force"),
    ({"qty": "0"}, 422, 40010001, "qty must be > 0"),
    ({"qty": "-5"}, 422, 40010001, "qty must be > 0"),
    ({"qty": "1e400"}, 422, 40010001, "qty is too large"),
    ({"qty": "many"}, 422, 40010001, "invalid qty many"),
    ({"qty": True}, 422, 40010001, "qty must be a number"),
    ({"qty": None}, 422, 40010001, "qty or notional is required"),
    ({"notional": "50"}, 400, 40010001, "only one of qty or notional is accepted"),
    ({"qty": "1.5"}, 403, 40310000, 'asset "UVXY" is not fractionable'),
    ({"symbol": "NOPE"}, 422, 42210000, 'asset "NOPE" not found'),
    ({"symbol": ""}, 422, 40010001, "symbol is required"),
    ({"client_order_id": "x" * 129}, 422, 40010001, "client_order_id must be no more than 128"),
    ({"extended_hours": True}, 422, 42210000, "extended hours order must be DAY or GTC limit"),
    ({"position_intent": "sell_to_open"}, 422, 42210000, _MISMATCH),
    ({"qty": "5001"}, 403, 40310000, _TOO_MANY),
    ({"side": "buy", "qty": "10000"}, 403, 40310000, "insufficient buying power"),
)


@pytest.mark.parametrize(("fields", "status", "code", "message"), REFUSED)
def test_a_bad_order_is_refused_in_alpacas_words(
    fields: dict[str, object], status: int, code: int, message: str
) -> None:
    exchange = VirtualExchange()
    reply = exchange.post(**fields)
    assert (reply.status, reply.body["code"]) == (status, code)
    assert reply.body["message"].startswith(message)
    exchange.time.run_for(1)
    assert exchange.updates == []
    assert exchange.call("GET", "/v2/orders", status="all").body == []
