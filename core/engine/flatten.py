"""Flattening: a symbol's open orders cancelled, that proven, the position then sent to market.

A choice of its own, before or after a kill, and always asked first. It goes by the account as
read for it, never by what was shown: once to ask, and again after the cancels are proven.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from core.engine.kill_switch import PROOF_S
from core.errors import Confirmation, Refusal
from core.market.account import Position
from core.market.prices import ONE, ZERO
from core.market.quotes import Quote, Unusable
from core.orders.plan import Fallback, Instruction, Plan
from core.orders.state import ParentOrder
from core.risk import controls, judging
from core.risk.judging import Finding
from core.risk.pre_trade_context import PreTradeContext, ProposedOrder
from core.wording.flatten_report import Flattened, not_proven, question, side_of
from core.wording.kill_report import may_fill
from core.wording.order_words import order_title

CONFIRM = "flatten"
AT_MARKET = Plan(ONE, ZERO, Fallback.MARKET, at_market=True)
_CONTROLS = ("journal", "login", "account", "symbol", "halt", "available")
_JUDGES = tuple(c for c in controls.CONTROLS if c.name in _CONTROLS)


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
    """Carries it out. Everything it needs of the engine is handed to it.

    `cancel` cancels one order, `settled` waits until orders are final, `refresh` reads the
    account, `send` accepts the order that closes a position, or raises Refusal.
    """

    def __init__(
        self,
        *,
        open_orders: Callable[[], Iterable[ParentOrder]],
        orders: Mapping[str, ParentOrder],
        positions: Callable[[], Mapping[str, Position]],
        quotes: Mapping[str, Quote],
        cancel: Callable[[str, str], Awaitable[object]],
        settled: Callable[[tuple[str, ...]], Awaitable[object]],
        refresh: Callable[[], Awaitable[None]],
        send: Callable[[Position], Awaitable[ParentOrder]],
    ) -> None:
        self._open_orders = open_orders
        self._orders = orders
        self._positions = positions
        self._quotes = quotes
        self._cancel = cancel
        self._settled = settled
        self._refresh = refresh
        self._send = send
        self._busy: set[str] = set()

    async def ask(self, symbol: str) -> tuple[str, ...]:
        """The symbols meant (empty: all that are held or worked), after a read of the account.

        Raises Refusal when there is nothing to flatten.
        """
        await self._refresh()
        held = {p.symbol for p in self._positions().values() if p.qty}
        worked = {o.symbol for o in self._open_orders()}
        wanted = held | worked if not symbol else (held | worked) & {symbol}
        if not wanted:
            what = f"no {symbol} is" if symbol else "no position is"
            raise Refusal(
                "flatten", f"Nothing to flatten: {what} held, and no order of it is open.", symbol
            )
        return tuple(sorted(wanted))

    def confirmation(self, symbols: Iterable[str]) -> Confirmation:
        """What a person is asked before any of it is done."""
        sentences = [
            question(s, self._positions().get(s), self._of(s), self._quotes.get(s)) for s in symbols
        ]
        return Confirmation((CONFIRM,), " ".join(sentences), len(sentences))

    async def flatten_all(self, symbols: tuple[str, ...], by: str) -> tuple[Flattened, ...]:
        """`flatten` for each; of several, one that is refused keeps none of the others back.

        Raises Refusal for one that is alone.
        """
        if len(symbols) == 1:
            return (await self.flatten(symbols[0], by),)
        return tuple([await self._flatten_or_say(symbol, by) for symbol in symbols])

    async def _flatten_or_say(self, symbol: str, by: str) -> Flattened:
        asked = tuple(o.id for o in self._of(symbol))
        try:
            return await self.flatten(symbol, by)
        except Refusal as refusal:
            return Flattened(symbol, asked, (), "", refusal.sentence, refused=True)

    async def flatten(self, symbol: str, by: str) -> Flattened:
        """Cancel, wait for the proof, read the account anew, and send what is held to market."""
        with self._alone(symbol):
            asked = tuple(o.id for o in self._of(symbol))
            for order_id in asked:
                await self._cancel(order_id, by)
            try:
                async with asyncio.timeout(PROOF_S):
                    await self._settled(asked)
            except TimeoutError:
                pass  # the report names what is not proven
            left = tuple(i for i in asked if may_fill(self._orders[i]) or not self._orders[i].final)
            if left:
                names = ", ".join(order_title(self._orders[i]) for i in left)
                return Flattened(symbol, asked, left, "", not_proven(symbol, names))
            return await self._close(symbol, asked)

    async def _close(self, symbol: str, asked: tuple[str, ...]) -> Flattened:
        await self._refresh()
        if others := self._of(symbol):
            raise Refusal(
                "flatten",
                f"{order_title(others[0])} was sent meanwhile, so {symbol} was not flattened: "
                "ask again.",
                symbol,
            )
        position = self._positions().get(symbol)
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

    def _of(self, symbol: str) -> tuple[ParentOrder, ...]:
        return tuple(o for o in self._open_orders() if o.symbol == symbol)

    @contextmanager
    def _alone(self, symbol: str) -> Iterator[None]:
        if symbol in self._busy:
            raise Refusal("flatten", f"{symbol} is being flattened already.", symbol)
        self._busy.add(symbol)
        try:
            yield
        finally:
            self._busy.discard(symbol)
