"""What the controls and the send gate judge by, gathered from all that the engine knows.

It judges nothing; `core.risk` does.
"""

from dataclasses import replace
from typing import Protocol

from core.engine.account_state import AccountState
from core.journal.writer import Recorder
from core.market.account import Asset
from core.orders.ledger import Ledger
from core.risk import pre_trade_context, send_gate
from core.risk.limits import Limits
from core.risk.pre_trade_context import PreTradeContext
from core.risk.send_gate import SendContext
from core.runtime.clock import Clock


class Switch(Protocol):
    """Whether orders are taken at all."""

    @property
    def why(self) -> str:
        """Why no order is taken; empty when they are."""


class RiskInputs:
    """One engine's. `settings_error`: why the limits could not be read; then no order is taken."""

    def __init__(
        self,
        account_state: AccountState,
        ledger: Ledger,
        recorder: Recorder,
        kill_switch: Switch,
        clock: Clock,
        settings: Limits,
    ) -> None:
        self._account_state = account_state
        self._ledger = ledger
        self._recorder = recorder
        self._kill_switch = kill_switch
        self._clock = clock
        self.settings = settings
        self.settings_error = ""

    def pre_trade(self, asset: Asset, now_ns: int) -> PreTradeContext:
        """What an order for `asset` is judged by."""
        known = self._account_state
        seen = pre_trade_context.context_of(
            asset.symbol,
            board=known.board,
            links=known.links,
            market=known.market,
            account=known.account,
            positions=known.positions,
            orders=self._ledger.orders,
            current=self._ledger.current,
            asset=asset,
            settings=self.settings,
            now_ns=now_ns,
        )
        return replace(
            seen,
            killed=self._kill_switch.why,
            journal=self._recorder.broken,
            damaged=self.settings_error,
            locked_out=known.locked_out or seen.locked_out,
        )

    def sending(self, symbol: str) -> SendContext:
        """What a POST in `symbol` depends on now."""
        known, now_ns = self._account_state, self._clock.now_ns()
        return SendContext(
            is_open=known.open_at(now_ns),
            locked_out=known.locked_out,
            read_only=known.read_only,
            halted=known.board.halted(symbol),
            restricted=known.board.restricted(symbol),
            quote=known.board.young_quote(symbol, now_ns, self.settings.max_quote_age_ns),
            resting=send_gate.resting(self._ledger.current, symbol),
            settings=self.settings,
            now_ns=now_ns,
        )
