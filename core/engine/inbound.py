"""What the venue tells by itself, and where each word of it goes (`core.venue.interface.Sink`).

It decides nothing about an order: a word about one of ours is fed to the engine as a fact, and
a connection that came anew is a reason to read our open orders.
"""

from collections.abc import Callable

from core.engine.account_refresher import AccountRefresher
from core.engine.account_state import AccountState
from core.engine.dispatcher import Dispatcher
from core.engine.events import Level, LinkChanged, StatusChanged, TradePrinted
from core.engine.foreign_orders import ForeignOrders
from core.engine.listeners import Counters, Listeners
from core.engine.pricer import Pricer
from core.engine.stream_watchdog import StreamWatchdog
from core.market.links import Link, LinkName, LinkState
from core.market.quotes import Quote, Trade, TradingStatus
from core.market.venue_time import Reading
from core.orders.commands import Read
from core.orders.facts import AnyFact, LoginLost
from core.orders.ledger import Ledger
from core.orders.state import Liveness
from core.risk.send_gate import READ_ONLY
from core.runtime.clock import Clock
from core.venue.interface import OrderReport

_ASKED_ABOUT = (Liveness.WORKING, Liveness.CANCEL_SENT)


class InboundEvents:
    """Hears one venue.

    Until `started` a connection is no reason to read: the start itself reads what is open.
    """

    def __init__(
        self,
        account_state: AccountState,
        ledger: Ledger,
        dispatcher: Dispatcher,
        pricer: Pricer,
        refresher: AccountRefresher,
        stream_watchdog: StreamWatchdog,
        foreign_orders: ForeignOrders,
        counters: Counters,
        listeners: Listeners,
        clock: Clock,
        apply: Callable[[AnyFact], None],
    ) -> None:
        self.started = False
        self._account_state = account_state
        self._ledger = ledger
        self._dispatcher = dispatcher
        self._pricer = pricer
        self._refresher = refresher
        self._stream_watchdog = stream_watchdog
        self._foreign_orders = foreign_orders
        self._counters = counters
        self._listeners = listeners
        self._clock = clock
        self._apply = apply

    # ---- orders -----------------------------------------------------------------------------

    def on_report(self, report: OrderReport) -> None:
        """A word about an order, ours or somebody else's."""
        self._stream_watchdog.heard()
        for name in (report.client_id, report.broker_id):
            parent = self._ledger.of_child(name)
            if parent is not None:
                if not self._ledger.is_left_alone(parent):
                    self._apply(report.as_fact(parent, name, self._clock.now_ns()))
                return
        self._foreign_orders.on_report(report)

    def on_bad_frame(self, link: LinkName, reason: str, client_id: str | None) -> None:
        """A frame was skipped; if it was about an order of ours, that order is read."""
        self._counters.bad_frames += 1
        self._listeners.notice(
            Level.WARNING, f"A frame of the {link} stream was unreadable and skipped: {reason}."
        )
        parent = self._ledger.of_child(client_id or "")
        if client_id and parent is not None and not self._ledger.is_left_alone(parent):
            self._dispatcher.carry_out(parent, Read(client_id))
        if link is LinkName.ORDERS:  # it may have been about one that has ended
            self._refresher.read_ended_soon()

    # ---- the market -------------------------------------------------------------------------

    def on_quote(self, quote: Quote) -> None:
        """A quote. One ahead of the venue's time may mean that the run's clock stood still."""
        if self._account_state.take_quote(quote):
            self._refresher.read_time_soon()
        else:
            self._pricer.quote_came(quote.symbol)

    def on_time(self, reading: Reading) -> None:
        """An answer told the venue's time."""
        self._account_state.take_time(reading)

    def on_trade(self, trade: Trade) -> None:
        """A print."""
        self._account_state.board.put_trade(trade)
        self._listeners.tell(TradePrinted(trade))

    def on_status(self, status: TradingStatus) -> None:
        """A halt or its end."""
        self._account_state.board.put_status(status)
        self._listeners.tell(StatusChanged(status))

    # ---- links ------------------------------------------------------------------------------

    def on_link(self, link: Link) -> None:
        """A link changed. Whenever the order stream connects, our open children are read once."""
        before = self._account_state.links.get(link.name)
        self._account_state.links[link.name] = link
        fresh = link.state is LinkState.UP and (
            before is None or before.state is not LinkState.UP or before.since_ns != link.since_ns
        )
        if link.name is LinkName.ORDERS and (fresh or link.state is not LinkState.UP):
            self._stream_watchdog.forget()
        if link.name is LinkName.ORDERS and link.state is not LinkState.UP:
            self._dispatcher.stream_lost()
        if link.name is LinkName.ORDERS and fresh and self.started:
            self._dispatcher.read_open()
            self._refresher.read_ended_soon()
        limited = link.name is LinkName.ORDERS and link.state is LinkState.LIMITED
        if limited and (before is None or before.state is not LinkState.LIMITED):
            self._listeners.notice(Level.ALARM, READ_ONLY)
        if link.state is LinkState.REFUSED and (
            before is None or before.state is not LinkState.REFUSED
        ):
            self._refused(link)
        if link.name is LinkName.REST and self.started:
            self._lock(link, before)
        self._listeners.tell(LinkChanged(link))

    def _refused(self, link: Link) -> None:
        """Say once that the venue will not have us on this link, and what that keeps from us."""
        if link.name is LinkName.QUOTES:
            self._listeners.notice(Level.WARNING, link.detail)
            return
        why = link.detail or "The venue does not accept the keys any more."
        if link.name is LinkName.ORDERS:
            what = (
                "Until it does no new order is begun, and fills are not told; orders at work go "
                "on, each proven by request, if requests are still answered."
            )
        else:
            what = (
                "Nothing can be sent, cancelled or read until it does; open orders stay at the "
                "venue, so check them at the broker."
            )
        self._listeners.notice(Level.ALARM, f"{why} {what}")

    def _lock(self, link: Link, before: Link | None) -> None:
        """With the keys refused nothing live is certain, and nothing leaves until they are taken.

        The first good answer is a reason to ask whose account it is.
        """
        if link.state is not LinkState.REFUSED:
            if before is not None and before.state is LinkState.REFUSED:
                self._refresher.read_soon()
            return
        self._account_state.locked_out = link.detail
        for order in self._ledger.current:
            sure = any(c.liveness in _ASKED_ABOUT for c in order.live_children)
            if sure and not self._ledger.is_left_alone(order.id):
                self._apply(LoginLost(order_id=order.id, at=self._clock.now_ns()))
