"""What the ticket would send, worked out without a ticket: entries in, outlooks out."""

from decimal import Decimal

import pytest

from core.analysis.preview import NO_BACKGROUND, Outlook
from core.errors import Refusal
from core.market.account import Account, Position
from core.market.prices import Side
from core.market.quotes import Quote
from core.orders.plan import DEFAULTS, Fallback, Step
from core.risk.pre_trade_context import PreTradeContext
from core.risk.shares_from_dollars import Sized
from gui.ticket.ticket_model import (
    FIRST_QTY,
    PlanEntry,
    QuantityEntry,
    TicketEntry,
    Unit,
    available_words,
    first_quantity,
    outlooks,
    part_of_available,
)

D = Decimal
QUOTE = Quote("UVXY", D("15.23"), D("15.32"), 1, 1, 1, 1, "sip")
HUNDRED = QuantityEntry("100")
STEPS = (Step(D("0.5"), D(3)), Step(D("0.85"), D(4)))


def context(quote: Quote | None = QUOTE, *, available: int = 4000) -> PreTradeContext:
    position = Position("UVXY", D(4600), D(available), D(10))
    account = Account("i", "n", D(1), D(1), D(1_000_000))
    return PreTradeContext("UVXY", quote, None, position, account, True, True)


def worked_out(entry: TicketEntry, quote: Quote | None = QUOTE) -> dict[Side, Outlook]:
    return outlooks(entry, entry.sizes(quote), context(quote), NO_BACKGROUND)


# -- the plan ----------------------------------------------------------------------------------


@pytest.mark.parametrize("side", Side)
def test_nothing_chosen_is_the_usual_plan_of_each_side(side: Side) -> None:
    assert TicketEntry(HUNDRED).plan_of(side) == DEFAULTS[side]


def test_a_chosen_wait_holds_for_both_sides() -> None:
    entry = TicketEntry(HUNDRED, PlanEntry(wait=D(7)))
    assert {entry.plan_of(side).timeout for side in Side} == {D(7)}


def test_steps_bring_their_own_fractions_and_time() -> None:
    plan = PlanEntry(D(30), STEPS, Fallback.NONE, D("15.2"))
    assert plan.first_fraction(D("0.1")) == D("0.5")
    worked = plan.plan(Side.SELL, D("0.1"))
    assert (worked.fraction, worked.timeout, worked.steps) == (D("0.5"), D(7), STEPS)
    assert (worked.fallback, worked.limit) == (Fallback.NONE, D("15.2"))


def test_without_steps_the_handles_fraction_is_the_first_price() -> None:
    assert PlanEntry().first_fraction(D("0.1")) == D("0.1")


# -- the quantity ------------------------------------------------------------------------------


def test_shares_are_the_same_at_any_price_and_without_one() -> None:
    assert TicketEntry(HUNDRED).sizes(None) == dict.fromkeys(Side, Sized(D(100), ""))


def test_dollars_are_divided_by_each_sides_own_limit() -> None:
    quantity = QuantityEntry("5000", Unit.DOLLARS)
    sizes = TicketEntry(quantity).sizes(QUOTE)
    shares = {side: size.qty for side, size in sizes.items() if isinstance(size, Sized)}
    assert shares == {Side.SELL: 328, Side.BUY: 326}
    told = "S $5,000.00 ÷ 15.24 = 328 · B $5,000.00 ÷ 15.30 = 326"
    assert quantity.arithmetic(sizes) == told


def test_a_stop_that_suits_one_side_only_does_not_mark_the_field() -> None:
    quantity = QuantityEntry("200", Unit.RISK, "15.00")
    sizes = TicketEntry(quantity).sizes(QUOTE)
    assert isinstance(sizes[Side.SELL], Refusal)
    assert not quantity.means_nothing(sizes)
    assert quantity.arithmetic(sizes).startswith("B ")


@pytest.mark.parametrize(
    ("unit", "sentence"),
    [
        (Unit.DOLLARS, "Without a price no dollars make shares."),
        (Unit.RISK, "Without a price no risk makes shares."),
    ],
)
def test_money_without_a_price_makes_no_shares(unit: Unit, sentence: str) -> None:
    quantity = QuantityEntry("200", unit, "15.00")
    sizes = TicketEntry(quantity).sizes(None)
    assert quantity.means_nothing(sizes)
    assert quantity.arithmetic(sizes) == sentence


def test_an_empty_field_of_shares_is_marked_and_needs_no_sentence() -> None:
    quantity = QuantityEntry("  ")
    sizes = TicketEntry(quantity).sizes(QUOTE)
    assert quantity.means_nothing(sizes)
    assert quantity.why_none(sizes[Side.BUY]) == ""
    with pytest.raises(Refusal):
        quantity.value()


@pytest.mark.parametrize(
    ("position", "first", "half"),
    [
        (None, FIRST_QTY, 0),
        (Position("UVXY", D(40), D(40), D(10)), 40, 20),
        (Position("UVXY", D(-40), D(-40), D(10)), FIRST_QTY, -20),
        (Position("UVXY", D(4601), D(4601), D(10)), FIRST_QTY, 2300),
    ],
)
def test_the_first_quantity_and_a_part_rest_on_what_can_be_sold(
    position: Position | None, first: Decimal, half: int
) -> None:
    assert first_quantity(position) == first
    assert part_of_available(position, 50) == half


def test_what_is_available_says_what_working_orders_reserve() -> None:
    words = "4,000 of 4,600 available · 600 reserved by working orders"
    assert available_words(context()) == words
    assert available_words(context(available=4600)) == "4,600 of 4,600 available"
    assert available_words(PreTradeContext("IBM", None, None)) == "no position in IBM"
    assert available_words(PreTradeContext("", None, None)) == ""


# -- the outlooks ------------------------------------------------------------------------------


def test_both_sides_are_ready_at_their_own_prices() -> None:
    views = worked_out(TicketEntry(HUNDRED))
    assert views[Side.SELL].button == "SELL 100 UVXY @ 15.24"
    assert views[Side.BUY].button == "BUY 100 UVXY @ 15.30"
    assert all(view.ready for view in views.values())


def test_a_field_that_says_nothing_clear_stands_against_both_sides() -> None:
    views = worked_out(TicketEntry(HUNDRED, unclear="The symbol field says ibm."))
    assert {view.refusal for view in views.values()} == {"The symbol field says ibm."}


def test_an_unclear_field_is_named_before_the_quantity() -> None:
    views = worked_out(TicketEntry(QuantityEntry("x"), unclear="The limit must be a number."))
    assert {view.refusal for view in views.values()} == {"The limit must be a number."}


def test_no_quantity_is_refused_in_the_words_of_the_rule_it_breaks() -> None:
    refused = worked_out(TicketEntry(QuantityEntry("1.0000000001")))[Side.SELL].refusal
    assert "at most 9 decimals" in refused
    assert worked_out(TicketEntry(QuantityEntry("")))[Side.SELL].refusal == (
        "Type a quantity above 0."
    )


def test_a_quote_that_prices_nothing_gives_no_limit() -> None:
    nothing = Quote("UVXY", D(0), D(0), 1, 1, 1, 1, "sip")
    entry = TicketEntry(HUNDRED)
    assert entry.limit(Side.SELL, nothing) is None
    assert entry.limit(Side.SELL, None) is None
    assert not worked_out(entry, nothing)[Side.SELL].ready
