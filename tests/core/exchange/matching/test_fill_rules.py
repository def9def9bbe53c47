"""What matching may never do, whatever the market does."""

from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.exchange.market.events import Touch
from core.exchange.matching import fill_rules
from core.exchange.matching.book import Book, Fill, Resting, reaches
from core.exchange.options import Knobs
from core.exchange.units import tick
from core.market.prices import Side

prices = st.integers(min_value=1, max_value=20).map(lambda n: 152_000 + n * 100)
pennies = st.integers(min_value=9_960, max_value=10_040).map(lambda p: p - p % tick(p))
sides = st.sampled_from(Side)
sizes = st.integers(min_value=0, max_value=2000)
shares = st.integers(min_value=1, max_value=5000).map(Decimal)
limits = st.none() | prices | pennies
knob_sets = st.builds(
    Knobs,
    hidden_chance=st.floats(0, 1),
    hidden_size=st.floats(0, 3),
    price_improvement=st.floats(0, 1),
    slippage_ticks=st.integers(0, 5),
    queue_ahead=st.floats(0, 3),
)


@st.composite
def touches(draw: st.DrawFn) -> Touch:
    """Any touch: one-sided, locked and crossed ones too."""
    price = draw(st.sampled_from((prices, pennies)))
    none = st.just(0)
    return Touch(draw(price | none), draw(sizes), draw(price | none), draw(sizes))


@st.composite
def orders(draw: st.DrawFn) -> list[Resting]:
    count = draw(st.integers(1, 4))
    return [Resting(f"o{n}", draw(sides), draw(limits), draw(shares)) for n in range(count)]


quote_moves = st.tuples(st.just("quote"), touches())
trade_moves = st.tuples(st.just("trade"), prices | pennies, sizes, st.booleans())
moves = st.lists(quote_moves | trade_moves, max_size=12)


def check_fills(before: Book, after: Book, asked: dict[str, Resting], fills: list[Fill]) -> None:
    """Each fill is within its limit and its order's leaves; the book forgets exactly that much."""
    had = {r.order_id: r.leaves for r in before.resting}
    have = {r.order_id: r.leaves for r in after.resting}
    for fill in fills:
        order = asked[fill.order_id]
        assert fill.qty > 0
        assert fill.price > 0
        assert reaches(order.side, order.limit, fill.price)
    for order_id, leaves in had.items():
        filled = sum((f.qty for f in fills if f.order_id == order_id), Decimal(0))
        assert have.get(order_id, Decimal(0)) == leaves - filled
        assert filled <= leaves


@given(touches(), orders(), moves, knob_sets, st.integers())
def test_no_share_is_created_and_no_limit_is_broken(
    touch: Touch, asked: list[Resting], script: list[tuple[object, ...]], knobs: Knobs, seed: int
) -> None:
    chance = Random(seed)
    book = Book(touch=touch)
    by_id = {order.order_id: order for order in asked}
    for order in asked:
        after, fills = fill_rules.arrive(book, order, knobs)
        total = sum((f.qty for f in fills), Decimal(0))
        rest = [r for r in after.resting if r.order_id == order.order_id]
        assert total + sum((r.leaves for r in rest), Decimal(0)) == order.leaves
        assert all(reaches(order.side, order.limit, fill.price) for fill in fills)
        book = after
    for move in script:
        if isinstance(move[1], Touch):
            after, fills = fill_rules.quote(book, move[1], knobs, chance)
        else:
            _, price, size, lit = move
            assert isinstance(price, int)
            assert isinstance(size, int)
            after, fills = fill_rules.trade(book, price, size, knobs, chance, lit=bool(lit))
        check_fills(book, after, by_id, list(fills))
        book = after


@given(touches(), sides, prices, shares, prices, sizes, st.booleans())
def test_a_print_never_fills_more_than_was_printed(
    touch: Touch, side: Side, limit: int, qty: Decimal, price: int, size: int, lit: bool
) -> None:
    knobs = Knobs(hidden_chance=0)
    book = replace(Book(touch=touch), resting=(Resting("o", side, limit, qty),))
    _, fills = fill_rules.trade(book, price, size, knobs, Random(1), lit=lit)
    assert sum(f.qty for f in fills) <= size


@given(touches(), sides, prices, shares, touches())
def test_a_resting_order_takes_no_more_than_the_touch_shows(
    touch: Touch, side: Side, limit: int, qty: Decimal, new: Touch
) -> None:
    knobs = Knobs(hidden_chance=0)
    book = replace(Book(touch=touch), resting=(Resting("o", side, limit, qty),))
    _, fills = fill_rules.quote(book, new, knobs, Random(1))
    price, shown = new.facing(side)
    assert sum(f.qty for f in fills) <= shown
    if fills:
        assert reaches(side, limit, price)


@given(touches(), sides, limits, shares)
def test_a_halted_book_fills_nothing(
    touch: Touch, side: Side, limit: int | None, qty: Decimal
) -> None:
    book = fill_rules.halt(Book(touch=touch))
    book, fills = fill_rules.arrive(book, Resting("o", side, limit, qty), Knobs())
    assert fills == ()
    book, fills = fill_rules.quote(book, touch, Knobs(hidden_chance=1), Random(1))
    assert fills == ()


@given(st.integers(1, 300), shares)
def test_a_sell_of_any_size_ends_even_where_the_price_runs_out(bid: int, qty: Decimal) -> None:
    book = Book(touch=Touch(bid, 1, bid + 1, 1))
    _, fills = fill_rules.arrive(book, Resting("o", Side.SELL, None, qty * 1000), Knobs())
    assert sum(f.qty for f in fills) == qty * 1000
    assert min(f.price for f in fills) >= 1


def test_orders_at_one_price_are_served_in_the_order_they_came() -> None:
    touch = Touch(152_300, 500, 153_200, 500)
    book = Book(touch=touch)
    for name in ("first", "second"):
        book, _ = fill_rules.arrive(book, Resting(name, Side.SELL, 152_400, Decimal(300)), Knobs())
    _, fills = fill_rules.trade(book, 153_000, 400, Knobs(hidden_chance=0), Random(1), lit=True)
    assert [(f.order_id, int(f.qty)) for f in fills] == [("first", 300), ("second", 100)]


def test_hidden_interest_is_met_inside_the_spread_only() -> None:
    eager = Knobs(hidden_chance=1.0, hidden_size=1.0)
    touch = Touch(152_300, 500, 153_200, 500)
    book = Book(touch=touch)
    for name, limit in (("inside", 152_400), ("joined", 153_200)):
        book, _ = fill_rules.arrive(book, Resting(name, Side.SELL, limit, Decimal(9000)), eager)
    chance = Random(7)
    seen: set[str] = set()
    for _ in range(50):
        book, fills = fill_rules.quote(book, touch, eager, chance)
        seen.update(f.order_id for f in fills)
    assert seen == {"inside"}
