"""What a venue answers, as the fact that it is about our child."""

from decimal import Decimal

import pytest

from core.market.prices import Side
from core.orders.facts import (
    CancelFailed,
    CancelRefused,
    CancelTaken,
    ChildFact,
    Execution,
    NotFound,
    PostRefused,
    PostUnanswered,
    ReadFailed,
    Reported,
    Source,
)
from core.venue.interface import Absent, CancelReply, OrderReport, Refused, Taken, Unanswered
from core.venue.reply_facts import cancel_fact, post_fact, read_fact

OURS = ("o1", "tl-o1-1", 7)
LIMIT, SHARES = Decimal("15.24"), Decimal(100)
REPORT = OrderReport(
    client_id="what the venue calls it",
    source=Source.POST,
    broker_id="b1",
    status="partially_filled",
    filled=Decimal(40),
    avg_price=LIMIT,
    event="partial_fill",
    execution=Execution("e1", Decimal(40), LIMIT, 5),
    symbol="UVXY",
    side=Side.SELL,
    qty=SHARES,
    limit_price=LIMIT,
    replaced_by="b2",
    reason="so",
)


def test_a_report_is_a_fact_about_the_child_that_it_was_asked_for() -> None:
    told = Reported(
        order_id="o1",
        at=7,
        client_id="tl-o1-1",
        source=Source.POST,
        broker_id="b1",
        status="partially_filled",
        filled=Decimal(40),
        avg_price=LIMIT,
        event="partial_fill",
        execution=Execution("e1", Decimal(40), LIMIT, 5),
        qty=SHARES,
        limit_price=LIMIT,
        replaced_by="b2",
        reason="so",
    )
    assert REPORT.as_fact(*OURS) == told
    assert post_fact(*OURS, REPORT) == read_fact(*OURS, REPORT) == told


def test_a_post_is_refused_for_a_reason_or_stays_unanswered() -> None:
    no = Refused("too many", code="429", shares_reserved=True, opposed=True, retry_after=2.0)
    fact = post_fact(*OURS, no)
    assert isinstance(fact, PostRefused)
    assert (fact.message, fact.code, fact.retry_after) == ("too many", "429", 2.0)
    assert (fact.shares_reserved, fact.opposed) == (True, True)
    fact = post_fact(*OURS, Unanswered("reset"))
    assert isinstance(fact, PostUnanswered)
    assert fact.reason == "reset"


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Taken(), CancelTaken, ""),
        (Unanswered("reset"), CancelFailed, "reset"),
        (Refused("slow down", retry_after=1.0), CancelFailed, "slow down"),
        (Refused("filled"), CancelRefused, "filled"),
        (Absent(), CancelRefused, "no such order"),
    ],
)
def test_a_cancel_is_taken_refused_or_has_failed(
    reply: CancelReply, kind: type[ChildFact], words: str
) -> None:
    fact = cancel_fact(*OURS, reply)
    assert isinstance(fact, kind)
    assert getattr(fact, "message", getattr(fact, "reason", "")) == words


def test_a_read_that_finds_nothing_is_not_one_that_failed() -> None:
    assert isinstance(read_fact(*OURS, Absent()), NotFound)
    fact = read_fact(*OURS, Unanswered("reset"))
    assert isinstance(fact, ReadFailed)
    assert fact.reason == "reset"
