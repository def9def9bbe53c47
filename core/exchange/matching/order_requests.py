"""Reading an order request: every rule Alpaca applies before it looks at the account.

Pure: a request body in, an `OrderRequest` or `refusals.Refused` out, in Alpaca's words.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from core.exchange.market.assets import Asset
from core.exchange.matching.orders import Order
from core.exchange.matching.refusals import Refused, forbidden, invalid, unprocessable
from core.exchange.units import CENT, DOLLAR, decimal_text, price_units
from core.market.prices import Side

_MOST_SHARES = Decimal(1_000_000_000)
_FINEST_SHARE = Decimal("0.000000001")
_KINDS = ("market", "limit")
_UNSERVED_KINDS = ("stop", "stop_limit", "trailing_stop")
_TIMES = ("day", "gtc", "ioc", "fok")
_UNSERVED_TIMES = ("opg", "cls")
_INTENTS = ("buy_to_open", "buy_to_close", "sell_to_open", "sell_to_close")
_LONGEST_ID = 128


class OrderRequest(msgspec.Struct, frozen=True):
    """A well-formed order request. `intent` is what the client claims, if it does."""

    asset: Asset
    side: Side
    kind: str
    time_in_force: str
    qty: Decimal
    limit: int | None
    client_order_id: str
    extended_hours: bool
    intent: str | None

    @property
    def symbol(self) -> str:
        """Symbol of the asset."""
        return self.asset.symbol


def read_order_request(
    body: Mapping[str, Any], assets: Mapping[str, Asset], fresh_id: str
) -> OrderRequest:
    """The order asked for. `fresh_id` names it when the client gave no id."""
    kind = _kind(body)
    time_in_force = _time_in_force(body)
    asset = _asset(body, assets)
    qty = _qty(body, asset, time_in_force)
    limit = _limit(body, kind)
    extended = bool(body.get("extended_hours"))
    if extended and (kind != "limit" or time_in_force not in ("day", "gtc")):
        raise unprocessable("extended hours order must be DAY or GTC limit orders")
    return OrderRequest(
        asset=asset,
        side=_choice(body, "side", tuple(Side), "side must be buy or sell"),
        kind=kind,
        time_in_force=time_in_force,
        qty=qty,
        limit=limit,
        client_order_id=_client_id(body, fresh_id),
        extended_hours=extended,
        intent=_intent(body),
    )


def read_replace_request(
    old: Order, body: Mapping[str, Any], asset: Asset, fresh_id: str
) -> OrderRequest:
    """The order that is to replace `old`: as it was, save what the request changes.

    As at Alpaca, it carries the whole quantity unless another is given.
    """
    time_in_force = _time_in_force(body) if body.get("time_in_force") else old.time_in_force
    qty, price = decimal_of(body, "qty"), decimal_of(body, "limit_price")
    if price is not None and old.limit is None:
        raise invalid("market orders require no stop or limit price")
    return OrderRequest(
        asset=asset,
        side=old.side,
        kind=old.kind,
        time_in_force=time_in_force,
        qty=old.qty if qty is None else share_count(qty, asset, time_in_force),
        limit=old.limit if price is None else legal_price(price),
        client_order_id=_client_id(body, fresh_id),
        extended_hours=old.extended_hours,
        intent=None,
    )


def decimal_of(body: Mapping[str, Any], name: str) -> Decimal | None:
    """A number field given as a JSON number or a string; None when it is absent."""
    given = body.get(name)
    if given is None or given == "":
        return None
    if isinstance(given, bool) or not isinstance(given, (Decimal, int, str)):
        raise invalid(f"{name} must be a number")
    try:
        value = Decimal(given)
    except InvalidOperation:
        raise invalid(f"invalid {name} {given}") from None
    if not value.is_finite():
        raise invalid(f"invalid {name} {given}")
    return value


def legal_price(value: Decimal, name: str = "limit_price") -> int:
    """`value` in ten-thousandths; refused when it is not a legal price increment."""
    if value <= 0:
        raise invalid(f"{name.replace('_', ' ')} must be > 0")
    units = price_units(value)
    if units is None or (units >= DOLLAR and units % CENT):
        shown = decimal_text(value) if value < _MOST_SHARES else str(value)
        raise unprocessable(
            f"invalid {name} {shown}. sub-penny increment does not fulfill minimum pricing criteria"
        )
    return units


def share_count(value: Decimal, asset: Asset, time_in_force: str) -> Decimal:
    """`value` as a quantity of `asset`; refused when it is not one."""
    if value <= 0:
        raise invalid("qty must be > 0")
    if value > _MOST_SHARES:
        raise invalid("qty is too large")
    if value != value.quantize(_FINEST_SHARE):
        raise invalid("qty must be limited to 9 decimal places")
    if value != value.to_integral_value():
        if not asset.fractionable:
            raise forbidden(f'asset "{asset.symbol}" is not fractionable')
        if time_in_force != "day":
            raise unprocessable("fractional orders must be DAY orders")
    return value.normalize() + 0


def _choice(body: Mapping[str, Any], name: str, choices: tuple[Any, ...], message: str) -> Any:
    given = body.get(name)
    for choice in choices:
        if given == choice:
            return choice
    raise invalid(message)


def _kind(body: Mapping[str, Any]) -> str:
    if body.get("type") in _UNSERVED_KINDS:
        raise unprocessable("stop orders are not served by the embedded exchange")
    if body.get("order_class") not in (None, "", "simple"):
        raise unprocessable("complex orders are not served by the embedded exchange")
    for name in ("take_profit", "stop_loss", "legs", "advanced_instructions"):
        if body.get(name):
            raise unprocessable("complex orders are not served by the embedded exchange")
    return str(_choice(body, "type", _KINDS, "invalid order type"))


def _time_in_force(body: Mapping[str, Any]) -> str:
    if body.get("time_in_force") in _UNSERVED_TIMES:
        raise unprocessable("auction orders are not served by the embedded exchange")
    return str(_choice(body, "time_in_force", _TIMES, "invalid time_in_force"))


def _asset(body: Mapping[str, Any], assets: Mapping[str, Asset]) -> Asset:
    symbol = body.get("symbol")
    if not symbol or not isinstance(symbol, str):
        raise invalid("symbol is required")
    asset = assets.get(symbol)
    if asset is None:
        raise unprocessable(f'asset "{symbol}" not found')
    if not asset.tradable:
        raise unprocessable(f'asset "{symbol}" is not tradable')
    return asset


def _qty(body: Mapping[str, Any], asset: Asset, time_in_force: str) -> Decimal:
    qty, notional = decimal_of(body, "qty"), decimal_of(body, "notional")
    if qty is not None and notional is not None:
        raise Refused(400, 40010001, "only one of qty or notional is accepted")
    if notional is not None:
        raise unprocessable("notional orders are not served by the embedded exchange")
    if qty is None:
        raise invalid("qty or notional is required")
    return share_count(qty, asset, time_in_force)


def _limit(body: Mapping[str, Any], kind: str) -> int | None:
    limit, stop = decimal_of(body, "limit_price"), decimal_of(body, "stop_price")
    if kind == "market":
        if limit is not None or stop is not None:
            raise invalid("market orders require no stop or limit price")
        return None
    if stop is not None:
        raise invalid("limit orders require no stop price")
    if limit is None:
        raise invalid("limit orders require a limit price")
    return legal_price(limit)


def _client_id(body: Mapping[str, Any], fresh_id: str) -> str:
    given = body.get("client_order_id")
    if given is None or given == "":
        return fresh_id
    if not isinstance(given, str):
        raise invalid("client_order_id must be a string")
    if len(given) > _LONGEST_ID:
        raise invalid("client_order_id must be no more than 128 characters")
    return given


def _intent(body: Mapping[str, Any]) -> str | None:
    given = body.get("position_intent")
    if given is None or given == "":
        return None
    return str(_choice(body, "position_intent", _INTENTS, f"invalid position_intent {given}"))
