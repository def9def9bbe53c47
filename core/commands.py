"""The command line's work, each command a coroutine over an open session."""

import asyncio
import contextlib
import importlib.metadata
import platform
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from core import checks, records
from core.control import ask_cancel, ask_kill
from core.engine import Engine
from core.errors import Refusal
from core.events import Event, LinkChanged, QuoteChanged
from core.home import Home
from core.journal import JournalReader
from core.kill import KillReport
from core.links import LinkState
from core.order_state import ParentOrder, State
from core.output import ATTENTION, ENDED_OTHERWISE, REFUSED, Printer, exit_code
from core.plan import Instruction
from core.recovery import replay
from core.session import Session, SessionOptions, open_session
from core.tasks import Tasks

QUOTE_S = 5.0
PATIENCE_S = 5.0  # without proof for so long, the next signal leaves without it

_CANCELLING = "Cancelling; waiting for the proof. Nothing falls back to market."
_STILL_WAITING = "Still no proof. It is waited for; another Ctrl-C leaves without it."
_LEFT = (
    "Left without proof: an order may still be live at the venue. "
    "Finish it with 'touchline resume', or look at the broker's page."
)


@asynccontextmanager
async def _opened(options: SessionOptions, printer: Printer) -> AsyncIterator[Session]:
    session = await open_session(options)
    session.engine.listen(printer.on_event)
    for link in session.engine.links.values():
        printer.on_event(LinkChanged(link))
    try:
        yield session
    finally:
        printer.closing = True
        await session.close()


async def work(
    options: SessionOptions,
    instruction: Instruction,
    printer: Printer,
    confirmed: Iterable[str] = (),
) -> int:
    """Work one order to its end; Ctrl-C cancels it and waits for the proof.

    Raises Confirmation for controls that ask and are not named in `confirmed`.
    Orders that an earlier run left open are brought to their end too, before this one's
    last line; only those that a person holds without a deadline are left to work.
    """

    async def main(interrupts: "Interrupts") -> int:
        async with _opened(options, printer) as session:
            engine = session.engine
            await _ready(engine, instruction)
            order = await engine.submit(instruction, confirmed)
            held = [i for i in engine.taken_up if engine.orders[i].deadline_ns is None]
            ids = (*(i for i in engine.taken_up if i not in held), order.id)
            interrupts.act = lambda: _cancel_each(engine, ids)
            ended = await engine.finals(ids)
            interrupts.act = _nothing
            for each in ended:
                printer.done(each)
            return exit_code(ended[-1])

    return await _interruptible(main, printer, "Stopped; the order was not sent.")


async def _ready(engine: Engine, instruction: Instruction) -> None:
    """Wait until the order can be submitted. Raises Refusal when it never can."""
    asset = await engine.asset(instruction.symbol)
    checks.check_asset(instruction.side, instruction.qty, instruction.plan, asset)
    await engine.watch({instruction.symbol, *(engine.orders[i].symbol for i in engine.taken_up)})
    await _usable_quote(engine, instruction.symbol)


async def _cancel_each(engine: Engine, ids: Iterable[str]) -> None:
    for order_id in ids:
        if not engine.orders[order_id].final:
            await engine.cancel(order_id, by="interrupt")


async def _nothing() -> None:
    """All has ended: there is nothing to cancel."""


async def _usable_quote(engine: Engine, symbol: str) -> None:
    """Wait a little for a quote that may price the order; `submit` says what is wrong."""
    arrived = asyncio.Event()

    def look(event: Event | None = None) -> None:
        if event is not None and not isinstance(event, QuoteChanged):
            return
        now = engine.clock.now_ns()
        extended = engine.settings.extended_hours
        is_open = engine.market is not None and engine.trades_now(extended=extended)
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
    Home(options.env).take(options.venue).release()  # refused while another one works on them
    if all(order.final for order in _journaled(options)):
        printer.say("There is no open order to resume.")
        return 0

    async def main(interrupts: "Interrupts") -> int:
        async with _opened(options, printer) as session:
            engine = session.engine
            interrupts.act = lambda: _cancel_each(engine, engine.taken_up)
            await engine.watch({engine.orders[i].symbol for i in engine.taken_up})
            ended = await engine.finals(engine.taken_up)
            interrupts.act = _nothing
            for order in ended:
                printer.done(order)
            return max(exit_code(o) for o in ended)

    return await _interruptible(main, printer, "Stopped; the orders stay as they are.")


async def cancel(options: SessionOptions, what: str, printer: Printer) -> int:
    """Cancel one order or all ("*"), through the Touchline that runs or by ourselves.

    0 when all of them have ended, 3 when one needs a person.
    """
    home = Home(options.env)
    if home.taken(options.venue):
        lines = await ask_cancel(home.control(options.venue), what)
        for line in lines:
            printer.line(line)
        return ATTENTION if any(n["state"] == State.ATTENTION for n in lines) else 0
    asked = _to_cancel(_journaled(options), what)
    if not asked:
        printer.say("There is no open order to cancel.")
        return 0
    ids = frozenset(o.id for o in asked if not o.final)
    if ids:
        async with _opened(replace(options, only=ids, cancel=True), printer) as session:
            asked = await session.engine.finals(o.id for o in asked)
    for order in asked:
        printer.done(order)
    return ATTENTION if ids and any(o.state is State.ATTENTION for o in asked) else 0


async def kill(options: SessionOptions, printer: Printer) -> int:
    """The kill switch, through the Touchline that runs or by ourselves; positions stay.

    0 when the venue proves that nothing can fill any more, 3 when that is not proven.
    """
    home = Home(options.env)
    if home.taken(options.venue):
        told = await ask_kill(home.control(options.venue))
    else:
        told = await _kill_alone(options)
    printer.killed(told)
    return ATTENTION if told.unproven else 0


async def _kill_alone(options: SessionOptions) -> KillReport:
    session = await open_session(replace(options, cancel=True))
    try:
        return await session.engine.kill(by="command line")
    finally:
        await session.close()


def _to_cancel(orders: list[ParentOrder], what: str) -> tuple[ParentOrder, ...]:
    if what == "*":
        return tuple(o for o in orders if not o.final)
    found = tuple(o for o in orders if o.id == what)
    if not found:
        raise Refusal("order", f"There is no order {what[:40]}.", what)
    return found


def list_orders(options: SessionOptions, printer: Printer) -> int:
    """All orders in the venue's journal, oldest first."""
    printer.orders(_journaled(options))
    return 0


def _journaled(options: SessionOptions) -> list[ParentOrder]:
    path = Home(options.env).journal(options.venue)
    if not path.exists():
        return []
    with contextlib.closing(JournalReader(path)) as reader:
        return list(replay(reader.load()).values())


def journal(path: Path, what: str, order_id: str, printer: Printer) -> int:
    """Look at the journal: verify it, show one order, or export it; 3 when it is damaged."""
    if what == "verify":
        report = records.verify(path)
        printer.verified(report)
        return ATTENTION if report.damage else 0
    if what == "show":
        title, entries, damage = records.story(path, order_id)
        printer.story(title, entries)
    else:
        lines, damage = records.export(path)
        printer.export(lines)
    if damage:
        printer.say(damage)
    return ATTENTION if damage else 0


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
        session = await open_session(replace(options, only=frozenset()))  # it only looks
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
    printer.tell("settings", engine.settings_error or "readable")
    if engine.killed:
        printer.tell("kill switch", engine.killed)
    if engine.market is not None:
        is_open = engine.market.open_at(engine.clock.now_ns())
        printer.tell("market", "open" if is_open else "closed")
    for name, link in engine.links.items():
        printer.tell(f"{name} link", f"{link.state.value} {link.detail}".strip())
    up = all(link.state is LinkState.UP for link in engine.links.values())
    return 0 if up else ENDED_OTHERWISE


def new_intent() -> str:
    """A fresh intent id."""
    return uuid4().hex


class Interrupts:
    """What Ctrl-C, a request to end, and a closed terminal do: `act`, or stop the command."""

    def __init__(self, printer: Printer) -> None:
        self.act: Callable[[], Coroutine[Any, Any, None]] | None = None
        self.stopped = False
        self._impatient = False
        self._patience: asyncio.TimerHandle | None = None
        self._printer = printer
        self._main = asyncio.current_task()
        self._tasks = Tasks(lambda error: printer.say(f"The cancel failed: {error}"))

    def on_signal(self) -> None:
        """Called on the loop, once for each signal."""
        if self.act is not None and not self._impatient:
            if self.act is not _nothing:
                self._printer.say(_CANCELLING)
                if self._patience is None:
                    loop = asyncio.get_running_loop()
                    self._patience = loop.call_later(PATIENCE_S, self._lose_patience)
            self._tasks.spawn(self.act(), "interrupt")
        elif not self.stopped and self._main is not None:
            self.stopped = True
            self._main.cancel()

    def _lose_patience(self) -> None:
        if self.act is not _nothing:
            self._impatient = True
            self._printer.say(_STILL_WAITING)

    def end(self) -> None:
        """Nothing is waited for any more."""
        if self._patience is not None:
            self._patience.cancel()


async def _interruptible(
    main: Callable[[Interrupts], Awaitable[int]], printer: Printer, stopped: str
) -> int:
    """Run `main` with the signals going to its Interrupts; `stopped` is said when they ended it."""
    interrupts = Interrupts(printer)
    with _signals(interrupts.on_signal):
        try:
            return await main(interrupts)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not interrupts.stopped or task is None:
                raise
            task.uncancel()
            printer.say(stopped if interrupts.act is None else _LEFT)
            return ENDED_OTHERWISE if interrupts.act is None else ATTENTION
        finally:
            interrupts.end()


@contextlib.contextmanager
def _signals(act: Callable[[], None]) -> Iterator[None]:
    """While inside, call `act` on the loop whenever somebody wants us to end."""
    loop = asyncio.get_running_loop()
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {n: signal.getsignal(n) for n in numbers}
    for number in numbers:
        if before[number] not in (None, signal.SIG_IGN):  # nohup means what it says
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(act))
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is not None:  # None: set by other than Python, so we left it alone
                signal.signal(number, handler)
