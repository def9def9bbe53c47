"""What the venue says of the account: money, positions, assets. Plain data."""

from decimal import Decimal

import msgspec

STOCKS = "us_equity"  # Alpaca's class of stocks and funds


class Account(msgspec.Struct, frozen=True):
    """Account figures in dollars. `number` is what the person knows the account by.

    `not_open`: the venue's word for an account that takes no order; empty for one that does.
    """

    id: str
    number: str
    equity: Decimal
    cash: Decimal
    buying_power: Decimal
    blocked: bool = False
    not_open: str = ""


class Position(msgspec.Struct, frozen=True):
    """Shares held (negative: short) and how many of them no open order reserves.

    `kind` is the venue's class of asset; only stocks and funds are traded here.
    """

    symbol: str
    qty: Decimal
    available: Decimal
    avg_entry_price: Decimal
    kind: str = STOCKS

    @property
    def traded_here(self) -> bool:
        """Whether it is a stock or a fund, and no option and no coin."""
        return self.kind == STOCKS


class Asset(msgspec.Struct, frozen=True):
    """What may be traded, and in which quantities."""

    symbol: str
    name: str
    tradable: bool
    fractionable: bool
    shortable: bool = False
