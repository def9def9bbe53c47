"""Flattening: a symbol's open orders cancelled, that proven, the position then sent to market.

A choice of its own, before or after a kill, and always asked first. It goes by the account as
read for it, never by what was shown: once to ask, and again after the cancels are proven.
"""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from core.engine.account_state import AccountState
from core.engine.dispatcher import Dispatcher
from core.engine.events import Level
from core.engine.listeners import Listeners
from core.engine.requests.kill_switch import PROOF_S
from core.engine.requests.requests import NewOrders, Requests
from core.engine.risk_inputs import RiskInputs
from core.errors import Confirmation, Refusal
from core.market.account import Position
from core.market.prices import ONE, ZERO
from core.market.quotes import Quote, Unusable
from core.orders.ledger import Ledger
from core.orders.plan import Fallback, Instruction, Plan
from core.orders.state import ParentOrder
from core.risk import judging, pre_trade_controls
from core.risk.judging import Finding
from core.risk.pre_trade_context import PreTradeContext, ProposedOrder
from core.runtime.clock import Clock
from core.wording.flatten_report import Flattened, left_as_held, not_proven, question, side_of
from core.wording.kill_report import may_fill
from core.wording.order_words import order_title

CONFIRM = "flatten"
AT_MARKET = Plan(ONE, ZERO, Fallback.MARKET, at_market=True)
_CONTROLS = ("journal", "login", "account", "symbol", "halt", "available")
_JUDGES = tuple(c for c in pre_trade_controls.CONTROLS if c.name in _CONTROLS)


def instruction(order_id: str, position: Position) -> Instruction:
    """The order that closes `position`, all of it and not a share more."""
    side = side_of(position)
    return Instruction(f"flat-{order_id}", position.symbol, side, abs(position.qty), AT_MARKET)


def stands_against(asked: Instruction, now: PreTradeContext, *, is_open: bool) -> str:
    """Why it may not be sent; empty when it may. Limits of size are for orders that open."""
    if not is_open:
        return (
            f"{Unusable.CLOSED.sentence(asked.symbol)} A market order would wait for the opening."
        )
    order = ProposedOrder(asked.side, asked.qty, asked.plan, now, None)
    broken: tuple[Finding, ...] = judging.findings(order, _JUDGES)
    return broken[0].sentence if broken else ""


class Flattening:
    """Asks, and carries it out."""

    def __init__(
        self,
        new_orders: NewOrders,
        requests: Requests,
        account_state: AccountState,
        risk_inputs: RiskInputs,
        dispatcher: Dispatcher,
        ledger: Ledger,
        listeners: Listeners,
        clock: Clock,
    ) -> None:
        self._new_orders = new_orders
        self._requests = requests
        self._account_state = account_state
        self._risk_inputs = risk_inputs
        self._dispatcher = dispatcher
        self._ledger = ledger
        self._listeners = listeners
        self._clock = clock
        self._busy: set[str] = set()

    async def request(
        self, symbol: str, confirmed: Iterable[str], by: str
    ) -> tuple[Flattened, ...]:
        """Cancel what is open in `symbol` (empty: in all), and send what is held to market.

        The account is read before it is asked and again once the cancels are proven. Raises
        Confirmation unless "flatten" is in `confirmed`, Refusal when nothing can be done.
        """
        symbols = await self._meant(symbol)
        others = () if symbol else self._others()
        if CONFIRM not in confirmed:
            raise self._confirmation(symbols, others)
        done = await self._flatten_all(symbols, by)
        if others:
            self._listeners.notice(Level.WARNING, left_as_held(others))
        for each in done:
            level = Level.ALARM if each.in_doubt else Level.WARNING
            self._listeners.notice(level, each.sentence)
        return done

    async def _meant(self, symbol: str) -> tuple[str, ...]:
        """The symbols meant (empty: all that are held or worked), after a read of the account.

        Raises Refusal when there is nothing to flatten.
        """
        await self._account_state.refresh()
        positions = self._account_state.positions
        if symbol in positions and not positions[symbol].traded_here:
            raise Refusal("flatten", left_as_held((positions[symbol],)), symbol)
        held = {p.symbol for p in positions.values() if p.qty and p.traded_here}
        worked = {o.symbol for o in self._ledger.open}
        wanted = held | worked if not symbol else (held | worked) & {symbol}
        if not wanted:
            what = f"no {symbol} is" if symbol else "no position is"
            raise Refusal(
                "flatten", f"Nothing to flatten: {what} held, and no order of it is open.", symbol
            )
        return tuple(sorted(wanted))

    def _others(self) -> tuple[Position, ...]:
        """What is held and is no stock."""
        held = self._account_state.positions.values()
        return tuple(p for p in held if p.qty and not p.traded_here)

    def _confirmation(self, symbols: Iterable[str], others: tuple[Position, ...]) -> Confirmation:
        """What a person is asked before any of it is done."""
        held, quotes = self._account_state.positions, self._account_state.board.quotes
        sentences = [question(s, held.get(s), self._of(s), quotes.get(s)) for s in symbols]
        left = (left_as_held(others),) if others else ()
        return Confirmation((CONFIRM,), " ".join((*sentences, *left)), len(sentences))

    async def _flatten_all(self, symbols: tuple[str, ...], by: str) -> tuple[Flattened, ...]:
        """`_flatten` for each; of several, one that is refused keeps none of the others back.

        Raises Refusal for one that is alone.
        """
        if len(symbols) == 1:
            return (await self._flatten(symbols[0], by),)
        return tuple([await self._flatten_or_say(symbol, by) for symbol in symbols])

    async def _flatten_or_say(self, symbol: str, by: str) -> Flattened:
        asked = tuple(o.id for o in self._of(symbol))
        try:
            return await self._flatten(symbol, by)
        except Refusal as refusal:
            return Flattened(symbol, asked, (), "", refusal.sentence, refused=True)

    async def _flatten(self, symbol: str, by: str) -> Flattened:
        """Cancel, wait for the proof, read the account anew, and send what is held to market."""
        with self._alone(symbol):
            self._dispatcher.read_unproven(symbol)
            asked = tuple(o.id for o in self._of(symbol))
            for order_id in asked:
                await self._requests.cancel(order_id, by)
            try:
                async with asyncio.timeout(PROOF_S):
                    await self._requests.finals(asked)
                    unproven = self._ledger.unproven
                    await self._requests.proven(o.id for o in unproven if o.symbol == symbol)
            except TimeoutError:
                pass  # the report names what is not proven
            orders = self._ledger.orders
            left = tuple(
                o.id
                for o in self._ledger.current
                if o.symbol == symbol
                and (o.id in asked or o.final)
                and (may_fill(o) or not o.final)
            )
            if left:
                names = ", ".join(order_title(orders[i]) for i in left)
                return Flattened(symbol, asked, left, "", not_proven(symbol, names))
            return await self._close(symbol, asked)

    async def _close(self, symbol: str, asked: tuple[str, ...]) -> Flattened:
        await self._account_state.refresh()
        if others := self._of(symbol):
            raise Refusal(
                "flatten",
                f"{order_title(others[0])} was sent meanwhile, so {symbol} was not flattened: "
                "ask again.",
                symbol,
            )
        position = self._account_state.positions.get(symbol)
        if position is None or not position.qty:
            return Flattened(symbol, asked, (), "", f"{symbol} is flat: the account holds none.")
        order = await self._send(position)
        return Flattened(
            symbol,
            asked,
            (),
            order.id,
            f"{order_title(order)} is on its way to market, all that the account holds; "
            "it is flat when that is filled.",
        )

    async def _send(self, position: Position) -> ParentOrder:
        """The order that closes `position`; Refusal when it may not be sent."""
        asset = await self._account_state.asset(position.symbol)
        now, order_id = self._clock.now_ns(), self._new_orders.new_id()
        asked = instruction(order_id, position)
        is_open = self._account_state.trades_at(now, extended=False)
        reason = stands_against(asked, self._risk_inputs.pre_trade(asset, now), is_open=is_open)
        if reason:
            raise Refusal("flatten", f"{position.symbol} was not flattened: {reason}", asked.qty)
        unknown = Quote(position.symbol, ZERO, ZERO, 0, 0, now, now)
        quote = self._account_state.board.quotes.get(position.symbol, unknown)
        limit_price = quote.far_touch(asked.side) or position.avg_entry_price
        return self._new_orders.accept(order_id, now, asked, quote, limit_price)

    def _of(self, symbol: str) -> tuple[ParentOrder, ...]:
        return tuple(o for o in self._ledger.open if o.symbol == symbol)

    @contextmanager
    def _alone(self, symbol: str) -> Iterator[None]:
        if symbol in self._busy:
            raise Refusal("flatten", f"{symbol} is being flattened already.", symbol)
        self._busy.add(symbol)
        try:
            yield
        finally:
            self._busy.discard(symbol)
