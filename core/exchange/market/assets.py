"""What may be traded here, as a table: adding a symbol is adding a row."""

from uuid import NAMESPACE_DNS, uuid5

import msgspec


class Asset(msgspec.Struct, frozen=True):
    """One listed stock. `id` is derived from the symbol, so it is the same in every run."""

    symbol: str
    name: str
    exchange: str = "NYSE"
    fractionable: bool = True
    shortable: bool = True
    tradable: bool = True

    @property
    def tape(self) -> str:
        """The tape of its quotes and prints, by where it is listed (CTA and UTP plans)."""
        return {"NYSE": "A", "NASDAQ": "C"}.get(self.exchange, "B")

    @property
    def id(self) -> str:
        """UUID of the asset."""
        return str(uuid5(NAMESPACE_DNS, f"{self.symbol.lower()}.exchange.touchline"))


NAMES = {
    "AIG": Asset("AIG", "American International Group, Inc."),
    "BAC": Asset("BAC", "Bank of America Corporation"),
    "IBM": Asset("IBM", "International Business Machines Corporation"),
    "PNNY": Asset("PNNY", "Penny Works, Inc.", "NASDAQ", fractionable=False, shortable=False),
    "UVXY": Asset("UVXY", "Ultra VIX Short-Term Futures ETF", "BATS", fractionable=False),
}


def asset_of(symbol: str) -> Asset:
    """The asset of a symbol that trades here, named after itself when the table has no name."""
    return NAMES.get(symbol) or Asset(symbol, symbol)
