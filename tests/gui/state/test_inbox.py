"""What waits for the next frame, without Qt."""

from decimal import Decimal

from core.engine.events import (
    AccountChanged,
    Level,
    LinkChanged,
    MarketChanged,
    Notice,
    QuoteChanged,
    StatusChanged,
    TakingChanged,
    TradePrinted,
)
from core.market.account import Account
from core.market.links import Link, LinkName, LinkState
from core.market.quotes import Quote, Trade, TradingStatus
from core.market.trading_hours import MarketClock
from gui.state.inbox import MAX_TRADES, Frame, Inbox
from tests.support.scripted_orders import ScriptedOrder


def quote(symbol: str, at: int) -> QuoteChanged:
    return QuoteChanged(Quote(symbol, Decimal(1), Decimal(2), 1, 1, at, at))


def test_an_empty_inbox_makes_an_empty_frame() -> None:
    assert Inbox().frame() == Frame()


def test_of_each_symbol_the_latest_quote_and_status_are_told() -> None:
    inbox = Inbox()
    for at in (1, 2):
        inbox.put(quote("IBM", at))
        inbox.put(quote("UVXY", at))
        inbox.put(StatusChanged(TradingStatus("IBM", at == 2, "H", str(at), at)))
    frame = inbox.frame()
    assert [(q.symbol, q.exchange_ns) for q in frame.quotes] == [("IBM", 2), ("UVXY", 2)]
    assert [s.halted for s in frame.statuses] == [True]


def test_prints_are_bounded_and_the_newest_stay() -> None:
    inbox = Inbox()
    for number in range(MAX_TRADES + 50):
        inbox.put(TradePrinted(Trade("UVXY", Decimal(1), 1, number, number)))
    trades = inbox.frame().trades
    assert len(trades) == MAX_TRADES
    assert trades[-1].exchange_ns == MAX_TRADES + 49


def test_notices_are_queued() -> None:
    inbox = Inbox()
    for number in range(3):
        inbox.put(Notice(Level.INFO, str(number), number))
    assert [notice.sentence for notice in inbox.frame().notices] == ["0", "1", "2"]


def test_order_facts_and_links_keep_their_order_and_none_is_dropped() -> None:
    inbox = Inbox()
    told = ScriptedOrder().working()
    links = [Link(LinkName.ORDERS, state, 1) for state in (LinkState.DOWN, LinkState.UP)]
    for change, link in zip(told.changes, links, strict=False):
        inbox.put(change)
        inbox.put(LinkChanged(link))
    assert list(inbox.frame().orders) == told.changes[:2]
    assert list(inbox.frame().links) == links


def test_of_account_session_and_kill_switch_the_latest_word_counts() -> None:
    inbox = Inbox()
    for number in ("A1", "A2"):
        account = Account(number, number, Decimal(1), Decimal(1), Decimal(1))
        inbox.put(AccountChanged(account, ()))
        inbox.put(MarketChanged(MarketClock(number == "A2", 1, 2, 3)))
        inbox.put(TakingChanged(number))
    frame = inbox.frame()
    assert frame.account is not None
    assert frame.account.account.number == "A2"
    assert frame.market is not None
    assert frame.market.is_open
    assert frame.taking == TakingChanged("A2")
