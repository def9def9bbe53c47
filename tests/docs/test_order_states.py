"""The page of states has every fact, rule and state, and every change seen in old journals."""

from core.orders.facts import AnyFact
from core.orders.state import Cause, Liveness, State
from tests.docs import order_states
from tests.docs.order_stories import NEW, Change, Seen, seen_earlier, seen_in_simulated_days

TEXT = order_states.PAGE.read_text(encoding="utf-8")
STALE = "run make order-states"


def test_the_page_has_every_fact_with_its_rule_and_every_cause() -> None:
    assert TEXT.startswith(order_states.unseen()), STALE


def test_every_fact_has_a_rule_and_every_rule_says_what_it_does() -> None:
    assert set(order_states.RULES) == set(AnyFact.__args__)
    assert [rule for rule in order_states.RULES.values() if not rule.__doc__] == []


def test_every_state_liveness_and_cause_says_what_it_means() -> None:
    for kind in (State, Liveness, Cause):
        assert set(order_states.comments(kind)) == set(kind.__members__)
        unsaid = [name for name, words in order_states.comments(kind).items() if not words]
        assert unsaid in ([], ["ATTENTION"]), kind


def test_every_change_in_an_earlier_version_s_journal_stands_on_the_page() -> None:
    told, seen = order_states.parts(TEXT), seen_earlier()
    assert seen.orders - told.orders == set(), STALE
    assert seen.children - told.children == set(), STALE


def test_so_does_every_change_of_the_first_simulated_days() -> None:
    told, seen = order_states.parts(TEXT), seen_in_simulated_days(range(1, 11))
    assert seen.orders - told.orders == set(), STALE
    assert seen.children - told.children == set(), STALE


def test_the_page_says_what_was_seen_and_nothing_else() -> None:
    told = order_states.parts(TEXT)
    assert order_states.page(told) == TEXT, STALE
    assert {change.before for change in told.orders} == {NEW, *State}
    assert {change.before for change in told.children} == {NEW, *Liveness}


def test_a_change_and_a_stay_of_the_same_fact_are_both_read_back() -> None:
    seen = Seen(
        frozenset(
            {
                Change("working", "Reported", "working"),
                Change("working", "Reported", "filled"),
                Change("working", "CancelTaken", "working"),
            }
        ),
        frozenset({Change(NEW, "OrderAccepted", "unsent")}),
    )
    assert order_states.parts(order_states.page(seen)) == seen
