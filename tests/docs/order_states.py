"""Writes docs/order-states.md from the reducer's own tables, and from what it does with facts.

`make order-states`, or `python -m tests.docs.order_states`.
"""

import ast
import inspect
import io
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any

from core.orders import reducer, state
from core.orders.facts import AnyFact
from core.orders.state import FINAL, Cause, Liveness, State
from core.orders.venue_answers.table import CHILD_RULES
from tests.docs.order_stories import NEW, SEEDS, Change, Seen, seen_earlier, seen_in_simulated_days
from tests.support.commands import ROOT

PAGE = ROOT / "docs" / "order-states.md"
RULES: dict[type, Callable[..., Any]] = {**reducer.PARENT_RULES, **CHILD_RULES}
STAYS = "stays"

HEAD = f"""\
# The states of an order

What can become known about an order, the rule that takes each fact in, and where facts lead.
Made by `make order-states` from the reducer's own tables; do not edit.

A fact goes to one rule. The rule writes down what is now known; then `settle` in
`core/orders/next_action.py`, the same after every fact, decides what follows and names the state
anew. So there is no table of transitions in the code. Those below were seen: every change in the
journals of `tests/earlier` and of {len(SEEDS):,} simulated days (seeds {SEEDS.start} to
{SEEDS.stop - 1:,}), told to the reducer again. A change that is rarer than that is missing here,
and no less allowed.
"""

CHILDREN = """\
## One order at the venue: liveness

An order of Touchline has children, the orders at the venue: a limit, another one for each step
or price set by hand, a fallback. Two things are known of a child and never mixed: how many shares
the venue says are filled, and whether it can still fill. Silence, a 404, a failed read and a
timer prove nothing by themselves. *Dead* needs the venue's final record, or one of the ends that
`core/orders/child_record.py` names: it never left, the POST was refused, read after read finds
nothing of a POST that went unanswered, a replacement that did not come about, an embedded exchange
that ended with its orders.
"""


def unseen() -> str:
    """The part of the page that needs no stories: facts with their rules, and causes."""
    return "\n".join([HEAD, *_facts(), *_causes()])


def page(seen: Seen) -> str:
    """The whole page."""
    lines = [unseen(), "## The order's state", "", *_states(State, seen.orders)]
    lines += [CHILDREN, *_states(Liveness, seen.children)]
    return "\n".join(lines).rstrip("\n") + "\n"


# ---- facts, rules, causes -------------------------------------------------------------------


def _facts() -> Iterator[str]:
    yield "## Facts about an order\n"
    yield from _rules(reducer.PARENT_RULES)
    yield "\n`OrderAccepted` is also the first fact of every order: `open_order` makes it.\n"
    yield "## Facts about one order at the venue\n"
    yield from _rules(CHILD_RULES)
    yield "\nAn order under one of our ids that a read finds and the journal does not know becomes"
    yield "a child first (`_adopted`). A fact about any other unknown child changes nothing.\n"


def _rules(table: dict[type, Callable[..., Any]]) -> Iterator[str]:
    yield "| Fact | What it says | Rule | What the rule does |"
    yield "|---|---|---|---|"
    for fact in AnyFact.__args__:
        if fact in table:
            rule = table[fact]
            where = f"`{rule.__name__}` in `{_file(rule)}`"
            yield f"| `{fact.__name__}` | {_first_line(fact)} | {where} | {_first_line(rule)} |"


def _file(rule: Callable[..., Any]) -> str:
    return f"{rule.__module__.replace('.', '/')}.py"


def _first_line(thing: Any) -> str:
    words = inspect.getdoc(thing) or ""
    return words.partition("\n")[0]


def _causes() -> Iterator[str]:
    yield "## Why it is being cancelled\n"
    yield "The cause decides what follows the cancel (`Cause` in `core/orders/state.py`).\n"
    yield "| Cause | |"
    yield "|---|---|"
    meanings = comments(Cause)
    for cause in Cause:
        yield f"| {cause.value or 'none'} | {meanings[cause.name]} |"
    yield ""


def comments(kind: type[StrEnum]) -> dict[str, str]:
    """What stands as a comment beside each member of an enum of `core.orders.state`."""
    source = inspect.getsource(state)
    written = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    (body,) = (
        node.body
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and node.name == kind.__name__
    )
    return {
        node.targets[0].id: " ".join(written[n] for n in _lines(node) if n in written)
        for node in body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


def _lines(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


# ---- states ---------------------------------------------------------------------------------


def _states(kind: type[StrEnum], seen: Iterable[Change]) -> Iterator[str]:
    names = [NEW, *(each.value for each in kind)]
    changes = sorted(seen, key=lambda c: (names.index(c.before), names.index(c.after)))
    meanings = {each.value: comments(kind)[each.name] for each in kind}
    yield "| State | | Leads to |"
    yield "|---|---|---|"
    for name in names[1:]:
        after = dict.fromkeys(c.after for c in changes if c.before == name and c.after != name)
        yield f"| {_titled(kind, name)} | {meanings[name]} | {', '.join(after)} |"
    yield ""
    for name in names:
        yield from _one(name, [c for c in changes if c.before == name])


def _titled(kind: type[StrEnum], name: str) -> str:
    return f"{name} (final)" if kind is State and State(name) in FINAL else name


def _one(name: str, changes: list[Change]) -> Iterator[str]:
    """Where each fact leads from one state; those that never change it in one line."""
    leads: dict[str, list[str]] = {}
    for change in sorted(changes, key=lambda c: c.after == name):
        after = STAYS if change.after == name else change.after
        leads.setdefault(change.fact, []).append(after)
    yield f"### From {name}\n"
    rows = {fact: after for fact, after in leads.items() if after != [STAYS]}
    if rows:
        yield "| Fact | Leads to |"
        yield "|---|---|"
    for fact in RULES:
        if fact.__name__ in rows:
            yield f"| `{fact.__name__}` | {', '.join(rows[fact.__name__])} |"
    if rows:
        yield ""
    same = [f"`{f.__name__}`" for f in RULES if leads.get(f.__name__) == [STAYS]]
    if same:
        yield f"Stays with {', '.join(same)}.\n"


def changes_on(part: str) -> set[Change]:
    """The changes that a part of the page tells of."""
    found: set[Change] = set()
    name = ""
    for line in part.splitlines():
        if line.startswith("### From "):
            name = line.removeprefix("### From ")
        elif name and (row := re.fullmatch(r"\| `(\w+)` \| (.+) \|", line)):
            for after in row[2].split(", "):
                found.add(Change(name, row[1], name if after == STAYS else after))
        elif name and line.startswith("Stays with "):
            found.update(Change(name, fact, name) for fact in re.findall(r"`(\w+)`", line))
    return found


def parts(text: str) -> Seen:
    """All changes on the page."""
    orders, found, children = text.partition(CHILDREN)
    assert found
    return Seen(frozenset(changes_on(orders)), frozenset(changes_on(children)))


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(seen_earlier() | seen_in_simulated_days()), encoding="utf-8")


if __name__ == "__main__":
    main()
