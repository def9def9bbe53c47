"""How things look on Alpaca's wire: assets, positions, quotes and the rest as JSON objects.

Orders are in `matching.order_views`.

Pure. Money and quantities of the trading side are strings, of the data side numbers.
"""

from decimal import Decimal
from typing import Any

from core.exchange.market.assets import Asset, asset_of
from core.exchange.market.events import Status
from core.exchange.market.limit_up_down import PriceLimits
from core.exchange.market.ticker import Bar, Quote, Trade
from core.exchange.matching.account import Holding
from core.exchange.units import DOLLAR, cents_text, decimal_text, price_text


def asset_view(asset: Asset) -> dict[str, Any]:
    """One asset."""
    return {
        "id": asset.id,
        "class": "us_equity",
        "exchange": asset.exchange,
        "symbol": asset.symbol,
        "name": asset.name,
        "status": "active",
        "tradable": asset.tradable,
        "marginable": True,
        "shortable": asset.shortable,
        "easy_to_borrow": asset.shortable,
        "borrow_status": "easy_to_borrow" if asset.shortable else "not_shortable",
        "fractionable": asset.fractionable,
        "maintenance_margin_requirement": 30,
        "attributes": [],
    }


def position_view(asset: Asset, holding: Holding, price: int, available: Decimal) -> dict[str, Any]:
    """One position valued at `price`."""
    value = holding.qty * price / DOLLAR
    gain = value - holding.cost
    share = gain / abs(holding.cost) if holding.cost else Decimal(0)
    return {
        "asset_id": asset.id,
        "symbol": asset.symbol,
        "exchange": asset.exchange,
        "asset_class": "us_equity",
        "asset_marginable": True,
        "qty": decimal_text(holding.qty),
        "qty_available": decimal_text(available),
        "side": "long" if holding.qty > 0 else "short",
        "avg_entry_price": cents_text(holding.cost / holding.qty),
        "market_value": cents_text(value),
        "cost_basis": cents_text(holding.cost),
        "unrealized_pl": cents_text(gain),
        "unrealized_plpc": decimal_text(round(share, 6)),
        "unrealized_intraday_pl": cents_text(gain),
        "unrealized_intraday_plpc": decimal_text(round(share, 6)),
        "current_price": price_text(price),
        "lastday_price": cents_text(holding.cost / holding.qty),
        "change_today": decimal_text(round(share, 6)),
    }


def quote_view(quote: Quote) -> dict[str, Any]:
    """A quote without its time."""
    bid, bid_size, ask, ask_size = quote.event.touch
    return {
        "bx": "V" if bid else " ",
        "bp": bid / DOLLAR,
        "bs": bid_size,
        "ax": "V" if ask else " ",
        "ap": ask / DOLLAR,
        "as": ask_size,
        "c": ["R"],
        "z": asset_of(quote.event.symbol).tape,
    }


def trade_view(trade: Trade) -> dict[str, Any]:
    """A print without its time."""
    event = trade.event
    return {
        "i": trade.id,
        "x": event.venue,
        "p": event.price / DOLLAR,
        "s": event.size,
        "c": ["@"],
        "z": asset_of(event.symbol).tape,
    }


def bar_view(bar: Bar) -> dict[str, Any]:
    """A bar without its time."""
    return {
        "o": bar.open / DOLLAR,
        "h": bar.high / DOLLAR,
        "l": bar.low / DOLLAR,
        "c": bar.close / DOLLAR,
        "v": bar.volume,
        "n": bar.trades,
        "vw": bar.vwap,
    }


def limits_view(symbol: str, limits: PriceLimits) -> dict[str, Any]:
    """Limit up and limit down, without their time."""
    tape = asset_of(symbol).tape
    return {"u": limits.up / DOLLAR, "d": limits.down / DOLLAR, "i": "B", "z": tape}


# Codes and words of a status and its reason, by the plan that a tape belongs to: UTP for tape C,
# CTA for the others.
_UTP = {
    Status.HALTED: ("H", "Trading Halt", "T1", "Halt - News Pending"),
    Status.RESUMED: ("T", "Trading Resumption", "", ""),
    Status.RESTRICTED: ("E", "Short Sale Restriction", "A", "Activated"),
    Status.UNRESTRICTED: ("E", "Short Sale Restriction", "D", "Deactivated"),
}
_CTA = _UTP | {
    Status.HALTED: ("2", "Trading Halt", "D", "News Dissemination"),
    Status.RESUMED: ("3", "Resume", "", ""),
}


def status_view(symbol: str, status: Status) -> dict[str, Any]:
    """A trading status without its time."""
    tape = asset_of(symbol).tape
    words = (_UTP if tape == "C" else _CTA)[status]
    return dict(zip(("sc", "sm", "rc", "rm"), words, strict=True)) | {"z": tape}
