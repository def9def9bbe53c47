"""The ways to the venue and how each of them stands. Plain data."""

from enum import StrEnum

import msgspec


class LinkName(StrEnum):
    """The three ways to the venue."""

    ORDERS = "orders"
    QUOTES = "quotes"
    REST = "rest"


class LinkState(StrEnum):
    """Where a link stands. `REFUSED` is final: the venue will not have us."""

    CONNECTING = "connecting"
    UP = "up"
    RECONNECTING = "reconnecting"
    DOWN = "down"
    REFUSED = "refused"


class Link(msgspec.Struct, frozen=True):
    """State of one link.

    `attempt` counts tries since it was last healthy, `rtt_ms` is the last heartbeat.
    `limited`: the venue says that another program has the connection.
    """

    name: LinkName
    state: LinkState
    since_ns: int
    detail: str = ""
    attempt: int = 0
    rtt_ms: float | None = None
    reconnected: bool = False
    limited: bool = False
