"""What the reducer asks for: each is carried out at the edge, and comes back as facts. Pure."""

import msgspec


class Post(msgspec.Struct, frozen=True):
    """Send this child, now or after `delay_ns`."""

    client_id: str
    delay_ns: int = 0


class Cancel(msgspec.Struct, frozen=True):
    """DELETE this child, now or after `delay_ns`."""

    client_id: str
    delay_ns: int = 0


class Read(msgspec.Struct, frozen=True):
    """Read this child's status, now or after `delay_ns`.

    `unless_told`: the delay is for the order stream to tell it; one that is down will not.
    """

    client_id: str
    delay_ns: int = 0
    unless_told: bool = False


class PriceFallback(msgspec.Struct, frozen=True):
    """Say at which limit a collared fallback may be sent now."""


class PriceStep(msgspec.Struct, frozen=True):
    """Say what the step in force costs, now or after `delay_ns`."""

    delay_ns: int = 0


Command = Post | Cancel | Read | PriceFallback | PriceStep
