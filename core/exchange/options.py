"""What an exchange is started with: one frozen record with every default."""

from decimal import Decimal
from pathlib import Path

import msgspec

from core.exchange.market.trading_day import HOUR

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


class Knobs(msgspec.Struct, frozen=True):
    """How kind the market is. Chances and fractions are plain numbers, never money.

    `hidden_chance`: chance per quote or print that an order inside the spread meets
    hidden interest, scaled by how far across it stands; `hidden_size`: the most of it,
    as a multiple of the facing size. `price_improvement`: fraction of the spread that
    a market order is given on the shares at the touch. `slippage_ticks`: ticks from
    one level to the next beyond the touch. `queue_ahead`: shares served before an
    order that joins the touch, as a multiple of the size shown. `pending_told`: chance
    that a pending cancel or replace is told on the stream; most venues do not. Delays are seconds.
    """

    hidden_chance: float = 0.04
    hidden_size: float = 0.8
    price_improvement: float = 0.1
    slippage_ticks: int = 1
    queue_ahead: float = 1.0
    ack_delay: float = 0.01
    cancel_delay: float = 0.06
    pending_told: float = 1.0


class ExchangeOptions(msgspec.Struct, frozen=True):
    """`at` is market nanoseconds past midnight in New York, `speed` market seconds a second.

    `rate_limit` is requests a minute (0: none), separate for trading and data.
    `connection_limit` is connections per stream (0: any number), `lingers` for how many seconds one
    that ended without a goodbye still counts (at Alpaca some 90). `idle_exit` is seconds
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
    connection_limit: int = 1
    lingers: float = 0.0
    auth_timeout: float = 10.0
    drills: tuple[str, ...] = ()
    idle_exit: float = 0.0
    account_number: str = ""
    key: str = DEFAULT_KEY
    secret: str = DEFAULT_SECRET

    def __repr__(self) -> str:
        return f"ExchangeOptions(seed={self.seed!r}, account_number={self.account_number!r})"
