"""One life of the engine's process within a day: from its start to its end or its crash."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec.structs import replace

from core.engine.engine import Engine
from core.engine.events import Event, Level, Notice, OrderChanged
from core.errors import Refusal
from core.journal.recovery import recover
from core.journal.replay import replay, restore
from core.market.quotes import Quote, TradingStatus
from core.orders.state import ParentOrder
from core.runtime.clock import Clock
from tests.simulation.disk import MemoryJournal, SlowRecorder
from tests.simulation.loop import KilledError, RunLoop
from tests.simulation.wire import Wire

if TYPE_CHECKING:
    from tests.simulation.day import Day

Work = Callable[[], Awaitable[None]]


class Run:
    """A process: its loop, its engine, its connections. `go` returns when it has ended."""

    def __init__(self, day: "Day", number: int) -> None:
        self.day = day
        self.number = number
        self.loop = RunLoop(day.time)
        skew = day.clock_skew
        self.clock = Clock(self.loop.time, lambda: day.time.now_ns + skew)
        self.ready_ns = 1 << 63
        self.stopped = False  # as by SIGSTOP
        self.paused_ns = 0  # when it last went on after a pause
        self.ready_for_frames = False
        self.ready = False
        self.bids: dict[str, Decimal] = {}  # as this run was told
        self.restricted: dict[str, bool] = {}
        self.shown: list[ParentOrder] = []  # the order after each fact of this run
        day.feed.run_begins()
        self.file = MemoryJournal(day.disk.saved, day.disk.mark)
        self.recorder = SlowRecorder(
            self.file,
            day.disk,
            self.loop,
            day.chance,
            day.write_delay,
            day.crash_at_write,
            day.crash,
            day.disk_full,
        )
        self.orders, _ = recover(self.file, self.clock.now_ns())
        self.wire = Wire(day, self)
        self.engine = Engine(
            self.wire,
            self.recorder,
            self.clock,
            dict(self.orders),
            new_id=day.new_id,
            settings=day.settings,
        )
        self.engine.listen(self._hear)

    def go(self) -> None:
        """Run until the process is killed or the day is over."""
        self.do(self._main, "main")
        try:
            self.loop.run_forever()
        except KilledError:
            pass
        finally:
            self._after()

    def _after(self) -> None:
        durable = dict(self.orders)
        for order in self.shown[: self.recorder.durable]:
            durable[order.id] = order
        self.day.disk.saved = self.file.saved()
        self.loop.drop()
        for error in self.loop.failures:
            self.day.oracle.violate("engine", f"{type(error).__name__} reached the loop: {error}")
        replayed = replay(self.file.load())
        if restore(self.file) != replayed:
            self.day.oracle.violate("I6", "a start would not find what the facts add up to")
        self.file.close()
        self.day.oracle.process_ended(self, durable, replayed)

    async def _main(self) -> None:
        self.ready_for_frames = True
        try:
            await self.engine.start()
            await self.engine.watch(self.day.symbols)
        except Refusal as refusal:
            self.day.time.say("engine", f"cannot start: {refusal.sentence}")
            self.day.crash("as it could not start")
            return
        self.ready = True
        self.ready_ns = self.day.time.now_ns
        self.day.time.say("engine", "is ready")

    def do(self, work: Work, name: str) -> None:
        """Something a person does in this process."""
        self.loop.create_task(self._guarded(work), name=name)

    async def _guarded(self, work: Work) -> None:
        try:
            await work()
        except Refusal as refusal:
            self.day.time.say("engine", f"refuses: {refusal.sentence}")
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever escapes the engine is a finding
            self.day.oracle.violate("engine", f"{type(error).__name__} escaped: {error}")

    def pause(self, seconds: float) -> None:
        """Time passes and nothing runs here."""
        if self.stopped:
            return
        self.stopped = True
        self.day.time.run_until(self.day.time.now_ns + round(seconds * 1e9))
        self.stopped = False
        self.paused_ns = self.day.time.now_ns
        self.day.time.say("engine", "runs again")
        self.wire.go_on()

    def engine_quote(self, quote: Quote) -> None:
        """A quote arrives."""
        quote = replace(quote, received_ns=self.clock.now_ns())
        if self.day.feed.told(quote):
            self.bids[quote.symbol] = quote.bid
        self.engine.sink.on_quote(quote)
        self.day.feed.taken(self, quote)

    def engine_status(self, status: TradingStatus) -> None:
        """A trading status arrives."""
        self.restricted[status.symbol] = status.restricted
        self.engine.sink.on_status(status)

    def _hear(self, event: Event) -> None:
        if isinstance(event, OrderChanged):
            if event.fact is not None:
                self.shown.append(event.order)
            self.day.feed.shown(self, event)
            self.day.oracle.shown(self, event.order, type(event.fact).__name__)
        elif isinstance(event, Notice) and event.level is Level.ALARM:
            self.day.time.say("engine", f"ALARM {event.sentence}")
            if "error of its own" in event.sentence:
                self.day.oracle.violate("engine", event.sentence)
