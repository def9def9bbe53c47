"""What the owner of the account has set: its configuration, and lists of symbols."""

from core.exchange.market.watchlist import Watchlist
from core.exchange.options import ExchangeOptions


class AccountSettings:
    """Alpaca's account configurations, as they are at the start, and no watchlists yet."""

    def __init__(self, options: ExchangeOptions) -> None:
        self.watchlists: dict[str, Watchlist] = {}
        self.configuration: dict[str, str | bool | int | None] = {
            "dtbp_check": "entry",
            "pdt_check": "entry",
            "fractional_trading": True,
            "max_margin_multiplier": "1",
            "no_shorting": not options.allow_short,
            "suspend_trade": False,
            "trade_confirm_email": "none",
            "disable_overnight_trading": True,
            "ptp_no_exception_entry": False,
            "max_options_trading_level": None,
        }
