"""The engine: a fact through it, a fill frame to its decision, a deadline to the DELETE.

The latter two over real loopback sockets to an exchange in another process.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.engine.engine import Engine
from core.engine.events import Event, OrderChanged
from core.journal.file import JournalFile
from core.journal.writer import ThreadedRecorder
from core.market.prices import Side
from core.market.quotes import Quote
from core.orders.facts import AnyFact, Execution, OrderAccepted, PostSent, Reported, Source
from core.orders.plan import Fallback, Instruction, Plan
from core.orders.refused_instruction import RefusedInstruction
from core.orders.state import ParentOrder
from core.runtime import event_loop
from core.runtime.clock import Clock
from core.venue.alpaca.endpoints import endpoints_of
from core.venue.alpaca.venue import AlpacaVenue
from core.venue.credentials import HARMLESS, Credentials
from tests.support.far_exchange import SYMBOL, FarExchange, far_exchange
from tests.support.wide_limits import WIDE_LIMITS

Rows = list[tuple[str, float, str]]

FACT = "fact through the engine, without the durable write"
FILL_P99 = "fill frame on loopback to engine decision, p99"
DELETE_P99 = "deadline to DELETE at the exchange, p99"
TARGETS = {FACT: 25.0, FILL_P99: 1.0, DELETE_P99: 5.0}

ORDERS = 200
FILLS = 300
DEADLINES = 100
AT_ONCE = 10


class _Forgetful:
    """A recorder that writes nothing."""

    broken = ""

    def __init__(self) -> None:
        self.on_broken: Callable[[str], None] = lambda sentence: None

    def append(self, fact: AnyFact) -> None:
        pass

    def keep_ended(self, order: ParentOrder) -> None:
        pass

    def keep_refused(self, record: RefusedInstruction) -> None:
        pass

    async def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


def run() -> Rows:
    """Measure all three."""
    rows: Rows = [(FACT, asyncio.run(_fact_cost()), "µs")]
    with far_exchange() as far, tempfile.TemporaryDirectory() as folder:
        rows += event_loop.run(_over_loopback(far, Path(folder)))
    return rows


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


# ---- a fact through the engine --------------------------------------------------------------


async def _fact_cost() -> float:
    """Best of five: microseconds for one partial fill, with a listener."""
    best = float("inf")
    for _ in range(5):
        engine = Engine(_venue(1), _Forgetful(), Clock(), settings=WIDE_LIMITS)
        engine.listen(lambda event: None)
        facts = [fact for number in range(ORDERS) for fact in _life(engine, f"o{number}")]
        started = time.perf_counter()
        for fact in facts:
            engine.apply(fact)
        best = min(best, (time.perf_counter() - started) / len(facts))
        await engine.stop()
    return best * 1e6


def _life(engine: Engine, order_id: str) -> list[AnyFact]:
    """Ten partial fills of an order that is working."""
    now = engine.clock.now_ns()
    asked = Instruction(
        order_id, SYMBOL, Side.SELL, Decimal(1000), Plan(Decimal("0.85"), Decimal(600))
    )
    quote = Quote(SYMBOL, Decimal("15.23"), Decimal("15.32"), 100, 100, now, now)
    client_id = f"tl-{order_id}-1"
    engine.apply(
        OrderAccepted(
            order_id=order_id,
            at=now,
            instruction=asked,
            quote=quote,
            limit_price=Decimal("15.24"),
            ticks_better=1,
            venue="embedded",
            account="A",
        )
    )
    engine.apply(PostSent(order_id=order_id, at=now, client_id=client_id))
    return [_fill(order_id, client_id, number, now) for number in range(1, 11)]


def _fill(order_id: str, client_id: str, number: int, now: int) -> Reported:
    return Reported(
        order_id=order_id,
        at=now + number,
        client_id=client_id,
        source=Source.STREAM,
        broker_id=f"b{order_id}",
        status="partially_filled",
        filled=Decimal(10 * number),
        avg_price=Decimal("15.24"),
        event="partial_fill",
        execution=Execution(f"{order_id}-{number}", Decimal(10), Decimal("15.24"), now + number),
    )


# ---- over loopback --------------------------------------------------------------------------


def _venue(port: int, clock: Clock | None = None) -> AlpacaVenue:
    where = endpoints_of("embedded", {}, embedded_port=port)
    return AlpacaVenue(where, Credentials(HARMLESS, HARMLESS), clock or Clock())


async def _over_loopback(far: FarExchange, folder: Path) -> Rows:
    clock = Clock()
    recorder = ThreadedRecorder(JournalFile(folder / "journal.sqlite"))
    engine = Engine(_venue(far.port, clock), recorder, clock, settings=WIDE_LIMITS)
    await engine.start()
    await engine.watch([SYMBOL])
    await _until(engine, lambda event: SYMBOL in engine.board.quotes)
    try:
        return [*await _fills(engine, far), *await _deadlines(engine, far)]
    finally:
        await engine.stop()


async def _fills(engine: Engine, far: FarExchange) -> Rows:
    decided: dict[str, int] = {}

    def note(event: Event) -> None:
        if isinstance(event, OrderChanged) and isinstance(event.fact, Reported):
            execution = event.fact.execution
            if execution is not None:
                decided.setdefault(execution.id, time.monotonic_ns())

    unlisten = engine.listen(note)
    plan = Plan(Decimal(1), Decimal(60), Fallback.NONE)
    for number in range(FILLS):
        await _work(engine, f"fill-{number}", plan)
    unlisten()
    told = far.sightings().fills
    took = [(at - told[name]) / 1e6 for name, at in decided.items() if name in told]
    assert len(took) >= FILLS
    return [
        ("fill frame on loopback to engine decision, median", percentile(took, 0.5), "ms"),
        (FILL_P99, percentile(took, 0.99), "ms"),
    ]


async def _deadlines(engine: Engine, far: FarExchange) -> Rows:
    plan = Plan(Decimal(0), Decimal("0.4"), Fallback.NONE)
    ended: list[ParentOrder] = []
    for start in range(0, DEADLINES, AT_ONCE):
        works = (
            _after(0.03 * number, _work(engine, f"late-{start + number}", plan))
            for number in range(AT_ONCE)
        )
        ended += await asyncio.gather(*works)
    shift = engine.clock.now_ns() - time.monotonic_ns()
    deletes = far.sightings().deletes
    took = []
    for order in ended:
        assert order.deadline_ns is not None
        arrived = deletes[order.children[0].client_id] + shift
        took.append((arrived - order.deadline_ns) / 1e6)
    return [
        ("deadline to DELETE at the exchange, median", percentile(took, 0.5), "ms"),
        (DELETE_P99, percentile(took, 0.99), "ms"),
    ]


async def _after(seconds: float, work: Any) -> ParentOrder:
    await asyncio.sleep(seconds)
    order: ParentOrder = await work
    return order


async def _work(engine: Engine, intent: str, plan: Plan) -> ParentOrder:
    asked = Instruction(intent, SYMBOL, Side.SELL, Decimal(1), plan)
    order = await engine.submit(asked)
    await _until(engine, lambda event: engine.orders[order.id].final)
    return engine.orders[order.id]


async def _until(engine: Engine, true: Callable[[Event | None], bool]) -> None:
    done = asyncio.Event()

    def look(event: Event | None) -> None:
        if true(event):
            done.set()

    unlisten = engine.listen(look)
    try:
        look(None)
        async with asyncio.timeout(30):
            await done.wait()
    finally:
        unlisten()


if __name__ == "__main__":
    for name, value, unit in run():
        print(f"{name}: {value:.3f} {unit}")
