"""The story of each order as the window heard it: facts in words, with time and source. No Qt."""

from dataclasses import dataclass
from enum import StrEnum

from core import facts as f
from core.events import Level, OrderChanged
from core.order_state import ParentOrder
from core.words import fact_sentence, fact_source, order_title


class Tone(StrEnum):
    """How an entry is marked, beside its words."""

    QUIET = "quiet"
    GOOD = "good"
    FILL = "fill"
    WARN = "warn"
    BAD = "bad"
    NEXT = "next"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `at` is the run's clock."""

    at: int
    sentence: str
    source: str
    tone: Tone = Tone.QUIET


class Stories:
    """What happened to every order, by its id."""

    def __init__(self) -> None:
        self._entries: dict[str, list[Entry]] = {}

    def add(self, change: OrderChanged) -> Entry | None:
        """Word one change; None for an order's state as replayed, of which we saw no fact."""
        entries = self._entries.setdefault(change.order.id, [])
        if change.fact is None:
            if not entries:
                entries.extend(_replayed(change.order))
            return None
        fact = change.fact
        words = fact_sentence(fact, change.order)
        entry = Entry(fact.at, words, fact_source(fact), tone_of(fact))
        entries.append(entry)
        return entry

    def of(self, order_id: str) -> tuple[Entry, ...]:
        """All entries of one order, oldest first."""
        return tuple(self._entries.get(order_id, ()))


_BAD = (f.PostRefused, f.VenueGone)
_WARN = (
    f.PostUnanswered,
    f.CancelAsked,
    f.CancelSent,
    f.CancelRefused,
    f.CancelFailed,
    f.NotFound,
    f.ReadFailed,
    f.DeadlineReached,
)


def tone_of(fact: f.AnyFact) -> Tone:
    """How a fact is marked."""
    if isinstance(fact, f.Reported):
        if fact.execution is not None:
            return Tone.FILL
        if fact.status in ("rejected", "expired"):
            return Tone.BAD
        return Tone.GOOD if fact.status in ("new", "filled", "canceled") else Tone.QUIET
    if isinstance(fact, _BAD):
        return Tone.BAD
    return Tone.WARN if isinstance(fact, _WARN) else Tone.QUIET


def level_of(tone: Tone) -> Level:
    """How loud an entry is in the log."""
    return {Tone.BAD: Level.ALARM, Tone.WARN: Level.WARNING}.get(tone, Level.INFO)


def _replayed(order: ParentOrder) -> tuple[Entry, ...]:
    """What can be told of an order whose facts came before this window."""
    words = f"{order_title(order)} accepted in an earlier run"
    return (Entry(order.started_ns, words, "journal"),)
