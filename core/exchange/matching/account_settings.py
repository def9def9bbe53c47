"""The settings of an account that its owner may change (Alpaca's account configurations)."""

from core.exchange.options import ExchangeOptions


def configuration(options: ExchangeOptions) -> dict[str, str | bool]:
    """As they are at the start."""
    return {
        "dtbp_check": "entry",
        "pdt_check": "entry",
        "fractional_trading": True,
        "max_margin_multiplier": "1",
        "no_shorting": not options.allow_short,
        "suspend_trade": False,
        "trade_confirm_email": "none",
        "disable_overnight_trading": True,
        "ptp_no_exception_entry": False,
    }
