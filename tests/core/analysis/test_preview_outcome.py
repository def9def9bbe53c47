"""The preview as it was at the click, beside what came of the order."""

from decimal import Decimal

from msgspec.structs import replace

from core.analysis.preview_outcome import compared
from core.market.prices import Side
from core.market.quotes import Quote
from core.orders.plan import Fallback, Plan, Preview
from core.orders.state import ChildKind, ChildOrder, ParentOrder
from tests.support.scripted_orders import ScriptedOrder

D = Decimal
NS = 1_000_000_000
SEPTEMBER_NS = 1_790_600_000 * NS  # 2026-09-28, when every fee is taken
DASH, MINUS = "\N{EM DASH}", "\N{MINUS SIGN}"
FULL = Preview(
    D("15.23"),
    D("15.32"),
    D("15.24"),
    1,
    gain=D("0.01"),
    fees=D("0.53"),
    fallback_cost=D("14.50"),
    position_after=D(3600),
)


def told(side: Side = Side.SELL, plan: Plan | None = None) -> ScriptedOrder:
    return ScriptedOrder(side=side, plan=plan, at=SEPTEMBER_NS).working()


def keeping(order: ParentOrder, preview: Preview | None) -> ParentOrder:
    return replace(order, instruction=replace(order.instruction, preview=preview))


def lines(order: ParentOrder) -> dict[str, tuple[str, str]]:
    return {line.name: (line.shown, line.came) for line in compared(order)}


def with_fallback(order: ParentOrder, shares: int, average: str) -> ParentOrder:
    limit = order.children[0]
    back = ChildOrder(
        "tl-a1-2", ChildKind.MARKET, D(shares), None, filled=D(shares), avg_price=D(average)
    )
    return replace(order, children=(limit, back))


def test_an_order_half_way_beside_what_was_shown() -> None:
    order = keeping(told().filled(400, 400).order, FULL)
    assert lines(order) == {
        "bid": ("15.23", "15.23"),
        "limit": ("15.24", "15.24"),
        "average": ("15.24", "15.24"),
        "gain a share": ("+$0.01", "+$0.01"),
        "gain": ("+$10.00", "+$4.00"),
        "gain in bps": ("+6.6 bps", "+6.6 bps"),
        "fallback": (f"{MINUS}$14.50", "not yet"),
        "fees": (f"{MINUS}$0.53", f"{MINUS}$0.22"),
        "position": ("3,600", "4,200"),
        "time to fill": ("in 10 s", "400 of 1,000"),
    }


def test_what_the_fallback_cost_stands_beside_what_it_typically_costs() -> None:
    order = with_fallback(told().filled(400, 400).order, 600, "15.20")
    found = lines(keeping(order, FULL))
    assert found["fallback"] == (f"{MINUS}$14.50", f"{MINUS}$18.00 on 600")
    assert found["gain"] == ("+$10.00", f"{MINUS}$14.00")
    assert found["gain a share"][1] == f"{MINUS}$0.014"
    assert found["gain in bps"][1] == f"{MINUS}9.2 bps"
    assert found["position"] == ("3,600", "3,600")


def test_an_order_that_filled_needed_no_fallback_and_tells_its_time() -> None:
    order = keeping(told().wait(3.25).filled(1000, 1000).order, FULL)
    found = lines(order)
    assert found["fallback"][1] == "not needed"
    assert found["time to fill"] == ("in 10 s", "3.2 s")
    quick = keeping(told().wait(0.25).filled(1000, 1000).order, FULL)
    assert lines(quick)["time to fill"][1] == "250 ms"


def test_an_order_that_was_cancelled_sent_no_fallback() -> None:
    cancelled = told().cancel_asked().reported("canceled").order
    assert lines(cancelled)["fallback"][1] == "not sent"


def test_a_buy_is_held_against_the_ask_and_adds_to_the_position() -> None:
    shown = replace(FULL, limit_price=D("15.30"), gain=D("0.02"), position_after=D(1000))
    order = keeping(told(Side.BUY).filled(400, 400).order, shown)
    found = lines(order)
    assert found["ask"] == ("15.32", "15.32")
    assert found["gain"] == ("+$20.00", "+$32.00")
    assert found["position"] == ("1,000", "400")


def test_an_order_without_a_preview_shows_what_came_of_it_alone() -> None:
    order = keeping(told().filled(400, 400).order, None)
    found = lines(order)
    assert {shown for name, (shown, _) in found.items() if name != "time to fill"} == {DASH}
    assert found["gain"][1] == "+$4.00"
    assert found["position"][1] == DASH, "what was held before is not known"


def test_what_an_older_preview_did_not_keep_is_not_made_up() -> None:
    order = told().order  # a preview with prices alone
    found = lines(order)
    assert found["limit"][0] == "15.24"
    assert found["gain"] == (DASH, DASH)
    assert found["fees"] == ("unknown", DASH)
    assert found["fallback"][0] == "unknown"


def test_an_order_without_a_fallback_says_so() -> None:
    plan = Plan(D("0.85"), D(10), Fallback.NONE)
    assert lines(told(plan=plan).order)["fallback"][0] == "none"


def test_prices_changed_on_the_way_are_told_first_and_last() -> None:
    order = told().order
    second = replace(order.children[0], client_id="tl-a1-2", limit_price=D("15.26"))
    found = lines(replace(order, children=(*order.children, second)))
    assert found["limit"] == ("15.24", "15.24 to 15.26")
    unsent = replace(order, children=(replace(order.children[0], posts=0),))
    assert lines(unsent)["limit"] == ("15.24", DASH)


def test_a_market_order_was_to_fill_at_once() -> None:
    plan = Plan(D("0.85"), D(10), at_market=True)
    assert lines(told(plan=plan).order)["time to fill"][0] == "at once"


def test_without_a_touch_the_gain_is_unknown() -> None:
    order = told().filled(400, 400).order
    bare = replace(order, quote=Quote("UVXY", D(0), D("15.32"), 0, 9, order.started_ns, 0))
    found = lines(keeping(bare, replace(FULL, bid=D(0))))
    assert found["gain"] == ("+$10.00", "unknown")
    assert found["gain in bps"] == ("unknown", "unknown")


def test_fees_of_a_day_whose_rates_nobody_knows_are_unknown() -> None:
    order = ScriptedOrder().working().filled(400, 400).order  # 2027
    assert lines(order)["fees"][1] == "unknown"
    assert "pays none" in compared(order)[7].meaning
    assert "pays none" not in compared(replace(order, venue="live"))[7].meaning
