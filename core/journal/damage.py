"""What is wrong with a journal, and how far it can be trusted."""

import zlib
from typing import NamedTuple

import msgspec

from core.orders.facts import AnyFact
from core.orders.state import ParentOrder


class JournalError(Exception):
    """The journal could not record; the sentence says why. Nothing may be sent after it."""


class Damage(msgspec.Struct, frozen=True):
    """The first record that cannot be trusted. `tail`: it alone is lost, and it is the last."""

    seq: int
    tail: bool
    missing: int = 0  # records gone from the end without a trace but the mark

    @property
    def what(self) -> str:
        """What is wrong, as the beginning of a sentence."""
        if self.missing > 1:
            return f"Records {self.seq} to {self.seq + self.missing - 1} are missing at the end"
        return f"Record {self.seq} is {'missing' if self.missing else 'damaged'}"


class Extent(msgspec.Struct):
    """How far a journal can be trusted: records, the checksum of the last, and what follows.

    `stopped`: the run that wrote the last of them went on and could record no more.
    """

    count: int = 0
    crc: int = 0
    damage: Damage | None = None
    stopped: bool = False


class Scan(msgspec.Struct):
    """The facts before the first damage, the last checksum among them, and that damage."""

    facts: list[AnyFact]
    crc: int = 0
    damage: Damage | None = None


class Ended(msgspec.Struct, frozen=True):
    """An order after which nothing is to come, as `rules` made it of its facts."""

    order: ParentOrder
    rules: str


class End(NamedTuple):
    """An `Ended` as it is stored: with the number of its order's last fact."""

    seq: int
    body: bytes
    crc: int

    def bound_to(self, sum_at_seq: int) -> bool:
        """Whether it was written for the fact that has this checksum."""
        return zlib.crc32(self.body, sum_at_seq) == self.crc
