"""What a lost link means for orders that work, in sentences. Pure."""

from core.market.links import Link, LinkName
from core.market.time import NS


def lost(name: LinkName, working: int) -> str:
    """What will still happen to `working` orders while the link `name` is down."""
    return f"{_WHAT[name]} {_orders(working)}{_STILL[name]}" if working else _WHAT[name]


def back(name: LinkName) -> str:
    """That the link `name` works again."""
    return _BACK[name]


def standing(link: Link, now_ns: int) -> str:
    """Why the link is not up, and in how many seconds it is tried again."""
    seconds = -((now_ns - link.retry_ns) // NS)  # rounded up: what is shown is never too early
    if not link.retry_ns or seconds < 1:
        return link.detail
    return f"{link.detail}; next try in {seconds} s"


_WHAT = {
    LinkName.ORDERS: "The order stream is lost, so fills cannot be seen as they happen.",
    LinkName.QUOTES: "Quotes are lost. Sell and Buy refuse until they come again.",
    LinkName.REST: "Requests get no answer: nothing can be sent or cancelled now.",
}
_BACK = {
    LinkName.ORDERS: "The order stream is back; open orders are read for what was missed.",
    LinkName.QUOTES: "Quotes come again.",
    LinkName.REST: "Requests are answered again.",
}
_STILL = {
    LinkName.ORDERS: (
        " at the venue. Deadlines run on: each cancel goes by REST, and nothing falls back "
        "before REST proves the end."
    ),
    LinkName.QUOTES: (
        " at the price that stands. Deadlines run on; a step or a collar that needs a price "
        "waits for quotes."
    ),
    LinkName.REST: (
        " at the venue and may fill, which the stream tells. A cancel that is due is repeated "
        "until the venue answers, and nothing is sent in an order's place before that."
    ),
}


def _orders(working: int) -> str:
    return "1 order works on" if working == 1 else f"{working} orders work on"
