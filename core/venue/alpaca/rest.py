"""Alpaca's REST side: requests out, answers as our own records.

What is asked about one order goes by `order_client`, on the engine's own loop: a cancel never
queues behind anything. The account, lists and prices go by alpaca-py, on threads of their own.
Nothing here decides or repeats anything.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

import msgspec

from core.errors import Refusal
from core.market.account import Account, Asset, Position
from core.market.links import Link, LinkName, LinkState
from core.market.quotes import Quote
from core.market.time import NS
from core.market.trading_hours import MarketClock
from core.market.venue_time import Reading
from core.runtime.clock import Clock
from core.venue.alpaca import account_wire, market_wire, rest_replies
from core.venue.alpaca.endpoints import Endpoints
from core.venue.alpaca.order_client import OrderClient
from core.venue.alpaca.order_requests import order_body, since_query
from core.venue.alpaca.order_wire import BadFrame, order_reports
from core.venue.alpaca.rest_replies import Answer, Outcome
from core.venue.alpaca.sdk_threads import SdkThreads
from core.venue.credentials import Credentials
from core.venue.interface import (
    CancelReply,
    OrderReport,
    PostReply,
    PostRequest,
    ReadReply,
    Refused,
    Unanswered,
)

if TYPE_CHECKING:
    from core.venue.alpaca.sdk import Sdk

_T = TypeVar("_T")
_R = TypeVar("_R", PostReply, CancelReply, ReadReply)

PAGE = 500  # the most orders that one listing gives
_MOST_PAGES = 20


class Timeouts(msgspec.Struct, frozen=True):
    """Seconds: to connect, between two reads, and for a request altogether.

    A cancel and the read of one order are asked for again soon, so they get less.
    """

    connect: float = 3.0
    read: float = 8.0
    total: float = 15.0
    cancel: float = 5.0
    read_order: float = 3.0


class Rest:
    """One account's REST side. All methods run on the engine's loop.

    `on_link` hears of every request's outcome, `on_bad` of a record that can't be read,
    `on_time` of the venue's time as its answers tell it.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        credentials: Credentials,
        clock: Clock,
        timeouts: Timeouts,
        on_link: Callable[[Link], None],
        on_bad: Callable[[str, str | None], None],
        on_time: Callable[[Reading], None] = lambda reading: None,
    ) -> None:
        self._endpoints = endpoints
        self._credentials = credentials
        self._clock = clock
        self._timeouts = timeouts
        self._on_link = on_link
        self._on_bad = on_bad
        self._on_time = on_time
        self._sdks: list[Sdk] = []
        self._link = Link(LinkName.REST, LinkState.CONNECTING, clock.now_ns())
        self._orders = OrderClient(endpoints, credentials, timeouts.connect, timeouts.read)
        self._reads = SdkThreads("read", 3, self._make)

    def _make(self) -> "Sdk":
        from core.venue.alpaca.sdk import Sdk

        times = self._timeouts
        sdk = Sdk(self._endpoints, self._credentials, (times.connect, times.read), times.total)
        self._sdks.append(sdk)
        return sdk

    async def post(self, request: PostRequest) -> PostReply:
        """Send one order."""
        outcome = await self._on_order("POST", "/orders", order_body(request), self._timeouts.total)
        return self._scrubbed(rest_replies.posted(outcome, request))

    async def cancel(self, broker_id: str) -> CancelReply:
        """Ask to cancel one order."""
        path = f"/orders/{quote(broker_id, safe='')}"
        outcome = await self._on_order("DELETE", path, None, self._timeouts.cancel)
        return self._scrubbed(rest_replies.cancelled(outcome))

    async def read(self, client_id: str, broker_id: str | None) -> ReadReply:
        """Read one order, by broker id if known, else by client id."""
        path, query = "/orders:by_client_order_id", {"client_order_id": client_id}
        if broker_id is not None:
            path, query = f"/orders/{quote(broker_id, safe='')}", {}
        outcome = await self._on_order("GET", path, query, self._timeouts.read_order)
        return self._scrubbed(rest_replies.read(outcome, client_id, broker_id))

    async def open_orders(self, symbol: str | None = None) -> tuple[OrderReport, ...]:
        """Open orders, oldest first, over as many pages as there are."""
        query: dict[str, Any] = {"status": "open"}
        if symbol is not None:
            query["symbols"] = symbol
        return await self._listed_orders("the list of open orders", query)

    async def orders_since(self, since_ns: int) -> tuple[OrderReport, ...]:
        """Orders made after `since_ns`, ended ones too, oldest first."""
        return await self._listed_orders("the list of orders", since_query(since_ns))

    async def _listed_orders(self, what: str, query: dict[str, Any]) -> tuple[OrderReport, ...]:
        query = {**query, "limit": PAGE, "direction": "asc"}
        found: dict[str, OrderReport] = {}
        for _ in range(_MOST_PAGES):
            body = await self._body(what, "/orders", query)
            page, bad = self._parse(what, order_reports, body)
            for error in bad:
                self._on_bad(error.reason, error.client_id)
            known = len(found)
            found.update((report.broker_id, report) for report in page)
            if len(page) + len(bad) < PAGE or len(found) == known:
                break
            query["after_order_id"] = page[-1].broker_id
        return tuple(found.values())

    async def account(self) -> Account:
        """Account figures."""
        return self._parse(
            "the account", account_wire.account, await self._body("the account", "/account")
        )

    async def login(self) -> Account:
        """Account figures, over the way that orders take, which is open and warm from then on."""
        outcome = await self._on_order("GET", "/account", None, self._timeouts.total)
        return self._parse("the account", account_wire.account, self._good("the account", outcome))

    async def warm_up(self) -> None:
        """Open a second way for orders, so that a cancel beside a POST does not wait for one."""
        await asyncio.gather(
            *(self._on_order("GET", "/clock", None, self._timeouts.cancel) for _ in range(2))
        )

    async def positions(self) -> tuple[Position, ...]:
        """All positions."""
        body = await self._body("the positions", "/positions")
        return self._parse("the positions", account_wire.positions, body)

    async def clock(self) -> MarketClock:
        """The regular session."""
        return self._parse("the clock", account_wire.clock, await self._body("the clock", "/clock"))

    async def asset(self, symbol: str) -> Asset:
        """One asset; Refusal for an unknown symbol."""
        outcome = await self._get(f"/assets/{quote(symbol, safe='')}")
        if isinstance(outcome, Answer) and outcome.status in (404, 422):
            raise Refusal("symbol", f"There is no symbol {symbol[:20]} at the venue.", symbol)
        what = f"the asset {symbol[:20]}"
        return self._parse(what, account_wire.asset, self._good(what, outcome))

    async def assets(self) -> tuple[Asset, ...]:
        """All active assets."""
        query = {"status": "active", "asset_class": "us_equity"}
        body = await self._body("the list of assets", "/assets", query)
        return self._parse("the list of assets", account_wire.assets, body)

    async def latest_quote(self, symbol: str) -> Quote | None:
        """Latest quote of the venue's feed; None when there is none."""
        feed, what = self._endpoints.feed, f"the quote of {symbol[:20]}"
        query = {"symbols": symbol, "feed": feed}
        asked = self._reads.run(
            lambda sdk: sdk.data("/stocks/quotes/latest", query), self._timeouts.total
        )
        outcome = await asked  # of another host, which says nothing about the link for orders
        body, now = self._data(what, outcome), self._clock.now_ns()
        return self._parse(what, lambda b: market_wire.latest_quote(b, symbol, now, feed), body)

    async def close(self) -> None:
        """Close every connection; a list that is being read closes its own with its answer."""
        await self._orders.close()
        self._reads.close()
        for sdk in self._sdks:
            sdk.close()

    async def _body(self, what: str, path: str, query: dict[str, Any] | None = None) -> bytes:
        return self._good(what, await self._get(path, query))

    async def _get(self, path: str, query: dict[str, Any] | None = None) -> Outcome:
        asked = self._reads.run(lambda sdk: sdk.get(path, query), self._timeouts.total)
        return await self._told(asked)

    async def _on_order(
        self, method: str, path: str, fields: Mapping[str, str | bool] | None, most_s: float
    ) -> Outcome:
        total_s = min(most_s, self._timeouts.total)
        return await self._told(self._orders.call(method, path, fields, total_s))

    async def _told(self, asked: Awaitable[Outcome]) -> Outcome:
        """The outcome, once it is told how the link stands, and what time the venue has."""
        began = self._clock.now_ns()
        outcome = await asked
        now = self._clock.now_ns()
        self._report(outcome, (now - began) / 1e6)
        said = rest_replies.time_of(outcome)
        if said is not None:
            self._on_time(Reading(said, began, now, grain_ns=NS))
        return outcome

    def _good(self, what: str, outcome: Outcome) -> bytes:
        return self._without_keys(lambda: rest_replies.body_of(outcome, what))

    def _data(self, what: str, outcome: Outcome) -> bytes:
        feed = self._endpoints.feed
        return self._without_keys(lambda: rest_replies.data_body_of(outcome, what, feed))

    def _without_keys(self, body: Callable[[], bytes]) -> bytes:
        """The body, or its refusal without our keys, should a server have echoed them."""
        try:
            return body()
        except Refusal as error:
            raise type(error)(
                error.rule, self._credentials.scrub(error.sentence), error.value
            ) from None

    def _parse(self, what: str, parse: Callable[[bytes], _T], body: bytes) -> _T:
        try:
            return parse(body)
        except BadFrame as bad:
            self._on_bad(bad.reason, bad.client_id)
            raise rest_replies.unreadable(what, bad) from None

    def _scrubbed(self, reply: _R) -> _R:
        """The reply without our keys, should a server have echoed them."""
        if isinstance(reply, Refused):
            return msgspec.structs.replace(reply, message=self._credentials.scrub(reply.message))
        if isinstance(reply, Unanswered):
            return msgspec.structs.replace(reply, reason=self._credentials.scrub(reply.reason))
        return reply

    def _report(self, outcome: Outcome, took_ms: float) -> None:
        """Tell how the link stands after one request; `took_ms` is how long it took."""
        detail = rest_replies.down_reason(outcome)
        state = LinkState.DOWN if detail else LinkState.UP
        if rest_replies.login_refused(outcome):
            state, detail = LinkState.REFUSED, rest_replies.LOGIN_SENTENCE
        before = self._link
        same = before.state is state
        self._link = Link(
            LinkName.REST,
            state,
            since_ns=before.since_ns if same else self._clock.now_ns(),
            detail=detail,
            attempt=before.attempt + 1 if state is LinkState.DOWN else 0,
            rtt_ms=took_ms if isinstance(outcome, Answer) else None,
            reconnected=state is LinkState.UP and before.state is LinkState.DOWN,
        )
        self._on_link(self._link)
