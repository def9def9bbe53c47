"""What the engine knows beside its orders: quotes, links, account, positions, session.

The streams write it, reads refresh it, and our own orders keep account and positions up to
date between two reads.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from core.engine.events import (
    AccountChanged,
    Level,
    MarketChanged,
    QuoteChanged,
    VenueTimeChanged,
)
from core.engine.listeners import Counters, Listeners
from core.engine.positions import after_change
from core.errors import Refusal
from core.market.account import Account, Asset, Position
from core.market.links import Link, LinkName, LinkState
from core.market.quote_board import QuoteBoard
from core.market.quotes import Quote
from core.market.time import NS
from core.market.trading_hours import MarketClock, TradingHours
from core.market.venue_time import Reading, learn, timed
from core.orders.facts import AnyFact, Reported
from core.orders.state import ParentOrder
from core.risk import buying_power
from core.runtime.clock import Clock
from core.venue.interface import Venue
from core.wording.quote_words import early_words, wrong_clock

_READS = 3  # of the account, while fills keep coming in between


class AccountState:
    """One account at one venue, as far as it is known. `account` None: not read yet."""

    def __init__(
        self, venue: Venue, listeners: Listeners, counters: Counters, clock: Clock
    ) -> None:
        self.board = QuoteBoard()
        self.links: dict[LinkName, Link] = {}
        self.account: Account | None = None
        self.positions: dict[str, Position] = {}
        self.market: MarketClock | None = None
        self._venue = venue
        self._listeners = listeners
        self._counters = counters
        self._clock = clock
        self.locked_out = ""  # why the venue does not know us, or as another account
        self.stale = False  # account and positions have to be read again
        self._behind: set[str] = set()
        self._counted = 0
        self._assets: dict[str, Asset] = {}
        self._watched: set[str] = set()
        self._told = ""  # why a quote could not be read

    # ---- questions --------------------------------------------------------------------------

    def open_at(self, now_ns: int) -> bool:
        """Whether the regular session is open; true while nobody has told."""
        return self.market is None or self.market.open_at(now_ns)

    def trades_at(self, now_ns: int, *, extended: bool) -> bool:
        """Whether the regular session is open, or with `extended` the extended one."""
        if self.market is None:
            return True
        hours = self.market.hours(now_ns)
        return hours is TradingHours.REGULAR or (extended and hours is TradingHours.EXTENDED)

    @property
    def hears_orders(self) -> bool:
        """Whether the order stream is connected."""
        link = self.links.get(LinkName.ORDERS)
        return link is not None and link.state is LinkState.UP

    @property
    def read_only(self) -> bool:
        """Whether the venue counts another connection than ours to the account's order stream."""
        link = self.links.get(LinkName.ORDERS)
        return link is not None and link.state is LinkState.LIMITED

    # ---- reads ------------------------------------------------------------------------------

    async def refresh(self) -> None:
        """Read account, positions and session anew."""
        await self.read_clock()
        for _ in range(_READS):
            counted = self._counted
            account = await self._venue.account()
            positions = await self._venue.positions()
            if counted == self._counted:
                break  # else it may be older than a fill that came meanwhile
        if self.account is not None and account.number != self.account.number:
            raise self._another(account)
        self.account, self.positions = account, {p.symbol: p for p in positions}
        self.locked_out, self.stale = "", bool(self._behind)
        self._tell_account()

    async def read_clock(self) -> None:
        """Read the venue's time and its session; the session is kept on the run's clock."""
        sent_ns = self._clock.now_ns()
        market = await self._venue.clock()
        received_ns = self._clock.now_ns()
        grain_ns = 0 if market.at_ns % NS else NS  # a time of whole seconds may have been cut
        self.take_time(Reading(market.at_ns, sent_ns, received_ns, grain_ns))
        if self.board.time is not None:
            market = market.moved(self.board.time.to_run_ns())
        if self.market is not None:  # the venue's clock does not tell of closes that are over
            closed_ns = self.market.closed_by(market.at_ns)
            market = replace(market, last_close_ns=closed_ns)
        self.market = market
        self._listeners.tell(MarketChanged(self.market))

    def _another(self, account: Account) -> Refusal:
        """The keys are accepted, but they are not for the account that we trade."""
        number = self.account.number if self.account else ""
        self.locked_out = (
            f"The keys now belong to account {account.number}, and these orders to {number}. "
            "Nothing is sent until the account is the same again."
        )
        return Refusal("account", self.locked_out, account.number)

    async def watch(self, symbols: Iterable[str]) -> None:
        """Follow quotes, trades and statuses of exactly these symbols."""
        wanted = set(symbols)
        new = wanted - self._watched
        self._watched = wanted
        await self._venue.watch(sorted(wanted))
        for symbol in sorted(new):
            try:
                quote = await self._venue.latest_quote(symbol)
            except Refusal as refusal:  # the stream may have quotes all the same
                self._tell_once(refusal.sentence)
                continue
            if quote is not None:
                self.take_quote(quote)

    def _tell_once(self, sentence: str) -> None:
        """Say it, unless it is what was said last, or what the link of the quotes says."""
        quotes = self.links.get(LinkName.QUOTES)
        if sentence != self._told and (quotes is None or quotes.detail != sentence):
            self._listeners.notice(Level.WARNING, sentence)
        self._told = sentence

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

    def take_time(self, reading: Reading) -> None:
        """An answer told the venue's time; how far the computer's is off is said once."""
        before, self.board.time = self.board.time, learn(self.board.time, reading)
        if self.board.time is None or self.board.time == before:
            return
        self._listeners.tell(VenueTimeChanged(self.board.time))
        if before is None and (words := wrong_clock(self.board.time)):
            self._listeners.notice(Level.WARNING, words)

    def take_quote(self, quote: Quote) -> bool:
        """A quote; older ones than the one held are dropped. True: it is of a time to come."""
        ahead_ns = self.board.early_ns(quote)
        if ahead_ns:
            self._counters.early_quotes += 1
            if self._counters.early_quotes == 1:
                self._listeners.notice(Level.WARNING, early_words(quote.symbol, ahead_ns))
            return True
        if not timed(quote.exchange_ns):
            self._counters.untimed_quotes += 1
        if self.board.put_quote(quote):
            self._listeners.tell(QuoteChanged(quote))
        return False

    def catch_up(self, orders: Iterable[ParentOrder]) -> None:
        """The venue may know more of these than we do, and the account as read holds it."""
        self._behind |= {c.client_id for order in orders for c in order.live_children}
        self.stale = bool(self._behind)

    def count(self, before: ParentOrder | None, order: ParentOrder, fact: AnyFact) -> bool:
        """Keep positions by what filled and what is reserved, so that no fill costs a read.

        What an order of an earlier run did while nobody looked is in the account already. True
        when the last of these has been heard of: the account is to be read again.
        """
        if self._catches_up(order, fact):
            self._counted += 1
            return not self._behind
        held, account = self.positions.get(order.symbol), self.account
        changed = after_change(held, before, order)
        if changed is not None:
            self.positions[order.symbol] = changed
        if account is not None:
            self.account = buying_power.after_change(account, before, order)
        if changed != held or self.account is not account:
            self._counted += 1
            self._tell_account()
        return False

    def _catches_up(self, order: ParentOrder, fact: AnyFact) -> bool:
        """Whether the journal was behind the venue about a child of this order until `fact`."""
        if not self._behind:
            return False
        behind = [c for c in order.children if c.client_id in self._behind]
        told = fact.client_id if isinstance(fact, Reported) else ""
        self._behind.difference_update(c.client_id for c in behind if c.dead or c.client_id == told)
        return bool(behind)

    def _tell_account(self) -> None:
        if self.account is not None:
            self._listeners.tell(AccountChanged(self.account, tuple(self.positions.values())))
