"""What the engine knows beside its orders: quotes, links, account, positions, session.

The streams write it, reads refresh it, and our own orders keep account and positions up to
date between two reads.
"""

from collections.abc import Iterable

from core import checks, funds
from core.account import Account, Asset, Position
from core.checks import Situation
from core.events import AccountChanged, MarketChanged, QuoteChanged
from core.ledger import Ledger
from core.links import Link, LinkName
from core.listeners import Listeners
from core.market import Board, MarketClock, Quote
from core.order_state import ParentOrder
from core.positions import after_change
from core.settings import Settings
from core.venue.base import Venue


class Surroundings:
    """One account at one venue, as far as it is known. `account` None: not read yet."""

    def __init__(self, venue: Venue, listeners: Listeners) -> None:
        self.board = Board()
        self.links: dict[LinkName, Link] = {}
        self.account: Account | None = None
        self.positions: dict[str, Position] = {}
        self.market: MarketClock | None = None
        self._venue = venue
        self._listeners = listeners
        self._assets: dict[str, Asset] = {}
        self._watched: set[str] = set()

    # ---- questions --------------------------------------------------------------------------

    def open_at(self, now_ns: int) -> bool:
        """Whether the regular session is open; true while nobody has told."""
        return self.market is None or self.market.open_at(now_ns)

    @property
    def read_only(self) -> bool:
        """Whether another program has the account's order stream."""
        link = self.links.get(LinkName.ORDERS)
        return link is not None and link.limited

    def situation(self, asset: Asset, ledger: Ledger, settings: Settings, now_ns: int) -> Situation:
        """What an order for `asset` is judged by."""
        return checks.situation(
            asset.symbol,
            board=self.board,
            links=self.links,
            market=self.market,
            account=self.account,
            positions=self.positions,
            orders=ledger.orders,
            current=ledger.current,
            asset=asset,
            settings=settings,
            now_ns=now_ns,
        )

    # ---- reads ------------------------------------------------------------------------------

    async def refresh(self) -> None:
        """Read account, positions and session anew."""
        self.market = await self._venue.clock()
        self._listeners.tell(MarketChanged(self.market))
        self.account = await self._venue.account()
        self.positions = {p.symbol: p for p in await self._venue.positions()}
        self._tell_account()

    async def watch(self, symbols: Iterable[str]) -> None:
        """Follow quotes, trades and statuses of exactly these symbols."""
        wanted = set(symbols)
        new = wanted - self._watched
        self._watched = wanted
        await self._venue.watch(sorted(wanted))
        for symbol in sorted(new):
            quote = await self._venue.latest_quote(symbol)
            if quote is not None:
                self.take_quote(quote)

    async def asset(self, symbol: str) -> Asset:
        """One asset, read once. Raises Refusal for an unknown symbol."""
        if symbol not in self._assets:
            self._assets[symbol] = await self._venue.asset(symbol)
        return self._assets[symbol]

    async def assets(self) -> tuple[Asset, ...]:
        """All assets of the venue."""
        found = await self._venue.assets()
        self._assets.update((a.symbol, a) for a in found)
        return found

    # ---- changes ----------------------------------------------------------------------------

    def take_quote(self, quote: Quote) -> None:
        """A quote; older ones than the one held are dropped."""
        if self.board.put_quote(quote):
            self.board.feed.sign(quote.received_ns)
            self._listeners.tell(QuoteChanged(quote))

    def count(self, before: ParentOrder | None, order: ParentOrder) -> None:
        """Keep positions by what filled and what is reserved, so that no fill costs a read."""
        held, account = self.positions.get(order.symbol), self.account
        changed = after_change(held, before, order)
        if changed is not None:
            self.positions[order.symbol] = changed
        if account is not None:
            self.account = funds.after_change(account, before, order)
        if changed != held or self.account is not account:
            self._tell_account()

    def _tell_account(self) -> None:
        if self.account is not None:
            self._listeners.tell(AccountChanged(self.account, tuple(self.positions.values())))
