"""What the exchange, other people and the wires do to a day behind the engine's back."""

from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec.structs import replace

from core.exchange.faults.faults import Fault, Kind
from core.exchange.matching.account import settle
from core.exchange.matching.orders import Execution, Order
from core.exchange.matching.refusals import Refused
from core.exchange.units import decimal_text, dollars
from core.market.prices import ZERO
from tests.simulation.truth import Tamper, Truth
from tests.support.exchange_acts import is_halted, is_restricted

if TYPE_CHECKING:
    from tests.simulation.day import Day

_CANCELS = {
    "cancel stuck": Kind.CANCEL_STUCK,
    "cancel slow": Kind.CANCEL_SLOW,
    "cancel rejected": Kind.CANCEL_REJECTED,
}


class Meddler:
    """Acts on the exchange and on the wire of whichever engine runs."""

    def __init__(self, day: "Day") -> None:
        self._day = day

    # ---- the wires ------------------------------------------------------------------------------

    def cut(self, seconds: float) -> None:
        """The order stream breaks for a while."""
        run = self._day.run
        if run is not None and run.wire.up:
            self._day.time.fault("stream cut", f"{seconds:.3f} s")
            run.wire.cut()
            self._day.time.after(seconds, run.wire.connect)

    def mute(self, seconds: float) -> None:
        """The order stream stays up and says nothing, until the heartbeat notices."""
        run = self._day.run
        if run is not None and run.wire.up:
            self._day.time.fault("stream mute", f"{seconds:.3f} s")
            run.wire.mute = True
            self._day.time.after(seconds, run.wire.cut)
            self._day.time.after(seconds + 0.5, run.wire.connect)

    def network(self, seconds: float) -> None:
        """Nothing gets through at all."""
        self._day.time.fault("network down", f"{seconds:.3f} s")
        self._day.network_down = True
        if self._day.run is not None:
            self._day.run.wire.cut()
        self._day.time.after(seconds, self._network_back)

    def _network_back(self) -> None:
        self._day.network_down = False
        self._day.network_back_ns = self._day.time.now_ns
        if self._day.run is not None:
            self._day.run.wire.connect()

    def replay(self) -> None:
        """The exchange sends all updates once more."""
        self._day.time.fault("replay")
        self._day.replaying = True
        self._day.exchange.replay_updates("tl-")
        self._day.replaying = False

    # ---- the exchange ---------------------------------------------------------------------------

    def halt(self, seconds: float) -> None:
        """Trading stops for a while."""
        day = self._day
        symbol = day.chance.choice(day.symbols)
        day.time.fault("halt", f"{symbol} for {seconds:.3f} s")
        day.exchange.halt(symbol)
        day.time.after(seconds, self._resume, symbol)

    def _resume(self, symbol: str) -> None:
        if is_halted(self._day.exchange, symbol):
            self._day.time.say("exchange", f"{symbol} trades again")
            self._day.exchange.resume(symbol)

    def restrict(self, seconds: float) -> None:
        """Short sales are restricted for a while."""
        day = self._day
        symbol = day.short_chance.choice(day.symbols)
        day.time.fault("short-sale restriction", f"{symbol} for {seconds:.3f} s")
        day.exchange.restrict(symbol)
        day.time.after(seconds, self._unrestrict, symbol)

    def _unrestrict(self, symbol: str) -> None:
        if is_restricted(self._day.exchange, symbol):
            self._day.time.say("exchange", f"{symbol} may be sold short again")
            self._day.exchange.unrestrict(symbol)

    def moment(self, what: str, name: str) -> None:
        """An order of ours is at a delicate point."""
        day = self._day
        if what == "POST leaves" and day.strikes("new rejected"):
            day.time.fault("new rejected", name)
            day.exchange.faults.arm(Fault(Kind.NEW_REJECTED, client_order_id=name))
        if what == "DELETE leaves":
            self._spoil_cancel(name)
        if what == "new" and day.strikes("crash while working"):
            day.time.after(day.chance.uniform(0, 4), day.crash, f"while {name} works")
        if what == "new":
            for kind, act in (
                ("cancel elsewhere", self._cancel),
                ("replace elsewhere", self._swap),
            ):
                if day.strikes(kind):
                    day.time.after(day.chance.uniform(0, 6), act, name)
        if what in ("fill", "partial_fill"):
            for kind in ("bust", "correction"):
                if day.strikes(kind):
                    day.time.after(day.chance.uniform(0, 8), self._bust, name, kind)
        if what == "canceled" and day.strikes("late fill"):
            day.time.after(day.chance.choice((0, 0.02, 1)) * day.chance.random(), self._late, name)

    def _spoil_cancel(self, name: str) -> None:
        day = self._day
        for what, kind in _CANCELS.items():
            if not name.endswith("'") and day.strikes(what):
                seconds = day.chance.uniform(0.2, 5)
                day.time.fault(what, name)
                day.exchange.faults.arm(Fault(kind, client_order_id=name, seconds=seconds))
                if kind is Kind.CANCEL_STUCK:
                    day.time.after(day.chance.uniform(2, 70), day.exchange.release_cancels)
                return

    def _found(self, name: str) -> tuple[Truth, Order] | None:
        truth = self._day.oracle.truth_of(name)
        order = self._day.order_by_client_id(name)
        if truth is None or order is None or self._day.healed:
            return None
        return truth, order

    def _cancel(self, name: str) -> None:
        found = self._found(name)
        if found is None:
            return
        try:
            self._day.exchange.cancel(found[1].id)
        except Refused:
            return
        found[0].meddled = True
        self._day.time.fault("cancel elsewhere", name)

    def _swap(self, name: str) -> None:
        """A person replaces the order at the broker's page, by one for the rest or for more."""
        found = self._found(name)
        if found is None or found[1].limit is None:
            return
        truth, order = found
        qty = order.leaves if self._day.chance.random() < 0.7 else order.qty
        if order.qty != order.qty.to_integral_value() and order.filled:
            return
        truth.excess += order.qty  # both count until the exchange has swapped them
        try:
            self._day.exchange.replace(order.id, {"qty": decimal_text(qty)})
        except Refused:
            truth.excess -= order.qty
            return
        truth.meddled = True
        self._day.time.fault("replace elsewhere", f"{name} by {qty}")

    def _late(self, name: str) -> None:
        """An execution that the exchange reports only after the order's end."""
        found = self._found(name)
        if found is None or found[1].status != "canceled" or found[1].leaves < 1:
            return
        truth, order = found
        day = self._day
        qty = Decimal(day.chance.randint(1, int(order.leaves)))
        price = order.limit or day.exchange.ticker.price(order.symbol)
        self._execute(truth, order, qty, price)
        day.time.fault("late fill", f"{qty} on {name}")

    def _execute(self, truth: Truth, order: Order, qty: Decimal, price: int) -> None:
        exchange, now = self._day.exchange, self._day.time.now_ns
        filled = order.filled + qty
        truth.late_qty += qty
        truth.tampers.append(Tamper(order.id, qty, filled, now))
        account = settle(exchange.account, order.symbol, order.side, qty, dollars(price))
        exchange.clearing.account = account
        shares = account.shares(order.symbol)
        execution = Execution(exchange.ids.uuid(), qty, price, now, shares)
        order = replace(
            order,
            filled=filled,
            value=order.value + qty * dollars(price),
            executions=(*order.executions, execution),
        )
        exchange.store.keep(order)
        event = "fill" if filled == order.qty else "partial_fill"
        exchange.updates.queue(event, order, execution)
        exchange.updates.flush()

    def _bust(self, name: str, kind: str) -> None:
        """A fill is taken back, or its size corrected downwards."""
        found = self._found(name)
        if found is None or not found[1].filled:
            return
        truth, order = found
        exchange, now = self._day.exchange, self._day.time.now_ns
        last = order.executions[-1]
        qty = last.qty if kind == "bust" else (last.qty / 2).to_integral_value()
        qty = min(qty, order.filled)
        if qty <= ZERO or order.status in ("pending_replace", "replaced"):
            return
        truth.taken_back += qty
        truth.tampers.append(Tamper(order.id, -qty, order.filled - qty, now))
        value = order.value * (order.filled - qty) / order.filled
        order = replace(order, filled=order.filled - qty, value=value)
        exchange.clearing.account = settle(
            exchange.account, order.symbol, order.side, -qty, dollars(last.price)
        )
        exchange.store.keep(order)
        self._day.time.fault(kind, f"{qty} of {name}")
        exchange.updates.queue("trade_bust" if kind == "bust" else "trade_correct", order)
        exchange.updates.flush()
