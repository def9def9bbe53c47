"""An exchange that listens, and Touchline commands that trade on it, each in its own process."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from core.exchange.api.running_exchange import RunningExchange
from core.exchange.api.server import serve
from core.exchange.market.events import MarketEvent
from core.exchange.options import ExchangeOptions
from core.journal.file import JournalFile
from core.orders.facts import AnyFact
from tests.support import truth
from tests.support.commands import Command, Commands, Ended, Kill, pointed_at
from tests.support.trading import STILL, SYMBOL, lasting_calm

HELD = Decimal(5000)


@dataclass
class ExchangeFixture:
    """Commands in `home`, trading on `exchange`. `env` adds to what every command gets."""

    commands: Commands
    exchange: RunningExchange
    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.updates = truth.Updates(self.exchange)

    @property
    def home(self) -> Path:
        """Their data folder."""
        return self.folder / "home"

    @property
    def environment(self) -> dict[str, str]:
        """What a command is started with."""
        return pointed_at(self.exchange, self.home) | self.env

    def start(self, *argv: str, kill: Kill | None = None) -> Command:
        """Start a command."""
        return self.commands.start(*argv, env=self.environment, folder=self.folder, kill=kill)

    async def run(self, *argv: str, kill: Kill | None = None) -> Ended:
        """Run a command to its end."""
        return await self.start(*argv, kill=kill).ended()

    def journal(self) -> list[AnyFact]:
        """Everything journaled."""
        path = self.home / "journal-embedded.sqlite"
        if not path.exists():
            return []
        file = JournalFile(path)
        try:
            return file.load()
        finally:
            file.close()


@asynccontextmanager
async def open_exchange(
    commands: Commands,
    folder: Path,
    market: list[MarketEvent] | None = None,
    options: ExchangeOptions | None = None,
    env: Mapping[str, str] | None = None,
) -> AsyncIterator[ExchangeFixture]:
    """An exchange whose market is scripted and does nothing by chance; by default it stays calm."""
    options = options or ExchangeOptions(knobs=STILL, positions={SYMBOL: HELD}, rate_limit=0)
    events = lasting_calm() if market is None else iter(market)
    async with serve(options, scripted={SYMBOL: events}) as exchange:
        yield ExchangeFixture(commands, exchange, folder, dict(env or {}))
