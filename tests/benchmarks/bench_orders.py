"""The order reducer: microseconds a fact, beside what one copy of the same record costs."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from time import perf_counter
from typing import Any

from msgspec.structs import replace

from core.market.prices import Side
from core.market.quotes import Quote
from core.market.time import NS
from core.orders.facts import (
    AnyFact,
    CancelSent,
    CancelTaken,
    DeadlineReached,
    Execution,
    OrderAccepted,
    PostSent,
    Reported,
    Source,
)
from core.orders.ids import client_id
from core.orders.plan import Instruction, Plan
from core.orders.reducer import reduce
from core.orders.state import ParentOrder

FACT = "order reducer, a fact of an order that falls back"
TARGETS = {FACT: 3.0, "order reducer, a partial fill": 3.0}

PRICE = Decimal("15.24")
L, M = client_id("o1", 1), client_id("o1", 2)
ROUNDS = 100


def best(work: Callable[[], Any], times: int, *, repeats: int = 40) -> float:
    """Microseconds for one call of `work`, the best of `repeats` series of `times` calls."""
    series = []
    for _ in range(repeats):
        start = perf_counter()
        for _ in range(times):
            work()
        series.append(perf_counter() - start)
    return min(series) / times * 1e6


def said(name: str, status: str, cum: int, at: int, *, filled: int = 0) -> Reported:
    """A frame of the stream; `filled` shares by an execution of their own."""
    return Reported(
        order_id="o1",
        at=at,
        client_id=name,
        source=Source.STREAM,
        broker_id=f"b-{name}",
        status=status,
        filled=Decimal(cum),
        avg_price=PRICE if cum else None,
        event="fill" if filled else status,
        execution=Execution(f"{name}-{cum}", Decimal(filled), PRICE, at) if filled else None,
        qty=Decimal(100),
    )


def story() -> list[AnyFact]:
    """A sell of 100: 40 fill, time runs out, the proven rest of 60 goes to market."""
    quote = Quote("UVXY", Decimal("15.23"), Decimal("15.32"), 900, 700, 0, 0, "iex")
    plan = Plan(Decimal("0.85"), Decimal(10))
    instruction = Instruction("i1", "UVXY", Side.SELL, Decimal(100), plan)
    late = 10 * NS
    return [
        OrderAccepted(
            order_id="o1",
            at=0,
            instruction=instruction,
            quote=quote,
            limit_price=PRICE,
            ticks_better=1,
            venue="embedded",
            account="A1",
        ),
        PostSent(order_id="o1", at=1, client_id=L),
        said(L, "new", 0, 2),
        said(L, "partially_filled", 10, 3, filled=10),
        said(L, "partially_filled", 25, 4, filled=15),
        said(L, "partially_filled", 40, 5, filled=15),
        DeadlineReached(order_id="o1", at=late),
        CancelSent(order_id="o1", at=late, client_id=L),
        CancelTaken(order_id="o1", at=late + 1, client_id=L),
        said(L, "pending_cancel", 40, late + 2),
        said(L, "canceled", 40, late + 3),
        PostSent(order_id="o1", at=late + 4, client_id=M),
        said(M, "new", 0, late + 5),
        said(M, "partially_filled", 20, late + 6, filled=20),
        said(M, "filled", 60, late + 7, filled=40),
    ]


def replay(facts: Iterable[AnyFact]) -> ParentOrder:
    """The order that the facts make."""
    order: ParentOrder | None = None
    for fact in facts:
        order, _ = reduce(order, fact)
    assert order is not None
    return order


def run() -> list[tuple[str, float, str]]:
    """Time of a whole story by fact, of one fill, and of the copy that no fact can do without."""
    facts = story()
    assert replay(facts).final
    each = best(lambda: replay(facts), ROUNDS) / len(facts)
    live = replay(facts[:4])
    fill = best(lambda: reduce(live, facts[4]), ROUNDS * 10)
    child = live.children[0]
    copy = best(lambda: replace(child, filled=PRICE, as_of=7), ROUNDS * 10)
    return [
        (FACT, each, "µs"),
        ("order reducer, a partial fill", fill, "µs"),
        ("one copy of the child's record", copy, "µs"),
        ("a fact, in copies", each / copy, "copies"),
    ]
