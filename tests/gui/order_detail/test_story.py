"""The story of an order in words: what is heard, what the journal tells, and both as one."""

from decimal import Decimal

from msgspec.structs import replace

from core.analysis.benchmark import figures
from core.engine.events import OrderChanged
from core.market.time import NS
from core.orders import facts as f
from core.orders.facts import Execution
from core.orders.plan import Preview
from core.orders.state import State
from gui.order_detail.story import (
    MAX_ENDED_STORIES,
    Stories,
    StoryEntry,
    Tone,
    countdown_of,
    entry_of,
    first_time,
    last_entry,
    shortened,
    story_pages,
    text_of,
)
from tests.support.scripted_orders import START_NS, ScriptedOrder

D = Decimal
MIDDLE = "\N{MIDDLE DOT}"


def heard(told: ScriptedOrder) -> Stories:
    stories = Stories()
    for change in told.changes:
        stories.add(change)
    return stories


def facts(told: ScriptedOrder) -> list[f.AnyFact]:
    return [change.fact for change in told.changes if change.fact is not None]


def test_each_entry_tells_its_source_and_how_long_after_the_click() -> None:
    told = ScriptedOrder().wait(0.002).sent().wait(0.019).reported("new")
    clicked, sent, live = heard(told).of("a1")
    assert clicked.note == f"you {MIDDLE} preview kept"
    assert sent.note == f"Touchline {MIDDLE} 2 ms after the click"
    assert live.note == f"stream {MIDDLE} 21 ms after the click"


def test_a_fill_shows_the_beginning_of_its_execution_and_has_it_whole_on_demand() -> None:
    name = "7f3a9c1e-55aa-4c1b-9d6e-0123456789ab"
    told = ScriptedOrder().working().wait(3.1)
    told.reported("partially_filled", 400, Execution(name, D(400), D("15.24"), told.at))
    fill = heard(told).of("a1")[-1]
    assert "execution 7f3a9c1e\N{HORIZONTAL ELLIPSIS}" in fill.note
    assert name not in fill.note
    assert f"execution {name}" in fill.full
    assert fill.full.startswith("2027-01-15 03:00:03.100  filled 400")
    assert shortened("a1-400") == "a1-400"


def test_the_brokers_own_words_and_code_stand_in_full() -> None:
    told = ScriptedOrder().sent()
    words = "insufficient qty available for order (requested: 1000, available: 400)"
    change = told.take(
        f.PostRefused(
            order_id="a1", at=told.at, client_id=told.child_id, message=words, code="40310000"
        )
    )
    assert change.fact is not None
    entry = entry_of(change.fact, change.order)
    assert words in entry.sentence
    assert "the venue's code 40310000" in entry.note
    assert entry.tone is Tone.BAD


def test_what_stood_on_the_ticket_is_told_on_demand() -> None:
    change = ScriptedOrder().changes[0]
    assert isinstance(change.fact, f.OrderAccepted)
    lines = ("SELL 1,000 UVXY @ 15.24", "+1 tick, +$10.00 vs the bid")
    shown = Preview(D("15.23"), D("15.32"), D("15.24"), 1, lines=lines)
    fact = replace(change.fact, instruction=replace(change.fact.instruction, preview=shown))
    assert entry_of(fact, change.order).tip.split("\n")[1:] == [
        "As it stood on the ticket:",
        *lines,
    ]
    bare = replace(fact, instruction=replace(fact.instruction, preview=None))
    assert "no preview kept" in entry_of(bare, change.order).note


def test_what_happens_next_counts_down_and_an_end_tells_what_it_came_to() -> None:
    told = ScriptedOrder().working()
    ahead = last_entry(told.order, told.at)
    assert (ahead.at, ahead.tone) == (START_NS + 10 * NS, Tone.NEXT)
    assert countdown_of(told.order, told.at + 4 * NS) == "in 6.0 s"
    told.wait(10).timed_out()
    proof = last_entry(told.order, told.at)
    assert (proof.at, proof.sentence) == (None, "waiting for proof, then 1,000 to market")
    assert countdown_of(told.order, told.at + NS) == "for 1.0 s"
    held = ScriptedOrder("a2").working()
    held.take(f.DeadlineMoved(order_id="a2", at=held.at, deadline_ns=None))
    assert countdown_of(held.order, held.at) == ""
    done = ScriptedOrder("a3").working().wait(2).filled(1000, 1000)
    end = last_entry(done.order, done.at)
    assert end.sentence == f"filled {MIDDLE} +$10.00 vs the bid at the click"
    assert (end.tone, end.after_ns) == (Tone.GOOD, 2 * NS)
    assert countdown_of(done.order, done.at) == ""


def test_the_first_time_has_its_date_unless_that_is_today() -> None:
    entry = StoryEntry(START_NS, "x")
    assert first_time(entry, START_NS + NS) == "03:00:00.000"
    assert first_time(entry, START_NS + 48 * 3600 * NS) == "2027-01-15\n03:00:00.000"
    assert first_time(StoryEntry(None, "x"), START_NS) == ""


def test_an_order_found_at_the_start_is_told_again_as_it_was_then() -> None:
    told = ScriptedOrder().working().wait(1).filled(400, 400)
    stories = Stories()
    stories.add(OrderChanged(told.order, None))
    assert [entry.sentence for entry in stories.of("a1")] == [
        "what came before is being read from the journal"
    ]
    assert not stories.story("a1").whole
    assert stories.put_past("a1", story_pages(facts(told)))
    assert stories.of("a1") == heard(told).of("a1")
    assert stories.story("a1").whole


def test_what_was_heard_while_the_journal_was_read_is_told_once() -> None:
    told = ScriptedOrder().working()
    stories = Stories()
    stories.add(OrderChanged(told.order, None))
    for change in (told.wait(1).filled(400, 400).changes[-1], told.filled(1, 401).changes[-1]):
        stories.add(change)
    assert stories.put_past("a1", story_pages(facts(told)[:-1])), (
        "one of the two is recorded already"
    )
    assert stories.of("a1") == heard(told).of("a1")


def test_a_journal_that_is_not_so_far_yet_is_to_be_asked_again() -> None:
    told = ScriptedOrder().working()
    stories = Stories()
    stories.add(OrderChanged(told.order, None))
    assert not stories.put_past("a1", story_pages(facts(told)[:-1]))
    assert not stories.put_past("a1", ())
    assert stories.put_past("a1", story_pages(facts(told)))


def test_an_order_heard_from_its_first_fact_on_needs_no_journal() -> None:
    told = ScriptedOrder().working()
    stories = heard(told)
    assert stories.story("a1").whole
    stories.add(OrderChanged(told.order, None))
    assert len(stories.of("a1")) == 3


def test_trouble_with_the_journal_stands_in_the_story() -> None:
    told = ScriptedOrder().working()
    stories = Stories()
    stories.add(OrderChanged(told.order, None))
    stories.put_trouble(told.order, "Record 3 of the journal is damaged.")
    (entry,) = stories.of("a1")
    assert (entry.sentence, entry.tone) == ("Record 3 of the journal is damaged.", Tone.BAD)


def test_the_copied_story_holds_lines_preview_and_figures() -> None:
    told = ScriptedOrder().working().wait(1).filled(1000, 1000)
    assert told.order.state is State.FILLED
    text = text_of(told.order, heard(told).of("a1"), figures(told.order, None))
    assert text.startswith(
        "SELL 1,000 UVXY (order a1, embedded account A)\n2027-01-15 03:00:00.000"
    )
    assert "limit: 15.24, 15.24\n" in text
    assert "twin: crossed at send: 15.23\n" in text
    assert "execution a1-1000" in text


def test_a_long_story_is_gone_on_with_from_where_it_stood() -> None:
    told = ScriptedOrder().working()
    stories = Stories()
    stories.add(OrderChanged(told.order, None))
    stories.add(told.filled(1, 1).changes[-1])
    story = stories.story("a1")
    stories.put_past("a1", story_pages(facts(told)))
    assert len(story.since(0)) == 4
    assert story.since(2) == (story.before[2], story.heard[0])
    assert story.since(4) == ()


def ended(name: str) -> ScriptedOrder:
    return ScriptedOrder(name).working().filled(1000, 1000)


def test_stories_that_ended_long_ago_are_let_go_and_told_again_from_the_journal() -> None:
    stories, working = Stories(), ScriptedOrder("working").working()
    many = [ended(f"o{number}") for number in range(MAX_ENDED_STORIES + 2)]
    for told in (working, *many):
        for change in told.changes:
            stories.add(change)
    whole = stories.of("o1")
    stories.drop_oldest_ended("o0")
    assert stories.of("o0"), "the one in hand stays"
    assert stories.of("working")
    assert not stories.of("o1")
    assert not stories.of("o2")
    assert stories.of("o3")
    assert not stories.story("o1").whole
    assert stories.put_past("o1", story_pages(facts(many[1])))
    assert stories.of("o1") == whole
