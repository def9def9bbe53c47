"""REST calls on watchlists, by id and by name."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from core.exchange.api.request import Request, Route
from core.exchange.api.views import asset_view
from core.exchange.market.watchlist import Watchlist
from core.exchange.matching.exchange import Exchange
from core.exchange.matching.refusals import Reply, invalid, not_found, unprocessable
from core.exchange.units import rfc3339

_LONGEST = 64
_MOST = 200  # lists of one account


def _all(request: Request) -> Reply:
    lists = request.exchange.settings.watchlists.values()
    return Reply(200, [_view(request.exchange, each, assets=False) for each in lists])


def _make(request: Request) -> Reply:
    exchange, now = request.exchange, request.exchange.now_ns()
    name = _name(exchange, request.body.get("name"))
    if len(exchange.settings.watchlists) >= _MOST:
        raise unprocessable("too many watchlists")
    return _keep(
        exchange,
        Watchlist(exchange.ids.uuid(), name, now, now, _symbols(exchange, request.body)),
    )


def _one(request: Request) -> Reply:
    return Reply(200, _view(request.exchange, _meant(request)))


def _update(request: Request) -> Reply:
    exchange, old = request.exchange, _meant(request)
    name = request.body.get("name")
    new = replace(old, symbols=_symbols(exchange, request.body))
    if name is not None and name != old.name:
        new = replace(new, name=_name(exchange, name))
    return _keep(exchange, new)


def _add(request: Request) -> Reply:
    exchange, old = request.exchange, _meant(request)
    symbol = _symbol(exchange, request.body.get("symbol"))
    if symbol in old.symbols:
        raise unprocessable("duplicate symbol")
    return _keep(exchange, replace(old, symbols=(*old.symbols, symbol)))


def _remove(request: Request) -> Reply:
    old, symbol = _meant(request), request.parts[1]
    if symbol not in old.symbols:
        raise not_found(f"symbol not found in watchlist: {symbol[:20]}")
    rest = tuple(each for each in old.symbols if each != symbol)
    return _keep(request.exchange, replace(old, symbols=rest))


def _delete(request: Request) -> Reply:
    del request.exchange.settings.watchlists[_meant(request).id]
    return Reply(204)


def _keep(exchange: Exchange, watchlist: Watchlist) -> Reply:
    kept = replace(watchlist, updated_ns=exchange.now_ns())
    exchange.settings.watchlists[kept.id] = kept
    return Reply(200, _view(exchange, kept))


def _meant(request: Request) -> Watchlist:
    """The list named by id in the path, or by name in the query."""
    lists = request.exchange.settings.watchlists
    if not request.parts:
        name = request.query.get("name", "")
        for each in lists.values():
            if each.name == name:
                return each
        raise not_found(f"watchlist not found: {name[:_LONGEST]}")
    try:
        found = lists.get(str(UUID(request.parts[0])))
    except ValueError:
        raise invalid(f"invalid watchlist_id {request.parts[0][:40]}") from None
    if found is None:
        raise not_found("watchlist not found")
    return found


def _name(exchange: Exchange, given: object) -> str:
    if not isinstance(given, str) or not 1 <= len(given) <= _LONGEST:
        raise invalid(f"watchlist name must have 1 to {_LONGEST} characters")
    if any(each.name == given for each in exchange.settings.watchlists.values()):
        raise unprocessable("watchlist name must be unique")
    return given


def _symbols(exchange: Exchange, body: Mapping[str, Any]) -> tuple[str, ...]:
    given = body.get("symbols")
    if given is None:
        return ()
    if not isinstance(given, list):
        raise invalid("symbols must be a list")
    return tuple(dict.fromkeys(_symbol(exchange, each) for each in given))


def _symbol(exchange: Exchange, given: object) -> str:
    if not isinstance(given, str) or given not in exchange.assets:
        raise unprocessable(f'asset "{str(given)[:20]}" not found')
    return given


def _view(exchange: Exchange, each: Watchlist, *, assets: bool = True) -> dict[str, Any]:
    view: dict[str, Any] = {
        "id": each.id,
        "account_id": exchange.account_id,
        "created_at": rfc3339(each.created_ns),
        "updated_at": rfc3339(each.updated_ns),
        "name": each.name,
    }
    if assets:
        view["assets"] = [asset_view(exchange.assets[symbol]) for symbol in each.symbols]
    return view


_BY_ID, _BY_NAME = "/v2/watchlists/([^/]+)", "/v2/watchlists:by_name"
WATCHLIST_ROUTES: tuple[Route, ...] = (
    ("GET", "/v2/watchlists", _all),
    ("POST", "/v2/watchlists", _make),
    *((method, path, answer) for path in (_BY_ID, _BY_NAME) for method, answer in (
        ("GET", _one), ("PUT", _update), ("POST", _add), ("DELETE", _delete),
    )),
    ("DELETE", "/v2/watchlists/([^/]+)/([^/]+)", _remove),
)  # fmt: skip
