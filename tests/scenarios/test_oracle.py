"""The oracle bites: with a bug planted in the program a scenario ends in the broken invariant."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.journal.file import JournalFile
from core.orders import child_record, fallback, next_action, permissions
from core.orders.commands import Command
from core.orders.facts import AnyFact, CancelTaken, PostSent, Reported
from core.orders.state import ChildKind, ChildOrder, ParentOrder
from core.orders.venue_answers import table, to_read
from core.risk import send_gate
from tests.support.trading import Trading, play


async def partly_filled_when_time_runs_out(t: Trading) -> None:
    """Forty fill before the deadline, twenty-five more during a slow cancel."""
    t.venue.travel["DELETE"] = 1.0
    order = await t.working()
    t.fill(order, 40)
    t.fill(await t.canceling(order), 25)
    await asyncio.sleep(30)


Plant = Callable[[pytest.MonkeyPatch], None]


def without_guards(patch: pytest.MonkeyPatch) -> None:
    """The program's own second and third look at every POST are gone."""
    patch.setattr(send_gate, "may_post", lambda order, name: True)
    patch.setattr(permissions, "may_post", lambda order, name: True)
    patch.setattr(to_read, "may_post", lambda order, name: True)
    patch.setattr(next_action, "_withhold", lambda order, at: order)
    patch.setattr(next_action, "_too_much_is_live", lambda order: False)


def fallback_for_all_that_was_asked(patch: pytest.MonkeyPatch) -> None:
    without_guards(patch)
    patch.setattr(ParentOrder, "rest", property(lambda order: order.qty))


def fallback_before_the_proof(patch: pytest.MonkeyPatch) -> None:
    """The taken DELETE counts as the end."""

    def rule(order: ParentOrder, child: object, fact: AnyFact) -> object:
        commands: list[Command] = []
        return fallback.add_fallback(order, ChildKind.MARKET, None, commands), commands

    without_guards(patch)
    patch.setitem(table.CHILD_RULES, CancelTaken, rule)


def post_before_the_record(patch: pytest.MonkeyPatch) -> None:
    write = JournalFile.append

    def forgetful(self: JournalFile, facts: list[AnyFact]) -> None:
        kept = [f for f in facts if not isinstance(f, PostSent)]
        if kept:
            write(self, kept)

    patch.setattr(JournalFile, "append", forgetful)


def a_fill_counted_twice(patch: pytest.MonkeyPatch) -> None:
    """Executions are added up instead of believing the venue's own number."""
    real = child_record.absorb

    def absorb(child: ChildOrder, fact: Reported) -> tuple[ChildOrder, str]:
        changed, doubt = real(child, fact)
        if fact.execution is not None:
            changed = replace(changed, filled=child.filled + fact.execution.qty * 2)
        return changed, doubt

    patch.setattr(child_record, "absorb", absorb)


@pytest.mark.parametrize(
    ("plant", "rules"),
    [
        (fallback_for_all_that_was_asked, ("I1", "I7")),
        (fallback_before_the_proof, ("I7",)),
        (post_before_the_record, ("I3", "I6")),
        (a_fill_counted_twice, ("I4",)),
    ],
)
def test_a_planted_bug_breaks_the_invariants_it_should(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: Plant, rules: tuple[str, ...]
) -> None:
    plant(monkeypatch)
    with pytest.raises(AssertionError) as breach:
        play(partly_filled_when_time_runs_out, tmp_path)
    for rule in rules:
        assert f"{rule} " in str(breach.value)


def test_without_a_bug_that_scenario_breaks_nothing(tmp_path: Path) -> None:
    play(partly_filled_when_time_runs_out, tmp_path)
