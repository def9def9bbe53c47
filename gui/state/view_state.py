"""What the window has been told so far, as plain data; no Qt, no decisions.

Filled from frames, and by whoever the window asks to read or set something (settings, assets,
earlier fills), so that every widget draws from one picture.
"""

from dataclasses import dataclass, replace

from core.analysis.fill_history import FillHistory
from core.analysis.preview import Background
from core.market.account import Account, Asset, Position
from core.market.links import Link, LinkName, LinkState
from core.market.quote_board import QuoteBoard
from core.market.quotes import Unusable, why_old
from core.market.trading_hours import MarketClock
from core.orders.ledger import Ledger
from core.orders.state import ParentOrder
from core.risk import pre_trade_context
from core.risk.limits import DEFAULTS, Limits
from core.risk.pre_trade_context import PreTradeContext
from core.wording.quote_words import as_of
from gui.state.core_session import Opened
from gui.state.inbox import Frame


@dataclass(frozen=True, slots=True)
class LinkSeen:
    """A link and when it last gave a sign, on the run's clock."""

    link: Link
    at_ns: int


class ViewState:
    """The latest word on the market, the account and every order."""

    def __init__(self) -> None:
        self.board = QuoteBoard()
        self.account: Account | None = None
        self.positions: dict[str, Position] = {}
        self.market: MarketClock | None = None
        self.links: dict[LinkName, LinkSeen] = {}
        self.ledger = Ledger({})
        self.assets: dict[str, Asset] = {}
        self.settings: Limits = DEFAULTS
        self.settings_error = ""
        self.journal_error = ""
        self.awaited = ""  # the symbol that was asked for and is not known yet
        self.venue = ""
        self.fill_history = FillHistory()
        self.killed = ""  # why the engine takes no order

    @property
    def orders(self) -> dict[str, ParentOrder]:
        """Every order told of, by id."""
        return self.ledger.orders

    def begin(self, opened: Opened) -> None:
        """A session is open: under these limits, at that venue."""
        self.settings = opened.settings
        self.settings_error = opened.settings_error
        self.venue = opened.venue

    def take(self, frame: Frame, now_ns: int) -> None:
        """Add one frame."""
        if frame.time is not None:
            self.board.time = frame.time
        for link in frame.links:
            self.links[link.name] = LinkSeen(link, now_ns)
        for status in frame.statuses:
            self.board.put_status(status)
        for quote in frame.quotes:
            self.board.put_quote(quote)
        for trade in frame.trades:
            self.board.put_trade(trade)
        for change in frame.orders:
            self.ledger.put(change.order)
        if frame.account is not None:
            self.account = frame.account.account
            self.positions = {held.symbol: held for held in frame.account.positions}
        if frame.market is not None:
            self.market = frame.market
        if frame.taking is not None:
            self.killed = frame.taking.why

    def up(self, name: LinkName) -> bool:
        """Whether a link is up."""
        link_seen = self.links.get(name)
        return link_seen is not None and link_seen.link.state is LinkState.UP

    def why_old(self, symbol: str, now_ns: int) -> Unusable | None:
        """Why the quote of `symbol` is too old to price an order; None: it is not."""
        quote = self.board.quotes.get(symbol)
        if quote is None:
            return None
        return why_old(quote, now_ns, self.board.time, self.settings.max_quote_age_ns)

    def outdated(self, symbol: str, now_ns: int) -> str:
        """When the quote was true, in words, where quotes are lost or it prices no order."""
        quote = self.board.quotes.get(symbol)
        link_seen = self.links.get(LinkName.QUOTES)
        lost = link_seen is not None and link_seen.link.state is not LinkState.UP
        if quote is None or not (lost or self.why_old(symbol, now_ns)):
            return ""
        return as_of(quote, self.board.age(symbol, now_ns))

    def is_open(self, now_ns: int) -> bool:
        """Whether the regular session is open, as far as it was read."""
        return self.market is not None and self.market.open_at(now_ns)

    def working(self) -> tuple[ParentOrder, ...]:
        """Orders that are not final."""
        return self.ledger.open

    def background(self, moved_ticks: int) -> Background:
        """Whose orders a preview is about, and what became of earlier ones."""
        account = self.account.number if self.account else ""
        return Background(self.venue, account, self.fill_history, moved_ticks)

    def pre_trade_context(self, symbol: str, now_ns: int, *, armed: bool) -> PreTradeContext:
        """What the ticket needs to know about `symbol` now, drawn as the engine draws it."""
        seen = pre_trade_context.context_of(
            symbol,
            board=self.board,
            links={name: link_seen.link for name, link_seen in self.links.items()},
            market=self.market,
            account=self.account,
            positions=self.positions,
            orders=self.orders,
            current=self.ledger.current,
            asset=self.assets.get(symbol),
            settings=self.settings,
            now_ns=now_ns,
        )
        return replace(
            seen,
            armed=armed,
            awaited=self.awaited,
            killed=self.killed,
            journal=self.journal_error,
            damaged=self.settings_error,
        )
