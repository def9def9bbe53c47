"""Sentences about a quote that prices nothing, and about the venue's time. Pure."""

from core.market.quotes import Quote, Unusable, is_delayed
from core.market.venue_time import Age, VenueTime, age
from core.wording.times import age as age_words
from core.wording.times import since


def why_unusable_words(why: Unusable, symbol: str, old: Age | None) -> str:
    """Why a quote may not price an order, with its age where that is why."""
    if why is Unusable.STALE and old is not None:
        return f"For {symbol} the newest quote is {age_words(old.ns)} old: it prices no order."
    return why.sentence(symbol)


def as_of(quote: Quote, old: Age | None) -> str:
    """When a quote was true, as read after "as of"; marked where its feed is delayed."""
    when = "an unknown time" if old is None else since(old.ns)
    return f"{when}, DELAYED" if is_delayed(quote) else when


def quote_light(
    quote: Quote, time: VenueTime | None, now_ns: int, max_age_ns: int
) -> tuple[str, str]:
    """What the light of the quotes says, and the sentences behind it.

    A feed is behind when what it delivers is too old as it comes.
    """
    delayed = is_delayed(quote)
    feed = "DELAYED" if delayed else quote.feed.upper()
    name = f"{quote.feed.upper() or 'quote'} feed"
    late = age(quote.exchange_ns, quote.received_ns, time)
    old = age(quote.exchange_ns, now_ns, time)
    if late is None or old is None:
        what, told = "age unknown", f"How old the latest quote of {quote.symbol} is, is not known."
    elif late.exceeds(max_age_ns) and now_ns - quote.received_ns <= max_age_ns:
        what = f"{age_words(late.ns)} behind"
        told = f"The {name} is {age_words(late.ns)} behind the venue's time: it prices no order."
    else:
        what = f"{age_words(old.ns)} old"
        told = f"The latest quote of {quote.symbol} on the {name} is {age_words(old.ns)} old."
    if delayed:
        told += " A DELAYED feed prices no order."
    return f"{feed}{', ' if feed else ''}{what}", told


def early_words(symbol: str, ahead_ns: int) -> str:
    """A quote was stamped ahead of the venue's time."""
    return (
        f"A quote of {symbol} was stamped {age_words(ahead_ns)} ahead of the venue's time and "
        "dropped, as all such are; the latest one before it stands."
    )


def wrong_clock(time: VenueTime) -> str:
    """How far the computer's clock is off; empty when it is not."""
    off = time.wrong_by()
    if not off:
        return ""
    way = "behind" if off > 0 else "ahead of"
    return (
        f"This computer's clock is {age_words(abs(off))} {way} the venue's. Touchline goes by the "
        "venue's time and trades as usual; times of day on the screen and in the journal are this "
        "computer's, so set its clock."
    )
