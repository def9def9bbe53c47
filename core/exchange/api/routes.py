"""Alpaca's REST calls on an `Exchange`: method, path and fields in, status and body out.

The table that joins the routes of each subject. No sockets here: the server and tests in
virtual time call the same `call`.
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from core.exchange.api.account_routes import ACCOUNT_ROUTES
from core.exchange.api.calendar_routes import CALENDAR_ROUTES
from core.exchange.api.history_routes import HISTORY_ROUTES
from core.exchange.api.market_routes import MARKET_ROUTES
from core.exchange.api.order_routes import ORDER_ROUTES
from core.exchange.api.request import Request
from core.exchange.api.watchlist_routes import WATCHLIST_ROUTES
from core.exchange.matching.exchange import Exchange
from core.exchange.matching.refusals import Refused, Reply

_ROUTES = tuple(
    (method, re.compile(pattern), answer)
    for method, pattern, answer in (
        *ORDER_ROUTES,
        *ACCOUNT_ROUTES,
        *CALENDAR_ROUTES,
        *MARKET_ROUTES,
        *HISTORY_ROUTES,
        *WATCHLIST_ROUTES,
    )
)


def call(
    exchange: Exchange, method: str, path: str, query: Mapping[str, str], raw_body: bytes = b""
) -> Reply:
    """Answer one request; refusals are answers too."""
    try:
        for verb, pattern, answer in _ROUTES:
            match = pattern.fullmatch(path)
            if verb == method and match:
                return answer(Request(exchange, match.groups(), query, _read(raw_body)))
    except Refused as refused:
        return refused.reply
    return Reply(404, {"message": "endpoint not found."})


def is_data(path: str) -> bool:
    """Whether a path belongs to the data API, which has a request budget of its own."""
    return path.startswith("/v2/stocks")


def _read(raw: bytes) -> Mapping[str, Any]:
    """A JSON object with exact numbers."""
    if not raw:
        return {}
    try:
        body = json.loads(raw, parse_float=Decimal, parse_int=Decimal, parse_constant=str)
    except (ValueError, InvalidOperation, RecursionError):
        raise Refused(400, 40010000, "request body format is invalid") from None
    if not isinstance(body, dict):
        raise Refused(400, 40010000, "request body format is invalid")
    return body
