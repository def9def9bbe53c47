"""The ways to the venue and how each of them stands. Plain data."""

from enum import StrEnum

import msgspec


class LinkName(StrEnum):
    """The three ways to the venue."""

    ORDERS = "orders"
    QUOTES = "quotes"
    REST = "rest"


class LinkState(StrEnum):
    """Where a link stands. `REFUSED` is final: the venue will not have us.

    `LIMITED`: the venue counts another connection of this account, which may be a dead one of
    ours (it lets go of those after some 90 s); the login is tried on.
    """

    CONNECTING = "connecting"
    UP = "up"
    RECONNECTING = "reconnecting"
    DOWN = "down"
    REFUSED = "refused"
    LIMITED = "limited"


class Link(msgspec.Struct, frozen=True):
    """State of one link.

    `attempt` counts tries since it was last healthy, `rtt_ms` is the last heartbeat,
    `retry_ns` when the next try is due on the run's clock; 0 while none waits.
    """

    name: LinkName
    state: LinkState
    since_ns: int
    detail: str = ""
    attempt: int = 0
    rtt_ms: float | None = None
    reconnected: bool = False
    retry_ns: int = 0
