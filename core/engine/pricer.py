"""Answers the reducer's questions for a price from the latest quote, as facts.

It looks at the board, the clock and the positions, and decides nothing: whether an answer is
still wanted, and what follows from it, is the reducer's.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from core.engine.account_state import AccountState
from core.engine.events import Level
from core.engine.listeners import Listeners
from core.engine.risk_inputs import RiskInputs
from core.errors import Refusal
from core.journal.writer import Recorder
from core.market.limit_price import collar_price
from core.market.quotes import Quote, Unusable
from core.orders.commands import PriceFallback, PriceStep
from core.orders.facts import AnyFact, FallbackPriced, StepPriced
from core.orders.ledger import Ledger
from core.orders.permissions import still_wanted
from core.orders.repricing import step_price
from core.orders.state import ParentOrder
from core.runtime.clock import Clock
from core.runtime.keyed_timers import KeyedTimers
from core.wording.quote_words import why_unusable_words

Question = PriceFallback | PriceStep


class Pricer:
    """Prices fallbacks and steps. While the journal is broken no step is priced."""

    def __init__(
        self,
        account_state: AccountState,
        ledger: Ledger,
        recorder: Recorder,
        risk: RiskInputs,
        listeners: Listeners,
        clock: Clock,
        apply: Callable[[AnyFact], None],
    ) -> None:
        self._account_state = account_state
        self._board = account_state.board
        self._ledger = ledger
        self._orders = ledger.orders
        self._recorder = recorder
        self._risk = risk
        self._listeners = listeners
        self._clock = clock
        self._apply = apply
        self._delays = KeyedTimers()
        self._wait_for_quote: dict[str, str] = {}  # steps that found none they could use: symbol

    def answer(self, order_id: str, question: Question) -> None:
        """Price it now, or after the question's delay; of two for one order the sooner counts."""
        if isinstance(question, PriceFallback):
            self._price_fallback(self._orders[order_id])
            return
        self._delays.after(question.delay_ns, order_id, lambda: self._price_step(order_id))

    def quote_came(self, symbol: str) -> None:
        """Ask again for the steps that wait for a quote they can use, if this is one."""
        for order_id in [i for i, of in self._wait_for_quote.items() if of == symbol]:
            if self._usable(self._orders[order_id])[0] is not None:
                del self._wait_for_quote[order_id]
                self._delays.after(0, order_id, partial(self._price_step, order_id))

    def stop(self) -> None:
        """Forget what waits."""
        self._delays.stop()
        self._wait_for_quote.clear()

    def _is_open(self, order: ParentOrder) -> bool:
        return self._account_state.trades_at(self._clock.now_ns(), extended=order.extended)

    def _usable(self, order: ParentOrder) -> tuple[Quote | None, str]:
        symbol = order.symbol
        now = self._clock.now_ns()
        oldest = self._risk.settings.max_quote_age_ns
        is_open = self._is_open(order)
        why = self._board.why_unusable(symbol, now, is_open=is_open, max_age_ns=oldest)
        quote = self._board.quotes.get(symbol)
        if why is not None or quote is None:
            old = self._board.age(symbol, now)
            return None, why_unusable_words(why or Unusable.MISSING, symbol, old)
        return quote, ""

    def _price_fallback(self, order: ParentOrder) -> None:
        now = self._clock.now_ns()
        quote, reason = self._usable(order)
        price = None
        if quote is not None:
            collar = order.instruction.plan.collar
            price = collar_price(order.side, quote.bid, quote.ask, collar)
        self._apply(FallbackPriced(order_id=order.id, at=now, limit_price=price, reason=reason))

    def _price_step(self, order_id: str) -> None:
        order = self._orders[order_id]
        self._wait_for_quote.pop(order_id, None)
        if not still_wanted(order, PriceStep()):
            return
        reason, price = self._recorder.broken, None
        if not reason:
            price, reason = self._priced(order)
        if price is None and not order.unpriced:
            stays = "It stays at its price" if order.live_children else "Nothing is live"
            until = "the step can be priced" if order.own_price is None else "yours may be sent"
            words = f"{reason} {stays} until {until}."
            self._listeners.notice(Level.WARNING, words, order.id)
        self._apply(
            StepPriced(
                order_id=order.id,
                at=self._clock.now_ns(),
                step=order.step,
                limit_price=price,
                reason=reason,
            )
        )

    def _priced(self, order: ParentOrder) -> tuple[Decimal | None, str]:
        """The price in force, or None and why it can't be had. A person's own needs no quote."""
        if order.own_price is not None:
            why = self._board.why_shut(order.symbol, is_open=self._is_open(order))
            return (order.own_price, "") if why is None else (None, why.sentence(order.symbol))
        quote, reason = self._usable(order)
        if quote is None:
            self._wait_for_quote[order.id] = order.symbol
            return None, reason
        try:
            return step_price(order, quote), ""
        except Refusal as refusal:
            return None, refusal.sentence
