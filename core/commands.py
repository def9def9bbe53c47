"""The command line's work, each command a coroutine over an open session."""

import asyncio
import contextlib
import importlib.metadata
import platform
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from filelock import Timeout

from core.control import ask_cancel, finals
from core.engine import Engine
from core.errors import Refusal
from core.events import Event, QuoteChanged
from core.home import Home
from core.journal import JournalFile, replay
from core.order_state import ParentOrder
from core.output import ENDED_OTHERWISE, REFUSED, Printer, exit_code
from core.plan import Instruction
from core.session import Session, SessionOptions, open_session
from core.tasks import Tasks

QUOTE_S = 5.0


@asynccontextmanager
async def _opened(options: SessionOptions, printer: Printer) -> AsyncIterator[Session]:
    session = await open_session(options)
    session.engine.listen(printer.on_event)
    try:
        yield session
    finally:
        await session.close()


async def work(options: SessionOptions, instruction: Instruction, printer: Printer) -> int:
    """Work one order to its end; Ctrl-C cancels it and waits for the proof."""
    async with _opened(options, printer) as session:
        engine = session.engine
        await engine.asset(instruction.symbol)
        await engine.watch([instruction.symbol])
        await _usable_quote(engine, instruction.symbol)
        order = await engine.submit(instruction)
        with _interrupts(lambda: engine.cancel(order.id, by="interrupt"), printer):
            (order,) = await finals(engine, (order.id,))
        printer.done(order)
        return exit_code(order)


async def _usable_quote(engine: Engine, symbol: str) -> None:
    """Wait a little for a quote that may price the order; `submit` says what is wrong."""
    arrived = asyncio.Event()

    def look(event: Event | None = None) -> None:
        if event is not None and not isinstance(event, QuoteChanged):
            return
        now = engine.clock.now_ns()
        is_open = engine.market is not None and engine.market.open_at(now)
        if engine.board.why_unusable(symbol, now, is_open=is_open) is None:
            arrived.set()

    unlisten = engine.listen(look)
    try:
        look()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(arrived.wait(), QUOTE_S)
    finally:
        unlisten()


async def resume(options: SessionOptions, printer: Printer) -> int:
    """Reconcile and finish what an earlier run left open; one line each."""
    async with _opened(options, printer) as session:
        engine = session.engine
        ids = engine.taken_up
        if not ids:
            printer.say("There is no open order to resume.")
            return 0
        await engine.watch({engine.orders[i].symbol for i in ids})
        with _interrupts(lambda: engine.cancel_all(by="interrupt"), printer):
            ended = await finals(engine, ids)
        for order in ended:
            printer.done(order)
        return max(exit_code(o) for o in ended)


async def cancel(options: SessionOptions, what: str, printer: Printer) -> int:
    """Cancel one order or all ("*"), through the Touchline that runs or by ourselves."""
    home = Home(options.env)
    lock = home.lock(options.venue)
    try:
        lock.acquire(timeout=0)
        lock.release()
    except Timeout:
        for line in await ask_cancel(home.control(options.venue), what):
            printer.line(line)
        return 0
    async with _opened(options, printer) as session:
        engine = session.engine
        if what == "*":
            asked = await engine.cancel_all(by="command line")
        else:
            asked = (await engine.cancel(what, by="command line"),)
        for order in await finals(engine, tuple(o.id for o in asked)):
            printer.done(order)
    return 0


def list_orders(options: SessionOptions, printer: Printer) -> int:
    """All orders in the venue's journal, oldest first."""
    printer.orders(_journaled(options))
    return 0


def _journaled(options: SessionOptions) -> list[ParentOrder]:
    path = Home(options.env).journal(options.venue)
    if not path.exists():
        return []
    file = JournalFile(path)
    try:
        return list(replay(file.load()).values())
    finally:
        file.close()


async def doctor(options: SessionOptions, printer: Printer) -> int:
    """Check what trading needs and say each result in a line."""
    versions = [f"Python {platform.python_version()}"]
    for package in ("PySide6-Essentials", "alpaca-py", "websockets"):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions.append(f"{package} {importlib.metadata.version(package)}")
    printer.tell("versions", ", ".join(versions))
    home = Home(options.env)
    printer.tell("data folder", str(home.path))
    try:
        orders = _journaled(options)
        printer.tell("journal", f"{len(orders)} orders, {sum(not o.final for o in orders)} open")
        session = await open_session(options)
    except Refusal as refusal:
        printer.tell("problem", refusal.sentence)
        return REFUSED
    try:
        return _report_session(session, printer)
    finally:
        await session.close()


def _report_session(session: Session, printer: Printer) -> int:
    engine = session.engine
    if engine.account is not None:
        printer.tell("account", f"{engine.account.number} ({engine.venue_name})")
    if engine.market is not None:
        is_open = engine.market.open_at(engine.clock.now_ns())
        printer.tell("market", "open" if is_open else "closed")
    for name, link in engine.links.items():
        printer.tell(f"{name} link", f"{link.state.value} {link.detail}".strip())
    up = all(link.state.value == "up" for link in engine.links.values())
    return 0 if up else ENDED_OTHERWISE


def new_intent() -> str:
    """A fresh intent id."""
    return uuid4().hex


@contextlib.contextmanager
def _interrupts(act: Callable[[], Coroutine[Any, Any, object]], printer: Printer) -> Iterator[None]:
    """While inside, Ctrl-C and a request to end run `act`, as often as they come."""
    loop = asyncio.get_running_loop()
    tasks = Tasks(lambda error: printer.say(f"The cancel failed: {error}"))

    async def run() -> None:
        await act()

    def on_signal(*_: object) -> None:
        printer.say("Cancelling; waiting for the proof. Nothing falls back to market.")
        tasks.spawn(run(), "interrupt")

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {n: signal.getsignal(n) for n in numbers}
    for number in numbers:
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(on_signal))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
