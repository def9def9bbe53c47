"""Puts one Touchline together: venue, keys, lock, journal, engine, control.

The window and the command line both start here; neither knows the venue.
"""

import asyncio
import os
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from filelock import FileLock

from core.app import embedded_exchange, limits_file
from core.app.accounts import CONFIRM
from core.app.adapters import ADAPTERS, Connection
from core.app.embedded_exchange import EmbeddedExchange
from core.app.exchange_watchdog import ExchangeWatchdog
from core.engine.engine import Engine
from core.errors import Refusal
from core.exchange.market.tapes.names import symbol_named
from core.journal.damage import JournalError
from core.journal.file import JournalFile, WriteHook
from core.journal.recovery import recover
from core.journal.writer import ThreadedRecorder
from core.market.account import Account
from core.market.venues import DEFAULT_VENUE, VenueProfile, profile_of
from core.orders.plan import GRACE
from core.orders.state import ParentOrder
from core.remote.server import ControlServer
from core.risk import limits as settings
from core.risk.limits import Limits
from core.runtime import logs
from core.runtime.clock import Clock
from core.runtime.data_folder import DataFolder
from core.venue.alpaca.endpoints import TRADING_URL
from core.venue.credential_store import load_credentials
from core.venue.credentials import HARMLESS, Credentials
from core.venue.interface import Venue


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """What to open. `confirm` holds the last four characters of a live account's number.

    `hosts` are trusted with the keys although they are not the venue's.

    `tapes`, `at`, `speed`, `seed` and `drills` are for the embedded exchange. `grace` is
    seconds (see `plan.Plan`). `only` names the orders of an earlier run to take up (None:
    all), `cancel` takes them up to be cancelled. `batch` and `on_write` shape journal
    writes, for tests. `env` may hold keys, so it is in no repr.
    """

    venue: str = DEFAULT_VENUE
    tapes: tuple[str, ...] = ()
    drills: tuple[str, ...] = ()
    at: str | None = None
    speed: str | None = None
    seed: str | None = None
    grace: Decimal = GRACE
    confirm: str | None = None
    hosts: frozenset[str] = frozenset()
    only: frozenset[str] | None = None
    cancel: bool = False
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    batch: int = 512
    on_write: WriteHook | None = None

    def trusting(self, host: str) -> "SessionOptions":
        """The same, with one more host that may have the keys."""
        return replace(self, hosts=self.hosts | {host})

    def on_account(self, venue: str, confirm: str) -> "SessionOptions":
        """The same for another account; what an exchange of our own takes stays with it."""
        moved = replace(self, venue=venue, confirm=confirm or None, hosts=frozenset())
        if moved.profile.own_exchange:
            return moved
        return replace(moved, tapes=(), drills=(), at=None, speed=None, seed=None)

    @property
    def profile(self) -> VenueProfile:
        """What the venue is and can do."""
        return profile_of(self.venue)

    @property
    def starts_exchange(self) -> bool:
        """Whether Touchline runs the exchange, and `env` names no other one."""
        return self.profile.own_exchange and not self.env.get(TRADING_URL)

    @property
    def tape_symbol(self) -> str | None:
        """The symbol that the first tape is named after (IBM-2013-10-08.quotes.csv.gz)."""
        return symbol_named(Path(self.tapes[0]).name) if self.tapes else None

    @property
    def exchange_arguments(self) -> tuple[str, ...]:
        """The embedded exchange's command line."""
        given = [("--at", self.at), ("--speed", self.speed), ("--seed", self.seed)]
        pairs = [("--tape", str(Path(t).absolute())) for t in self.tapes] + [
            (n, v) for n, v in given if v
        ]
        return tuple(word for pair in pairs for word in pair)


class Session:
    """An open Touchline. Close it when done; orders stay as they are at the venue."""

    def __init__(
        self,
        options: SessionOptions,
        engine: Engine,
        control: ControlServer,
        lock: FileLock,
        exchange: EmbeddedExchange | None,
    ) -> None:
        self.options = options
        self.engine = engine
        self._control = control
        self._lock = lock
        self._exchange = exchange
        self._watchdog = ExchangeWatchdog(exchange, engine) if exchange is not None else None

    @property
    def journal(self) -> Path:
        """The file of this venue's journal."""
        return DataFolder(self.options.env).journal(self.options.venue)

    @property
    def log_file(self) -> Path:
        """Where Touchline's own troubles are logged; made with the first of them."""
        return DataFolder(self.options.env).path / logs.FILE_NAME

    @property
    def drills(self) -> dict[str, str]:
        """The fault drills that can be played here, each with a sentence: only on our exchange."""
        return embedded_exchange.drills() if self._exchange is not None else {}

    @property
    def asked(self) -> bool:
        """Whether something that another command asked for is still being done."""
        return self._control.asked

    async def answered(self) -> None:
        """Return when nothing that another command asked for is still being done."""
        await self._control.answered()

    async def drill(self, name: str) -> None:
        """Begin a fault drill; an empty name ends all. Raises Refusal."""
        if self._exchange is None:
            raise Refusal("drill", "Drills are for the embedded exchange only.", name)
        await embedded_exchange.drill(self._exchange, name)

    async def change_limits(self, limits: Limits) -> None:
        """Keep these limits, and check every order from the next one on against them.

        Raises Refusal for a value out of bounds or a file that cannot be written: then the
        old ones hold.
        """
        await asyncio.to_thread(limits_file.save, DataFolder(self.options.env).settings(), limits)
        self.engine.set_limits(limits)

    async def close(self) -> None:
        """Close everything; the embedded exchange ends too unless it still holds orders of ours."""
        leave = bool(self.engine.open_orders)
        try:
            if self._watchdog is not None:
                await self._watchdog.stop()
            await self._control.stop()
            await self.engine.stop()
            if self._exchange is not None and not leave:
                await embedded_exchange.stop(self._exchange)
        finally:
            self._lock.release()


async def open_session(options: SessionOptions) -> Session:
    """Open everything and take up the open orders meant. Raises Refusal, leaving nothing behind."""
    _check(options)
    home = DataFolder(options.env)
    async with AsyncExitStack() as undo:
        lock = home.take(options.venue)
        undo.callback(lock.release)
        exchange = await _exchange_of(options, home)
        if exchange is not None and not exchange.found:
            undo.push_async_callback(embedded_exchange.stop, exchange)
        if exchange is not None:
            for name in options.drills:
                await embedded_exchange.drill(exchange, name)
        engine = await _open_engine(options, home, exchange)
        undo.push_async_callback(engine.stop)
        control = ControlServer(engine, home.control(options.venue))
        await control.start()
        undo.pop_all()
    return Session(options, engine, control, lock, exchange)


def _check(options: SessionOptions) -> None:
    """Refuse before anything is opened what can be refused without it."""
    if options.exchange_arguments and not options.profile.own_exchange:
        word = options.exchange_arguments[0]
        raise Refusal("arguments", f"{word} is for the embedded exchange, not for {options.venue}.")
    if options.at and not options.tapes:
        raise Refusal(
            "arguments",
            "--at names where a tape starts, so it needs --tape; without one the embedded "
            "exchange is always open.",
            options.at,
        )
    if options.drills and not options.starts_exchange:
        raise Refusal("arguments", "--drill is for the embedded exchange of Touchline's own only.")
    if options.profile.confirms_account and len(options.confirm or "") != CONFIRM:
        raise Refusal(
            options.venue,
            f"{options.venue.capitalize()} trading needs the last {CONFIRM} characters of the "
            "account's number, typed when asked or given with --confirm. Nothing was sent.",
        )


async def _exchange_of(options: SessionOptions, home: DataFolder) -> EmbeddedExchange | None:
    """The embedded exchange of our own, unless another one is named in the environment."""
    if not options.starts_exchange:
        return None
    arguments = options.exchange_arguments
    return await embedded_exchange.running_or_started(home, options.venue, arguments)


async def _open_engine(
    options: SessionOptions, home: DataFolder, exchange: EmbeddedExchange | None
) -> Engine:
    clock = Clock()
    venue = _venue(options, exchange, clock)
    file = JournalFile(home.journal(options.venue), options.on_write)
    try:
        orders, torn = await asyncio.to_thread(recover, file, clock.now_ns())
        recorder = ThreadedRecorder(file, options.batch)
    except JournalError as error:
        file.close()
        raise Refusal("journal", f"{error} Nothing was sent.") from error
    except BaseException:
        file.close()
        raise
    limits, problem, remark = _settings(home)
    engine = Engine(venue, recorder, clock, orders, settings=limits, kill_file=home.kill_file())
    engine.risk_inputs.settings_error = problem
    engine.remarks = tuple(words for words in (torn, remark) if words)
    try:
        await engine.start(
            options.grace,
            _account_check(options, orders),
            only=options.only,
            cancel_by="command line" if options.cancel else "",
        )
    except BaseException:
        await engine.stop()
        raise
    return engine


def _venue(options: SessionOptions, exchange: EmbeddedExchange | None, clock: Clock) -> Venue:
    profile = options.profile
    if exchange is None:
        credentials, port = load_credentials(options.venue, options.env), None
    else:  # keys for a broker are not for it
        credentials, port = Credentials(exchange.key, exchange.key), exchange.port
    if credentials.secret != HARMLESS:
        logs.hide(credentials.key_id, credentials.secret)
    connection = Connection(profile, options.env, credentials, clock, port, options.hosts)
    return ADAPTERS[profile.adapter].build(connection)


def _settings(home: DataFolder) -> tuple[Limits, str, str]:
    """The settings; why they can't be used: then no order is taken, but cancels are; a remark."""
    path = home.settings()
    try:
        found = limits_file.load(path)
    except Refusal as refusal:
        return settings.DEFAULTS, refusal.sentence, ""
    names = ", ".join(limits_file.unknown(path))
    remark = f"No setting is called {names}: that in {path} limits nothing." if names else ""
    return found, "", remark


def _account_check(
    options: SessionOptions, orders: Mapping[str, ParentOrder]
) -> Callable[[Account], None]:
    """The check that, before anything is done in it, the account is the one that was meant."""

    def check(account: Account) -> None:
        foreign = {o.venue for o in orders.values()} - {options.venue}
        if foreign:
            raise Refusal(
                "account",
                f"The {options.venue} journal holds orders of {sorted(foreign)[0]}, so it is not "
                "the journal of this venue. Move the file away, or set TOUCHLINE_HOME to another "
                "folder. Nothing was sent.",
            )
        ending = account.number[-CONFIRM:]
        if options.profile.confirms_account and (options.confirm or "") != ending:
            raise Refusal(
                options.venue,
                f"{options.venue.capitalize()} trading needs the last {CONFIRM} characters of the "
                "account's number; what was given does not match. Nothing was sent.",
            )
        if not options.profile.lasting_account:
            return
        others = {o.account for o in orders.values()} - {account.number}
        if others:
            raise Refusal(
                "account",
                f"The {options.venue} journal holds orders of account {sorted(others)[0]}, "
                f"but the keys belong to {account.number}. Use the keys of that account, or set "
                "TOUCHLINE_HOME to another folder. Nothing was sent.",
            )

    return check
