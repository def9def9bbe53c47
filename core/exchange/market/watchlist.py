"""A client's own list of symbols."""

import msgspec


class Watchlist(msgspec.Struct, frozen=True):
    """`symbols` in the order in which they were put on; times are nanoseconds since 1970."""

    id: str
    name: str
    created_ns: int
    updated_ns: int
    symbols: tuple[str, ...] = ()
