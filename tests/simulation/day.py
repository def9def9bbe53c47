"""One simulated day: everything drawn from its seed, played to its end, and judged.

The person, the crashes and what others do at the broker are here; the network is `wire`.
"""

import logging
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

from msgspec.structs import replace

from core.errors import Refusal
from core.exchange.market.events import MarketEvent, Status
from core.exchange.market.ticker import Bar, Quote, Trade
from core.exchange.market.trading_day import CLOSE, HOUR, MarketTime
from core.exchange.matching.exchange import Exchange
from core.exchange.matching.orders import Order
from core.exchange.matching.refusals import Refused
from core.exchange.options import ExchangeOptions, Knobs
from core.market.prices import Side, step_legal
from core.market.time import NS
from core.orders.facts import AnyFact, CancelAsked, OrderAccepted, Resumed
from core.orders.plan import Fallback, Instruction, Step, stepped
from core.risk import amendment
from tests.simulation import market, meddler
from tests.simulation.disk import Crash, Disk
from tests.simulation.feed import Feed
from tests.simulation.oracle import Oracle, tally
from tests.simulation.run import Run
from tests.simulation.timeline import EPOCH_NS, OverrunError, Timeline
from tests.simulation.weather import Weather
from tests.support.exchange_acts import is_halted, is_restricted
from tests.support.wide_limits import WIDE_LIMITS

SYMBOLS = ("UVXY", "IBM")
_PRESSES = ("cancel", "market now", "pause", "pause", "extend", "extend", "price", "price")
_BOUND = 400.0  # seconds after the network healed within which everything has ended


@dataclass
class Result:
    """What a day came to."""

    seed: int
    orders: int
    runs: int
    violation: str
    lines: int
    faults: Counter[str] = field(default_factory=Counter)
    ends: dict[str, int] = field(default_factory=dict)
    fills: int = 0
    seconds: float = 0.0
    writes: int = 0
    text: str = ""

    @property
    def kind(self) -> str:
        """The violation without what is this day's own: names, numbers."""
        return _OWN.sub("#", self.violation)


_OWN = re.compile(r"\b(?:tl-)?s\d+(?:-\d+)?'?|\d[\d.,]*")


NONE: frozenset[str] = frozenset()


class Day:
    """All parts of one day on one timeline with one source of chance.

    `cut` names what is left out of it: kinds of faults, "presses", orders as "i0". Chance is
    drawn for that all the same, so that the rest stays much as it was.
    """

    def __init__(self, seed: int, cut: frozenset[str] = NONE) -> None:
        self.seed = seed
        self.cut = cut
        self.time = Timeline()
        self.chance = Random(seed)
        self.weather = Weather.draw(self.chance)
        self.disk = Disk()
        self.oracle = Oracle(self)
        self.denials: Counter[str] = Counter()  # false 404s so far, by order
        self.lagging: dict[str, int] = {}  # orders that the venue shows only later, and when
        self.denying: Counter[str] = Counter()  # and how many more are to come
        self.network_down = False
        self.network_back_ns = 0  # since when it is up again
        self.clock_skew = 0
        self.last_write_ns = 0
        self.run: Run | None = None
        self.over = False
        self.healed = False
        self.replaying = False
        self._runs = 0
        self._made = 0
        self._down_for = 0.0
        self.seconds = self.chance.uniform(15, 60)
        self.symbols = SYMBOLS[: self.chance.choice((1, 1, 2))]
        self.short_chance = Random(f"{seed}/shorts")  # its own, so that the other days stay
        self.shorts = self.short_chance.random() < 0.25
        self.settings = replace(WIDE_LIMITS, short_sales=self.shorts)
        self.feed = Feed(self, seed)
        self.clock_skew = self.feed.clock_off_ns
        if not self.feed.good:
            self.settings = replace(self.settings, max_quote_age=self.feed.oldest)
        self.feed.plan(self.time.now_ns, self.seconds)
        self.exchange = self._exchange()
        self.meddler = meddler.Meddler(self)
        self._plan()

    # ---- the parts ------------------------------------------------------------------------------

    def _exchange(self) -> Exchange:
        chance = self.chance
        self.few = chance.random() < 0.2
        knobs = Knobs(
            hidden_chance=chance.choice((0.0, 0.04, 0.3)),
            hidden_size=chance.choice((0.2, 0.8)),
            ack_delay=chance.choice((0.001, 0.01, 0.3)),
            cancel_delay=chance.choice((0.005, 0.06, 0.8)),
            slippage_ticks=chance.choice((1, 3)),
        )
        options = ExchangeOptions(
            seed=f"{self.seed}",
            knobs=knobs,
            account_number="EXSIM1",
            cash=Decimal(5_000_000),
            positions={s: self._held_at_first() for s in self.symbols},
            allow_short=self.shorts,
        )
        start = CLOSE - round(self.chance.uniform(8, self.seconds) * NS)
        closes = "close" in self.weather.counts
        exchange = Exchange(
            options,
            {s: self._market(s) for s in self.symbols},
            MarketTime(EPOCH_NS, start if closes else 10 * HOUR, always_open=not closes),
            self.time.now,
            self.time.call_later,
        )
        exchange.listeners.append(self)
        exchange.start()
        return exchange

    def _market(self, symbol: str) -> Iterator[MarketEvent]:
        return market.script(symbol, self.seconds + 200, Random(f"{self.seed}/{symbol}"))

    def _held_at_first(self) -> Decimal:
        if self.shorts:
            return Decimal(0)
        return Decimal(250 if self.few else 20_000)

    def new_id(self) -> str:
        """The next parent order's id."""
        self._made += 1
        return f"s{self._made}"

    def write_delay(self) -> float:
        """How long the next write takes."""
        self.last_write_ns = self.time.now_ns
        if self.strikes("slow disk"):
            self.time.struck["slow disk"] += 1
            return self.chance.uniform(0.02, 0.8)
        return self.chance.uniform(0.0002, 0.004)

    def crash_at_write(self, batch: list[AnyFact]) -> str:
        """How the write of `batch` ends the process; empty when it does not."""
        delicate = any(isinstance(f, OrderAccepted | Resumed | CancelAsked) for f in batch)
        strikes = [self.strikes("crash at a write") for _ in range(4 if delicate else 1)]
        return self.chance.choice(Crash.KINDS) if any(strikes) else ""

    def strikes(self, kind: str) -> bool:
        """Whether this fault of the weather strikes here."""
        rate = self.weather.rates.get(kind)
        struck = rate is not None and not self.healed and self.chance.random() < rate
        return struck and kind not in self.cut

    def order_by_client_id(self, client_id: str) -> Order | None:
        """From the exchange's books."""
        try:
            return self.exchange.order_by_client_id(client_id)
        except Refused:
            return None

    # ---- the exchange speaks (Listener) ---------------------------------------------------------

    def on_update(self, message: dict[str, Any]) -> None:
        if not self.replaying:
            self.oracle.update(message)
        if self.run is not None:
            self.run.wire.frame(message)

    def on_quote(self, symbol: str, quote: Quote) -> None:
        if self.run is not None:
            self.run.wire.quote(symbol, quote)

    def on_trade(self, symbol: str, trade: Trade) -> None:
        """Nobody here looks at prints."""

    def on_status(self, symbol: str, status: Status, at_ns: int) -> None:
        del at_ns
        if self.run is not None:
            self.run.wire.status(symbol, status)

    def on_bar(self, symbol: str, bar: Bar) -> None:
        """Nor at bars."""

    # ---- the plan of the day --------------------------------------------------------------------

    def _plan(self) -> None:
        at, counts = self.time.after, self.weather.counts
        pick = self.chance.uniform
        for number in range(self.chance.choice((1, 1, 2, 2, 3, 4, 5, 6))):
            instruction = self._instruction(number)
            at(pick(0.3, self.seconds * 0.6), self._submit, instruction, 6)
            if self.chance.random() < 0.1:
                at(pick(0.3, self.seconds), self._submit, instruction, 1)
        acts = {
            "stream cut": lambda: self.meddler.cut(pick(0.1, 15)),
            "stream mute": lambda: self.meddler.mute(pick(1, 12)),
            "network down": lambda: self.meddler.network(pick(0.5, 15)),
            "replay": self.meddler.replay,
            "halt": lambda: self.meddler.halt(pick(1, 15)),
            "crash": lambda: self.crash("at any time"),
            "long pause": lambda: self._pause(pick(2, 60)),
            "clock jump": self._jump,
            "disk full": lambda: self.disk.full_at.add(self.disk.writes + 1),
        }
        for what, count in counts.items():
            for _ in range(count if what in acts else 0):
                due = pick(0.5, self.seconds)
                if what not in self.cut:
                    at(due, self._unless_healed, acts[what])
        for _ in range(self.weather.presses):
            at(pick(0.5, self.seconds), self.press, "")
        sometime = self.short_chance.uniform
        for _ in range(self.short_chance.randint(0, 3) if self.shorts else 0):
            act = partial(self.meddler.restrict, sometime(1, 30))
            at(sometime(0.2, self.seconds), self._unless_healed, act)
        at(self.seconds, self._heal)

    def _unless_healed(self, act: Any) -> None:
        if not self.healed:
            act()

    def _instruction(self, number: int) -> Instruction:
        chance = self.chance
        symbol = chance.choice(self.symbols)
        qty = Decimal(chance.choice((1, 7, 100, 100, 100, 250, 1000)))
        if symbol == "IBM" and chance.random() < 0.3:
            qty = Decimal(chance.randint(1, 3000)) / 10
        if self.few and chance.random() < 0.4:
            qty = Decimal(250)  # all that is held: its steps may go by replacement
        count = chance.choice((1, 1, 1, 2, 3))
        steps = tuple(
            Step(
                Decimal(chance.choice(("0", "0.25", "0.5", "0.75", "0.85", "1"))),
                Decimal(chance.choice(("0.2", "1", "3", "5", "10"))),
            )
            for _ in range(count)
        )
        plan = stepped(
            steps,
            chance.choice((Fallback.MARKET, Fallback.MARKET, Fallback.COLLAR, Fallback.NONE)),
            Decimal(chance.choice((0, 5, 60, 60))),
        )
        side = Side.SELL if chance.random() < 0.7 else Side.BUY
        return Instruction(f"i{number}", symbol, side, qty, plan)

    # ---- the person -----------------------------------------------------------------------------

    def _submit(self, instruction: Instruction, tries: int) -> None:
        run = self.run
        if instruction.id in self.cut:
            return
        if run is None or not run.ready or run.stopped:
            if tries and not self.healed:
                self.time.after(1.0, self._submit, instruction, tries - 1)
            return
        self.time.say(
            "person",
            f"submits {instruction.id}: {instruction.side.value} {instruction.qty} "
            f"{instruction.symbol}, {instruction.plan.timeout} s, then {instruction.plan.fallback}",
        )

        async def submit() -> None:
            await run.engine.submit(instruction)

        run.do(submit, "submit")

    def press(self, order_id: str) -> None:
        """The person presses something about an order, any open one if it is not named."""
        run = self.run
        if run is None or not run.ready or run.stopped or self.healed or "presses" in self.cut:
            return
        open_orders = [o.id for o in run.engine.open_orders]
        if not open_orders:
            return
        if order_id not in open_orders:
            order_id = self.chance.choice(open_orders)
        what = self.chance.choice(_PRESSES)
        if self.chance.random() < 0.1:
            self.time.say("person", "presses cancel all")
            run.do(lambda: self._press_all(run), "cancel all")
        else:
            self.time.say("person", f"presses {what} on {order_id}")
            run.do(lambda: self._press(run, order_id, what), what)

    async def _press(self, run: Run, order_id: str, what: str) -> None:
        engine = run.engine
        if engine.orders[order_id].final:
            return
        self.oracle.pressed(run, order_id, what)
        self.time.struck[f"press {what}"] += 1
        if what == "cancel":
            await engine.cancel(order_id)
        elif what == "market now":
            await engine.market_now(order_id)
        elif what == "price":
            await self._set_price(run, order_id)
        elif what == "pause":
            await engine.pause(order_id)
        else:
            await engine.extend(order_id, Decimal(10))
        self.oracle.acknowledged(run, order_id, what)

    async def _set_price(self, run: Run, order_id: str) -> None:
        """A tick or three from the near touch; what the engine does not take stays as it is."""
        order = run.engine.orders[order_id]
        quote = run.engine.board.quotes.get(order.symbol)
        if quote is None:
            return
        near = quote.ask if order.side is Side.SELL else quote.bid
        price = step_legal(near, self.chance.choice((-3, -2, -1, 0, 1, 2)))
        prices = self.oracle.truths[order_id].set_prices
        asked_before = price in prices
        prices.add(price)  # it may leave before the engine has answered
        try:
            await run.engine.reprice(order_id, price, amendment.CONFIRMABLE)
        except Refusal as refusal:
            if not asked_before:
                prices.discard(price)
            self.time.say("engine", f"refuses {price}: {refusal.rule}")
            return
        self.time.struck["price set"] += 1
        if not run.recorder.broken:
            self.oracle.truths[order_id].price_durable = True

    async def _press_all(self, run: Run) -> None:
        asked = [o.id for o in run.engine.open_orders]
        for order_id in asked:
            self.oracle.pressed(run, order_id, "cancel")
        self.time.struck["press cancel all"] += 1
        await run.engine.cancel_all()
        for order_id in asked:
            self.oracle.acknowledged(run, order_id, "cancel")

    # ---- delicate moments -----------------------------------------------------------------------

    def moment(self, what: str, name: str) -> None:
        """Something delicate happens to an order of ours: who else might act right now?"""
        if self.healed:
            return
        if self.weather.person and self.chance.random() < self.weather.person:
            truth = self.oracle.truth_of(name)
            self.time.after(
                self.chance.choice((0.0, 0.003, 0.05)), self.press, truth.id if truth else ""
            )
        if self.strikes("crash at a moment"):
            self.time.after(self.chance.choice((0.0, 0.002, 0.02)), self.crash, f"by {what} {name}")
        if self.strikes("pause"):
            self.time.after(
                self.chance.choice((0.0, 0.02)), self._pause, self.chance.uniform(0.05, 5)
            )
        self.meddler.moment(what, name)

    # ---- the process ----------------------------------------------------------------------------

    def crash(self, why: str) -> None:
        """The engine's process dies without a word."""
        if self.run is None or self.run.loop.dead:
            return
        if "could not start" not in why:
            self.time.fault("crash", why)
        self._down_for = self.chance.choice((0.05, 0.5, 3.0, 20.0)) * self.chance.random()
        if self.healed:
            self._down_for = 0.5
        self.run.loop.dead = True

    def disk_full(self) -> None:
        """From now on no page more fits; someone makes room and starts anew, later."""
        self.time.fault("disk full")
        self.time.after(self.chance.uniform(1, 30), self.crash, "to be started with room to record")

    def _pause(self, seconds: float) -> None:
        if self.run is not None and not self.run.loop.dead and not self.healed:
            self.time.fault("pause", f"{seconds:.3f} s")
            self.run.pause(seconds)

    def _jump(self) -> None:
        """The wall clock jumps; a running engine must not care, a new one reads it."""
        self.clock_skew += round(self.chance.uniform(-20, 20) * NS)
        self.time.fault("clock jump", f"the wall clock is {self.clock_skew / NS:.3f} s off now")

    def end(self) -> None:
        """The day is over."""
        self.over = True
        if self.run is not None:
            self.run.loop.dead = True

    # ---- healing --------------------------------------------------------------------------------

    def _heal(self) -> None:
        self.time.say("network", "everything is well from now on")
        self.healed = True
        self.network_down = False
        self.exchange.faults.clear()
        self.exchange.release_cancels()
        for symbol in self.symbols:
            if is_halted(self.exchange, symbol):
                self.exchange.resume(symbol)
            if is_restricted(self.exchange, symbol):
                self.exchange.unrestrict(symbol)
        if self.run is not None:
            self.run.wire.cut()
            self.run.wire.connect()
            if self.run.recorder.broken:
                self.crash("to be started with room to record")
        self._healed_ns = self.time.now_ns
        self._quiet = 0
        self.time.after(1.0, self._look)

    def _look(self) -> None:
        """Once a second after the healing: is everything over, or does a person have to act?"""
        run = self.run
        passed = (self.time.now_ns - self._healed_ns) / NS
        if run is not None and run.ready:
            left = run.engine.open_orders
            unproven = any(self.oracle.may_appear(o) for o in run.engine.orders.values())
            busy = left or self._live() or unproven
            self._quiet = 0 if busy or run.stopped else self._quiet + 1
            if self._quiet >= 5:
                self.end()
                return
            if run.recorder.broken:
                self.crash("to be started with room to record")
            for order in left:
                self._tidy(run, order.id, order.deadline_ns, passed)
        if passed > _BOUND:
            self.end()
            return
        self.time.after(1.0, self._look)

    def _live(self) -> bool:
        return any(self.oracle.truth_of(o.client_order_id) for o in self.exchange.open_orders())

    def _tidy(self, run: Run, order_id: str, deadline_ns: int | None, passed: float) -> None:
        """A paused order is cancelled by its person; so is what waits for another day."""
        far = deadline_ns is None or deadline_ns > run.clock.now_ns() + 30 * NS
        waits = passed > 120 and not self.exchange.is_open()
        asked = self.oracle.truths[order_id].cancel_run == run.number
        if (far or waits) and not asked:
            self.time.say("person", f"presses cancel on {order_id}")
            run.do(lambda: self._press(run, order_id, "cancel"), "cancel")

    # ---- the day --------------------------------------------------------------------------------

    def play(self) -> Result:
        """Play the day to its end."""
        try:
            while not self.over:
                self._runs += 1
                self.run = Run(self, self._runs)
                self.time.say("engine", f"starts, run {self._runs}")
                if self._runs > 1 and self.strikes("crash in recovery"):
                    self.time.after(self.chance.uniform(0, 0.2), self.crash, "while recovering")
                self.run.go()
                ended, self.run = self.run, None
                if not self.over:
                    self.time.run_until(self.time.now_ns + round(self._down_for * NS))
            if not self.oracle.violation:
                self.oracle.judge(ended.engine.orders)
        except OverrunError as error:
            self.oracle.overrun(error)
        except Exception as error:
            self.oracle.violate("error", f"{type(error).__name__}: {error}")
            logging.getLogger(__name__).debug("the day died", exc_info=True)
            self.error = error
        return self._result()

    def _result(self) -> Result:
        exchange = self.exchange
        return Result(
            self.seed,
            len(self.oracle.truths),
            self._runs,
            self.oracle.violation,
            len(self.time.lines),
            self.time.struck,
            tally(self.oracle.truths),
            sum(len(o.executions) for o in exchange.orders.values()),
            self.time.seconds,
            self.disk.writes,
        )


@contextmanager
def quiet() -> Iterator[None]:
    """What the engine logs about injected faults is no news here."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def play(seed: int, cut: frozenset[str] = NONE, *, text: bool = False) -> Result:
    """Play the day of `seed`; with `text` its result carries the timeline."""
    with quiet():
        day = Day(seed, cut)
        result = day.play()
    if text or result.violation:
        result.text = day.time.text()
    return result
