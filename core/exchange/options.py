"""What an exchange is started with: one frozen record with every default."""

from decimal import Decimal
from pathlib import Path

import msgspec

from core.exchange.market.trading_day import HOUR
from core.exchange.matching.book import Knobs

DEFAULT_KEY = "embedded"
DEFAULT_SECRET = "embedded"  # noqa: S105 - opens an invented account on this machine only
DEFAULT_POSITIONS = {
    "UVXY": Decimal(5000),
    "IBM": Decimal(500),
    "BAC": Decimal(5000),
    "AIG": Decimal(1000),
    "PNNY": Decimal(10000),
}
TAPE_POSITION = Decimal(1000)


class Options(msgspec.Struct, frozen=True):
    """`at` is market nanoseconds past midnight in New York, `speed` market seconds a second.

    `rate_limit` is requests a minute (0: none), separate for trading and data.
    `connection_limit` is connections per stream (0: any number). `idle_exit` is seconds
    without a client stream after which the server ends (0: never).
    """

    seed: str = "touchline"
    cash: Decimal = Decimal(100_000)
    positions: dict[str, Decimal] = msgspec.field(default_factory=lambda: dict(DEFAULT_POSITIONS))
    tapes: tuple[Path, ...] = ()
    at: int = 10 * HOUR
    speed: float = 1.0
    knobs: Knobs = Knobs()
    allow_short: bool = False
    rate_limit: int = 200
    connection_limit: int = 0
    auth_timeout: float = 10.0
    drills: tuple[str, ...] = ()
    idle_exit: float = 0.0
    account_number: str = ""
    key: str = DEFAULT_KEY
    secret: str = DEFAULT_SECRET

    def __repr__(self) -> str:
        return f"Options(seed={self.seed!r}, account_number={self.account_number!r})"
