"""Ids as Alpaca writes them, drawn from seeded chance: one seed gives the same ids in every run."""

from random import Random
from uuid import UUID

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Ids:
    """The ids of one account, one after the other."""

    def __init__(self, seed: str) -> None:
        self._chance = Random(seed)

    def uuid(self) -> str:
        """For an account, an order or an execution."""
        return str(UUID(int=self._chance.getrandbits(128), version=4))

    def ulid(self, now_ns: int) -> str:
        """For a trade update: sorts by time."""
        value = (now_ns // 1_000_000) << 80 | self._chance.getrandbits(80)
        return "".join(_CROCKFORD[value >> shift & 31] for shift in range(125, -1, -5))
