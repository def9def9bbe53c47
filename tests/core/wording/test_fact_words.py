"""One sentence for each fact."""

from decimal import Decimal

from core.orders import facts as f
from core.wording.fact_words import fact_sentence, fact_source, told_from
from tests.support.scripted_orders import START_NS, ScriptedOrder

D = Decimal


def test_who_told_a_fact_is_never_left_open() -> None:
    told = ScriptedOrder().working()
    assert told_from(f.CancelAsked(order_id="a1", at=1)) == "you"
    assert told_from(f.CancelAsked(order_id="a1", at=1, by="the kill file")) == "the kill file"
    assert told_from(f.VenueGone(order_id="a1", at=1)) == "assumed"
    assert told_from(f.Resumed(order_id="a1", at=1, grace=D(60))) == "journal"
    assert told_from(f.NotFound(order_id="a1", at=1, client_id=told.child_id)) == "REST read"
    failed = f.CancelFailed(order_id="a1", at=1, client_id=told.child_id, reason="timeout")
    assert told_from(failed) == "no REST reply"


def test_a_fill_is_told_with_its_gain_against_the_touch_at_the_click() -> None:
    told = ScriptedOrder().working().wait(2).filled(400, 400)
    change = told.changes[-1]
    assert change.fact is not None
    assert fact_sentence(change.fact, change.order) == "filled 400 @ 15.24 (+$0.01 a share)"
    assert fact_source(change.fact) == "stream, execution a1-400"


def test_every_fact_has_a_sentence_of_its_own() -> None:
    told = ScriptedOrder().working()
    child = told.child_id
    facts: list[f.AnyFact] = [
        f.MarketNowAsked(order_id="a1", at=1),
        f.DeadlineMoved(order_id="a1", at=1, deadline_ns=None),
        f.DeadlineMoved(order_id="a1", at=1, deadline_ns=START_NS),
        f.DeadlineReached(order_id="a1", at=1),
        f.Resumed(order_id="a1", at=1, grace=D(60)),
        f.VenueGone(order_id="a1", at=1),
        f.LoginLost(order_id="a1", at=1),
        f.FallbackPriced(order_id="a1", at=1, limit_price=D("15.2")),
        f.FallbackPriced(order_id="a1", at=1, limit_price=None, reason="no quote"),
        f.CancelAsked(order_id="a1", at=1),
        f.CancelAsked(order_id="a1", at=1, by="command line"),
        f.PostSent(order_id="a1", at=1, client_id=child),
        f.PostRefused(order_id="a1", at=1, client_id=child, message="no"),
        f.PostUnanswered(order_id="a1", at=1, client_id=child, reason="timeout"),
        f.PostWithheld(order_id="a1", at=1, client_id=child, reason="it is too late"),
        f.PostBarred(order_id="a1", at=1, client_id=child, reason="UVXY is halted."),
        f.PostBarred(order_id="a1", at=1, client_id=child, reason="halted", retry_after=1.0),
        f.CancelSent(order_id="a1", at=1, client_id=child),
        f.CancelTaken(order_id="a1", at=1, client_id=child),
        f.CancelRefused(order_id="a1", at=1, client_id=child, message="gone"),
        f.CancelFailed(order_id="a1", at=1, client_id=child, reason="timeout"),
        f.NotFound(order_id="a1", at=1, client_id=child),
        f.ReadFailed(order_id="a1", at=1, client_id=child, reason="timeout"),
    ]
    sentences = [fact_sentence(fact, told.order) for fact in facts]
    assert len(set(sentences)) == len(facts)
    for fact, sentence in zip(facts, sentences, strict=True):
        assert type(fact).__name__ not in sentence
        assert fact_source(fact)
