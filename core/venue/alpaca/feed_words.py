"""What is said when the data host keeps a feed back: keys, plan and host are told apart. Pure."""

_OF_EVERY_PLAN = "iex"
UNTOUCHED = "Keys, orders and cancels are not affected."


def not_in_plan(feed: str) -> str:
    """That the plan lacks the feed, and which one it has."""
    words = f"Your plan has no {feed.upper()} quotes, so nothing has a price. {UNTOUCHED}"
    if feed == _OF_EVERY_PLAN:
        return words
    return (
        f"{words} Every plan has quotes of IEX: start Touchline with "
        f"TOUCHLINE_FEED={_OF_EVERY_PLAN} to see them."
    )


def no_data(why: str) -> str:
    """That these keys get no market data at all."""
    return f"The venue gives these keys no market data ({why}), so nothing has a price. {UNTOUCHED}"
