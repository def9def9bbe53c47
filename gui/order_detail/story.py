"""The story of each order: its facts in words, with time and source. No Qt.

What the window heard itself is worded as it comes; what came before is read from the journal
and worded by the same rules, so that a restart tells the same story.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from core.analysis.benchmark import Metric
from core.analysis.preview_outcome import compared
from core.engine.events import Level, OrderChanged
from core.orders import facts as f
from core.orders.reducer import reduce
from core.orders.state import ParentOrder, State
from core.wording.fact_words import fact_sentence, told_from
from core.wording.next_step import due_step, ended, next_step, state_words
from core.wording.numbers import DOT
from core.wording.order_words import order_title
from core.wording.times import clock_time, latency, market_day, seconds

MAX_ENDED_STORIES = 500  # stories of ended orders: a day has thousands of some twenty facts each
_SHORT_ID = 8
_PENDING = "what came before is being read from the journal"


class Tone(StrEnum):
    """How an entry is marked, beside its words."""

    QUIET = "quiet"
    GOOD = "good"
    FILL = "fill"
    WARN = "warn"
    BAD = "bad"
    NEXT = "next"


@dataclass(frozen=True, slots=True)
class StoryEntry:
    """One thing that happened. `at` is the run's clock, None where nothing says when.

    `after_ns` is since the click. `source` is who told it; `mark` what else stands beneath it,
    `execution` the venue's id of a fill, and `more` what is told on demand.
    """

    at: int | None
    sentence: str
    source: str = ""
    tone: Tone = Tone.QUIET
    after_ns: int | None = None
    mark: str = ""
    execution: str = ""
    more: str = ""

    @property
    def told_by(self) -> str:
        """Who told it, and the beginning of the execution's id of a fill."""
        short = f"execution {shortened(self.execution)}" if self.execution else ""
        return ", ".join(part for part in (self.source, short) if part)

    @property
    def note(self) -> str:
        """The small line beneath it."""
        parts = (self.told_by, self.mark, self._latency)
        return f" {DOT} ".join(part for part in parts if part)

    @property
    def _latency(self) -> str:
        return f"{latency(self.after_ns)} after the click" if self.after_ns else ""

    @property
    def full(self) -> str:
        """All of it in one line: the whole time, who told it, the execution's whole id."""
        when = "" if self.at is None else f"{market_day(self.at)} {clock_time(self.at)}  "
        execution = f"execution {self.execution}" if self.execution else ""
        parts = (self.source, execution, self.mark, self._latency)
        note = ", ".join(part for part in parts if part)
        return f"{when}{self.sentence} ({note})" if note else f"{when}{self.sentence}"

    @property
    def tip(self) -> str:
        """The same, and what is told on demand."""
        return f"{self.full}\n{self.more}" if self.more else self.full


def shortened(name: str) -> str:
    """The beginning of a long id."""
    ellipsis = "\N{HORIZONTAL ELLIPSIS}"
    return name if len(name) <= _SHORT_ID + 1 else f"{name[:_SHORT_ID]}{ellipsis}"


class StoryPage(NamedTuple):
    """A fact of the journal, the state after it and its entry."""

    fact: f.AnyFact
    order: ParentOrder
    entry: StoryEntry


def story_pages(facts: Iterable[f.AnyFact]) -> tuple[StoryPage, ...]:
    """An order's facts from its first on, as the journal has them."""
    order: ParentOrder | None = None
    told = []
    for fact in facts:
        order = reduce(order, fact)[0]
        told.append(StoryPage(fact, order, entry_of(fact, order)))
    return tuple(told)


@dataclass(slots=True)
class Story:
    """The entries of one order: those read from the journal, and then those heard.

    `whole` once nothing that came before is missing. `version` changes when entries do that
    were there already. `found` is the state as the window first was told it.
    """

    before: tuple[StoryEntry, ...] = ()
    heard: list[StoryEntry] = field(default_factory=list)
    first_heard: f.AnyFact | None = None
    found: ParentOrder | None = None
    whole: bool = False
    version: int = 0

    def since(self, count: int) -> tuple[StoryEntry, ...]:
        """The entries after the first `count`."""
        known = len(self.before)
        return (*self.before[count:], *self.heard[max(count - known, 0) :])

    def put_before(self, before: tuple[StoryEntry, ...]) -> None:
        """What came before the window heard of it."""
        self.before = before
        self.version += 1


class Stories:
    """What happened to orders, by their ids: to all that work, and to those that ended last.

    A story that was let go of is read from the journal when it is wanted again.
    """

    def __init__(self) -> None:
        self._stories: dict[str, Story] = {}
        self._ended: dict[str, None] = {}  # in the order in which they ended

    def story(self, order_id: str) -> Story:
        """The story of one order, which may be told only in part yet."""
        return self._stories.setdefault(order_id, Story())

    def of(self, order_id: str) -> tuple[StoryEntry, ...]:
        """All entries of one order, oldest first."""
        return self.story(order_id).since(0)

    def add(self, change: OrderChanged) -> StoryEntry | None:
        """Word one change; None for an order's state as replayed, of which we saw no fact."""
        story, order = self.story(change.order.id), change.order
        if order.final:
            self._ended[order.id] = None
        if change.fact is None:
            if not story.before and not story.heard:
                story.found = order
                story.put_before((StoryEntry(order.started_ns, _PENDING, "journal"),))
            return None
        entry = entry_of(change.fact, order)
        if story.first_heard is None:
            story.first_heard = change.fact
            story.whole = story.whole or isinstance(change.fact, f.OrderAccepted)
        story.heard.append(entry)
        return entry

    def put_past(self, order_id: str, told: tuple[StoryPage, ...]) -> bool:
        """Put what the journal tells before what was heard; False: the journal is not so far yet.

        It may tell of what was heard as well, which then is told once.
        """
        story = self.story(order_id)
        facts = [each.fact for each in told]
        heard = story.first_heard
        end = facts.index(heard) if heard is not None and heard in facts else len(facts)
        story.put_before(tuple(each.entry for each in told[:end]))
        if told and told[-1].order.final:
            self._ended[order_id] = None
        story.whole = story.found is None or (end > 0 and told[end - 1].order == story.found)
        return story.whole

    def drop_oldest_ended(self, in_hand: str) -> None:
        """Forget the stories that ended first, beyond those kept; never the one in hand."""
        surplus = len(self._ended) - MAX_ENDED_STORIES
        if surplus > 0:
            for order_id in [each for each in self._ended if each != in_hand][:surplus]:
                del self._ended[order_id]
                self._stories.pop(order_id, None)

    def put_trouble(self, order: ParentOrder, sentence: str) -> None:
        """Say that what came before cannot be read, and why."""
        self.story(order.id).put_before(
            (StoryEntry(order.started_ns, sentence, "journal", Tone.BAD),)
        )


# ---- entries ----------------------------------------------------------------------------------


def entry_of(fact: f.AnyFact, order: ParentOrder) -> StoryEntry:
    """A fact in words; `order` is the state after it."""
    execution = fact.execution if isinstance(fact, f.Reported) else None
    return StoryEntry(
        fact.at,
        fact_sentence(fact, order),
        told_from(fact),
        tone_of(fact),
        fact.at - order.started_ns,
        _mark(fact),
        execution.id if execution else "",
        _shown_then(fact),
    )


def _mark(fact: f.AnyFact) -> str:
    if isinstance(fact, f.OrderAccepted):
        return "preview kept" if fact.instruction.preview else "no preview kept"
    if isinstance(fact, f.PostRefused) and fact.code:
        return f"the venue's code {fact.code}"
    return ""


def _shown_then(fact: f.AnyFact) -> str:
    """Everything that stood on the ticket at the click."""
    if not isinstance(fact, f.OrderAccepted) or fact.instruction.preview is None:
        return ""
    lines = fact.instruction.preview.lines
    return "\n".join(("As it stood on the ticket:", *lines)) if lines else ""


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


_ENDS = {
    State.FILLED: Tone.GOOD,
    State.REJECTED: Tone.BAD,
    State.EXPIRED: Tone.BAD,
    State.ATTENTION: Tone.BAD,
}


def last_entry(order: ParentOrder, now_ns: int) -> StoryEntry:
    """What stands at the end: what happens next if nobody does anything, or how it ended."""
    if order.final:
        words = f" {DOT} ".join(part for part in (state_words(order), ended(order)) if part)
        after = None if order.ended_ns is None else order.ended_ns - order.started_ns
        tone = _ENDS.get(order.state, Tone.QUIET)
        return StoryEntry(order.ended_ns, words, "Touchline", tone, after)
    if (due := due_step(order)) is not None:
        return StoryEntry(due[0], due[1], "if nobody does anything", Tone.NEXT)
    step = next_step(order, now_ns)
    return StoryEntry(None, f"{step.lead}{step.tail}", "", Tone.NEXT)


def countdown_of(order: ParentOrder, now_ns: int) -> str:
    """How long until what happens next, or how long it has been waited for."""
    if order.final:
        return ""
    if (due := due_step(order)) is not None:
        return f"in {seconds(due[0] - now_ns)}"
    waited = next_step(order, now_ns).time
    return f"for {waited}" if waited else ""


def first_time(entry: StoryEntry, now_ns: int) -> str:
    """The time of the first entry: whole, and with its date unless that is today's."""
    if entry.at is None:
        return ""
    clock = clock_time(entry.at)
    day = market_day(entry.at)
    return clock if day == market_day(now_ns) else f"{day}\n{clock}"


def text_of(order: ParentOrder, entries: Iterable[StoryEntry], figures: Iterable[Metric]) -> str:
    """The whole story for the clipboard."""
    lines = [f"{order_title(order)} (order {order.id}, {order.venue} account {order.account})"]
    for entry in entries:
        lines += entry.tip.split("\n")
    lines += ["", "shown at the click, and what came of it:"]
    lines += [f"{each.name}: {each.shown}, {each.came}" for each in compared(order)]
    lines += ["", "against crossing at the click:"]
    lines += [f"{each.name}: {each.value}" for each in figures]
    return "\n".join(lines) + "\n"
