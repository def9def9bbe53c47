"""The command line's work, each command a coroutine over an open session."""

import asyncio
import contextlib
import importlib.metadata
import platform
from collections.abc import AsyncIterator, Container, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from core.app.session import Session, SessionOptions, open_session
from core.cli.interrupts import Interrupts, interruptible, nothing
from core.cli.printer import ATTENTION, ENDED_OTHERWISE, REFUSED, Printer, exit_code
from core.engine.engine import Engine
from core.engine.events import Event, LinkChanged, QuoteChanged
from core.errors import Refusal, UnknownHost
from core.journal import audit
from core.journal.high_water_mark import HighWaterMarkFile, mark_path, refuse_lost
from core.journal.reader import JournalReader
from core.journal.replay import replay
from core.market.links import LinkState
from core.orders.plan import Instruction
from core.orders.state import ParentOrder
from core.remote import server
from core.risk import judging
from core.runtime.data_folder import DataFolder
from core.wording.link_outages import standing

QUOTE_S = 5.0
TELL_S = 10.0  # how often it is said what is waited for


@asynccontextmanager
async def opened(options: SessionOptions, printer: Printer) -> AsyncIterator[Session]:
    """A session whose events are printed, closed at the end."""
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
    last line; only those that a person has paused are left to work.
    """

    async def main(interrupts: Interrupts) -> int:
        async with opened(options, printer) as session:
            engine = session.engine
            await _ready(engine, instruction)
            order = await engine.submit(instruction, confirmed)
            paused = frozenset(i for i in engine.taken_up if engine.orders[i].deadline_ns is None)
            ids = (*(i for i in engine.taken_up if i not in paused), order.id)
            interrupts.act = lambda: _cancel_each(engine, paused)
            ended = await _all_ended(session, ids, printer)
            interrupts.act = nothing
            for each in ended:
                printer.done(each)
            return exit_code(ended[-1])

    return await interruptible(main, printer, "Stopped; the order was not sent.")


async def _ready(engine: Engine, instruction: Instruction) -> None:
    """Wait until the order can be submitted. Raises Refusal when it never can."""
    asset = await engine.asset(instruction.symbol)
    judging.check_asset(instruction.side, instruction.qty, instruction.plan, asset)
    await engine.watch({instruction.symbol, *(engine.orders[i].symbol for i in engine.taken_up)})
    await _usable_quote(engine, instruction.symbol)


async def _cancel_each(engine: Engine, but: Container[str] = ()) -> None:
    for order in engine.open_orders:
        if order.id not in but and not engine.orders[order.id].final:
            await engine.cancel(order.id, by="interrupt")


async def _all_ended(
    session: Session, ids: Sequence[str], printer: Printer
) -> tuple[ParentOrder, ...]:
    """The orders once they are final, after what other commands have had sent meanwhile.

    Who leaves earlier leaves a flatten half done, or its order live with nobody to watch it.
    """
    engine, known = session.engine, frozenset(session.engine.orders)
    ended = await _finals_told(engine, ids, printer)
    sent: tuple[ParentOrder, ...] = ()
    while session.asked or len(sent) < len(engine.orders) - len(known):
        await session.answered()
        sent = await engine.finals(i for i in engine.orders if i not in known)
    return (*sent, *ended)


async def _finals_told(
    engine: Engine, ids: Sequence[str], printer: Printer
) -> tuple[ParentOrder, ...]:
    """The orders once they are final; meanwhile it is said what is waited for, now and then."""
    ending = asyncio.ensure_future(engine.finals(ids))
    try:
        while not (await asyncio.wait({ending}, timeout=TELL_S))[0]:
            for order_id in ids:
                printer.waits(engine.orders[order_id], engine.clock.now_ns())
        return ending.result()
    finally:
        ending.cancel()


async def _usable_quote(engine: Engine, symbol: str) -> None:
    """Wait a little for a quote that may price the order; `submit` says what is wrong."""
    arrived = asyncio.Event()

    def look(event: Event | None = None) -> None:
        if event is not None and not isinstance(event, QuoteChanged):
            return
        now, known = engine.clock.now_ns(), engine.account_state
        extended = engine.settings.extended_hours
        is_open = engine.market is not None and known.trades_at(now, extended=extended)
        oldest = engine.settings.max_quote_age_ns
        if engine.board.why_unusable(symbol, now, is_open=is_open, max_age_ns=oldest) is None:
            arrived.set()

    unlisten = engine.listen(look)
    try:
        look()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(QUOTE_S):
                await arrived.wait()
    finally:
        unlisten()


async def resume(options: SessionOptions, printer: Printer) -> int:
    """Reconcile and finish what an earlier run left open; one line each."""
    DataFolder(options.env).take(options.venue).release()  # refused while another one works on them
    if all(order.done for order in journaled(options)):
        printer.say("There is no open order to resume.")
        return 0

    async def main(interrupts: Interrupts) -> int:
        async with opened(options, printer) as session:
            engine = session.engine
            interrupts.act = lambda: _cancel_each(engine)
            await engine.watch({engine.orders[i].symbol for i in engine.taken_up})
            ended = await _all_ended(session, engine.taken_up, printer)
            interrupts.act = nothing
            unproven = await server.proven_soon(engine, [o.id for o in engine.unproven])
            ended = (*(o for o in ended if o not in unproven), *unproven)
            for order in ended:
                printer.done(order)
            return max((exit_code(o) for o in ended), default=0)

    return await interruptible(main, printer, "Stopped; the orders stay as they are.")


def list_orders(options: SessionOptions, printer: Printer) -> int:
    """All orders in the venue's journal, oldest first."""
    printer.orders(journaled(options))
    return 0


def journaled(options: SessionOptions) -> list[ParentOrder]:
    """The orders in the venue's journal as it stands, oldest first."""
    path = DataFolder(options.env).journal(options.venue)
    if not path.exists():
        refuse_lost(path, HighWaterMarkFile(mark_path(path)).read())
        return []
    with contextlib.closing(JournalReader(path)) as reader:
        return list(replay(reader.load()).values())


def journal(path: Path, what: str, order_id: str, printer: Printer) -> int:
    """Look at the journal: verify it, show one order, or export it; 3 when it is damaged."""
    if what == "verify":
        report = audit.verify(path)
        printer.verified(report)
        return ATTENTION if report.damage else 0
    if what == "show":
        title, entries, damage = audit.story(path, order_id)
        printer.story(title, entries)
    else:
        lines, damage = audit.export(path)
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
    home = DataFolder(options.env)
    printer.tell("data folder", str(home.path))
    try:
        orders = journaled(options)
        printer.tell("journal", _counted(orders))
        session = await open_session(replace(options, only=frozenset()))  # it only looks
    except UnknownHost:
        raise  # to be asked about
    except Refusal as refusal:
        printer.tell("problem", refusal.sentence)
        return REFUSED
    try:
        return _report_session(session, printer)
    finally:
        await session.close()


def _counted(orders: list[ParentOrder]) -> str:
    unproven = sum(o.final and not o.done for o in orders)
    words = f"{len(orders)} orders, {sum(not o.final for o in orders)} open"
    return f"{words}, {unproven} not proven" if unproven else words


def _report_session(session: Session, printer: Printer) -> int:
    engine = session.engine
    if engine.account is not None:
        printer.tell("account", f"{engine.account.number} ({engine.venue_name})")
    printer.tell("settings", engine.settings_error or "readable")
    for remark in engine.remarks:
        printer.tell("remark", remark)
    if engine.killed:
        printer.tell("kill switch", engine.killed)
    if engine.market is not None:
        is_open = engine.market.open_at(engine.clock.now_ns())
        printer.tell("market", "open" if is_open else "closed")
    now_ns = engine.clock.now_ns()
    for name, link in engine.links.items():
        printer.tell(f"{name} link", f"{link.state.value} {standing(link, now_ns)}".strip())
    up = all(link.state is LinkState.UP for link in engine.links.values())
    return 0 if up else ENDED_OTHERWISE


def new_intent() -> str:
    """A fresh intent id."""
    return uuid4().hex
