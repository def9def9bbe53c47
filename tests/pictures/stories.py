"""What is done before the camera: each story works one Touchline from its start to its end."""

from collections.abc import Callable

from tests.pictures.hand import WORKING, Hand
from tests.pictures.stage import SYMBOL, Stage
from tests.support.screen import wait_for

STRIP, TICKET, CHART, BLOTTER = "safety-strip", "dock-ticket", "dock-chart", "dock-blotter"
DETAIL, SO_FAR, NOTICE, STATUS = "dock-detail", "dock-so-far", "notice-line", "status-line"

Story = Callable[[Hand, Stage], None]


# ---- what every story begins with ---------------------------------------------------------------


def ready(hand: Hand) -> None:
    """The guide is dismissed and the ticket armed."""
    hand.click("guide-end")
    armed(hand)


def armed(hand: Hand) -> None:
    """The ticket is armed, and nothing is under the mouse."""
    if not hand.words("strip-arm").startswith("Armed"):
        hand.keys("F8")
    hand.aside()


def sell(hand: Hand, quantity: str, wait: str = "", fallback: str = "0") -> None:
    """Send a sell by its button, and wait until it works."""
    hand.write_into("ticket-quantity", quantity)
    hand.keys("Return")
    if wait:
        hand.write_into("ticket-wait-seconds", wait)
        hand.keys("Return")
    hand.click(f"ticket-fallback-{fallback}")
    hand.click("ticket-sell")
    hand.until_says(f"SELL {int(quantity):,}", "state working")
    hand.aside()


def cancel(hand: Hand) -> None:
    """Cancel the order in hand, and wait for the proof."""
    hand.keys("Escape")
    hand.until_says("state cancelled")


# ---- a first order ------------------------------------------------------------------------------


def first_start(hand: Hand, stage: Stage) -> None:
    """The window as a newcomer finds it, and the three steps of its guide."""
    stage.hold("15.23", "15.32")
    hand.settle(12.0)  # the chart has something to show
    hand.shoot("start")
    hand.click("strip-arm")
    hand.aside()
    hand.settle()
    hand.shoot("guide-2", TICKET, BLOTTER)
    hand.click("ticket-sell")
    hand.until_says("state working")
    hand.aside()
    hand.shoot("guide-3", BLOTTER)
    stage.fill("15.24", 100)
    hand.until_says("state filled")
    hand.settle()
    hand.shoot("guide-4")
    hand.click("guide-end")


# ---- one order ----------------------------------------------------------------------------------


def one_order(hand: Hand, stage: Stage) -> None:
    """A sell from its start over a partial fill, a pause and other prices to its cancel."""
    ready(hand)
    hand.settle(24.0)
    stage.hold("15.23", "15.32")
    hand.shoot("ticket", TICKET)
    sell(hand, "1000", wait="12")
    hand.settle(2.0)
    hand.shoot("working")
    stage.fill("15.24", 400)
    hand.until_says("filled 400")
    hand.settle(1.0)
    hand.shoot("partly-filled", CHART, BLOTTER)
    hand.keys("F7")
    hand.settle(0.6)
    hand.shoot("more-time", CHART, BLOTTER)
    hand.keys("F6")
    hand.settle(1.0)
    hand.shoot("held", CHART, BLOTTER)
    hand.carry("15.24", "15.27")
    hand.shoot("dragging", CHART)
    stage.fault(kind="cancel_slow", seconds=4.0)
    hand.on.let_go()
    hand.aside()
    hand.settle(1.0)
    hand.shoot("replacing", CHART, BLOTTER)
    hand.until_says("state working", "limit 15.27")
    hand.settle(2.0)
    hand.keys("F5")
    hand.until_shown("price-editor")
    hand.keys("Up", "Up")
    hand.shoot("price-editor", "price-editor", margin=24)
    hand.keys("Return")
    hand.settle(1.0)
    hand.click_cell(WORKING, 0, 1, button=3)
    hand.until_shown("order-menu")
    hand.shoot("order-menu", BLOTTER, "order-menu")
    hand.keys("Escape")
    stage.fault(kind="cancel_stuck")
    hand.keys("Escape")
    hand.until_says("not proven")
    hand.settle(1.2)
    hand.shoot("cancel-asked")
    stage.do("release")
    hand.until_says("state cancelled")
    hand.settle()
    hand.shoot("cancel-proven", CHART, BLOTTER)
    hand.shoot("detail", DETAIL, SO_FAR)


# ---- fallbacks ----------------------------------------------------------------------------------


def fallbacks(hand: Hand, stage: Stage) -> None:
    """What follows when time runs out: to market, within a collar, over steps."""
    ready(hand)
    stage.hold("15.23", "15.32", 600)
    hand.settle(6.0)
    sell(hand, "1000", wait="4")
    hand.until_says("SELL 1,000", "state filled")
    hand.settle(1.0)
    hand.shoot("fallback-market")
    sell(hand, "800", wait="3", fallback="1")
    hand.shoot("collar", TICKET, BLOTTER)
    hand.until_says("SELL 800", "state filled")
    hand.settle(1.0)
    hand.shoot("collar-end", CHART, BLOTTER, DETAIL)
    hand.click("ticket-steps-usual")
    hand.click("ticket-fallback-0")
    hand.write_into("ticket-quantity", "500")
    hand.keys("Return", "F2")
    hand.settle(4.5)
    hand.shoot("steps")
    hand.until_says("SELL 500", "state filled")
    hand.settle(1.0)
    hand.shoot("steps-end", CHART, BLOTTER)
    hand.click("ticket-steps-usual")


# ---- what the ticket warns of -------------------------------------------------------------------


def warnings(hand: Hand, stage: Stage) -> None:
    """Why a price is no price: collapsed, crossed, one-sided, halted, old."""
    hand.click("guide-end")
    hand.aside()
    hand.settle(6.0)
    hand.shoot("disarmed", STRIP)
    hand.shoot("disarmed-ticket", TICKET)
    armed(hand)
    hand.shoot("armed", STRIP)
    hand.write_into("ticket-symbol", "BAC")
    hand.keys("Return")
    hand.settle(1.5)
    hand.shoot("preview-collapsed", TICKET)
    hand.write_into("ticket-symbol", "bank")
    hand.until_shown("ticket-symbol-list")
    hand.shoot("symbols", "ticket-symbol", "ticket-symbol-list", margin=10)
    hand.keys("Escape")
    hand.write_into("ticket-symbol", SYMBOL)
    hand.keys("Return")
    for name, bid, ask in (("crossed", "15.30", "15.27"), ("one-sided", "15.23", "")):
        stage.hold(bid, ask)
        hand.settle(1.0)
        hand.shoot(f"preview-{name}", TICKET)
    stage.hold("15.23", "15.32")
    stage.do("halt", SYMBOL)
    hand.settle(1.2)
    hand.shoot("preview-halted", TICKET)
    hand.shoot("halted", STRIP)
    stage.do("resume", SYMBOL)
    stage.do("mute", "quotes")
    hand.settle(6.5)
    hand.shoot("preview-old", TICKET)
    hand.shoot("quotes-old", STRIP)
    stage.do("unmute", "quotes")


# ---- ways to send -------------------------------------------------------------------------------


def sending(hand: Hand, stage: Stage) -> None:
    """Review, hold to send, presets, sizes in dollars and in risk, and what is asked first."""
    ready(hand)
    stage.hold("15.23", "15.32")
    hand.settle(1.0)
    hand.keys("ctrl+p")
    hand.choose("Save as")
    hand.until_shown("ticket-preset-name")
    hand.on.write("patient")
    hand.keys("Return")
    hand.keys("ctrl+p")
    hand.shoot("presets", TICKET, "ticket-preset-menu")
    hand.keys("Escape", "ctrl+m")
    hand.rest_on("review")
    hand.shoot("send-modes", TICKET, "ticket-send-mode-menu")
    hand.choose("review")
    hand.keys("F2")
    hand.until_shown("review")
    hand.shoot("review", "review", margin=24)
    hand.keys("Escape", "ctrl+m")
    hand.choose("hold")
    hand.settle(1.0)
    hand.grab("ticket-sell")
    hand.settle(0.12)
    hand.shoot("hold-to-send", TICKET)
    hand.on.let_go()
    hand.settle(1.0)
    stage.fill("15.24", 10_000)
    hand.keys("ctrl+m")
    hand.choose("one click")
    hand.click("ticket-unit")
    hand.choose("Dollars")
    hand.write_into("ticket-quantity", "20000")
    hand.keys("Return")
    hand.shoot("dollars", TICKET)
    hand.click("ticket-unit")
    hand.choose("Risk")
    hand.write_into("ticket-quantity", "500")
    hand.write_into("ticket-stop", "14.80")
    hand.keys("Return")
    hand.shoot("risk", TICKET)
    hand.click("ticket-unit")
    hand.choose("Shares")
    sell(hand, "300", wait="30")
    hand.settle(1.0)
    hand.keys("F2")
    hand.until_shown("confirming")
    hand.shoot("asks-first", "confirming", margin=24)
    hand.click("confirming-keep")
    cancel(hand)


# ---- the tables ---------------------------------------------------------------------------------


def tables(hand: Hand, stage: Stage) -> None:
    """The blotter's tabs after some orders, search, filter, columns, and the file of a table."""
    ready(hand)
    stage.hold("15.23", "15.32")
    hand.settle(1.0)
    for shares in ("300", "200", "500"):
        sell(hand, shares, wait="20")
        stage.fill("15.24", int(shares))
        hand.until_says(f"SELL {shares}", "state filled")
    sell(hand, "400", wait="20")
    stage.fill("15.24", 150)
    hand.until_says("filled 150")
    cancel(hand)
    hand.click("tab-all-orders")
    hand.click_cell("orders-table", 0, 0)
    hand.keys("Right")
    hand.aside()
    hand.shoot("all-orders", BLOTTER)
    hand.click("blotter-filter")
    hand.shoot("filter", BLOTTER, "blotter-filter-menu")
    hand.keys("Escape")
    hand.click("blotter-columns")
    hand.shoot("columns", BLOTTER, "blotter-columns-menu")
    hand.keys("Escape")
    hand.keys("ctrl+f")
    hand.on.write("filled")
    hand.settle()
    hand.shoot("search", BLOTTER)
    hand.keys("ctrl+a", "BackSpace")
    hand.click("tab-fills")
    hand.aside()
    hand.shoot("fills", BLOTTER)
    hand.click("tab-quality")
    hand.aside()
    hand.settle(1.0)
    hand.shoot("quality", BLOTTER)
    hand.click("tab-log")
    hand.aside()
    hand.shoot("log", BLOTTER)
    hand.click("tab-working")
    hand.shoot("so-far", DETAIL, SO_FAR)


# ---- trouble, and the ways out ------------------------------------------------------------------


def trouble(hand: Hand, stage: Stage) -> None:
    """A lost stream with an order at work, flatten, kill, and closing while one works."""
    ready(hand)
    stage.hold("15.23", "15.32")
    hand.settle(4.0)
    sell(hand, "600", wait="60")
    stage.fault(kind="connect_mute", times=0, stream="orders")
    stage.do("cut", "orders")
    hand.settle(3.0)
    hand.shoot("stream-lost")
    stage.do("clear")
    hand.settle(8.0)
    hand.keys("ctrl+shift+f")
    hand.until_shown("flattening")
    hand.shoot("flatten", "flattening", margin=24)
    hand.click("flattening-keep")
    hand.keys("ctrl+q")
    hand.until_shown("closing")
    hand.shoot("closing", "closing", margin=24)
    stage.fault(kind="cancel_stuck")
    hand.click("closing-cancel")
    hand.settle(1.0)
    hand.shoot("closing-waits", "closing", margin=24)
    hand.click("closing-stay")
    stage.do("release")
    hand.until_says("state cancelled")
    armed(hand)
    sell(hand, "700", wait="60")
    stage.fill("15.24", 200)
    hand.until_says("filled 200")
    hand.keys("ctrl+shift+k")
    hand.shoot("kill-asks", STRIP)
    hand.settle(0.3)
    hand.keys("ctrl+shift+k")
    hand.until_says("SELL 700", "state cancelled")
    hand.settle(1.5)
    hand.aside()
    hand.shoot("killed")


# ---- the chart ----------------------------------------------------------------------------------


def charting(hand: Hand, stage: Stage) -> None:
    """Gaps, the crosshair, more and less time, and the lines as a table."""
    ready(hand)
    hand.settle(14.0)
    stage.fault(kind="connect_mute", stream="quotes")
    stage.do("cut", "quotes")
    hand.settle(9.0)
    armed(hand)
    sell(hand, "800", wait="25")
    hand.settle(4.0)
    hand.keys("ctrl+g", "ctrl+h", "shift+Left", "shift+Left", "shift+Left")
    hand.shoot("crosshair", CHART)
    hand.keys("ctrl+h", "Up", "Up")
    hand.settle(0.4)
    hand.shoot("price-by-key", CHART)
    hand.keys("Escape")
    hand.keys("ctrl+minus", "ctrl+minus", "ctrl+minus")
    hand.settle()
    hand.shoot("more-past", CHART)
    hand.keys("ctrl+0", "ctrl+t")
    hand.settle(0.6)
    hand.shoot("lines")
    hand.keys("Escape")
    hand.click_cell(WORKING, 0, 0)
    cancel(hand)


# ---- what surrounds it --------------------------------------------------------------------------


def around(hand: Hand, stage: Stage) -> None:
    """Menu, keys, lights, settings, accounts, and the parts moved about."""
    ready(hand)
    stage.hold("15.23", "15.32")
    hand.settle(8.0)
    hand.keys("F10")
    hand.shoot("menu", "menu", margin=8)
    hand.keys("Escape", "F1")
    hand.until_shown("key-map")
    hand.shoot("keys", "key-map")
    hand.click("key-map-close")
    hand.keys("F10")
    hand.choose("Help")
    hand.choose("What do these lights")
    hand.until_shown("lights")
    hand.shoot("lights", "lights")
    hand.click("lights-close")
    hand.keys("ctrl+comma")
    hand.until_shown("settings")
    hand.shoot("settings", "settings")
    hand.click("settings-search")
    hand.on.write("colour")
    hand.settle()
    hand.shoot("settings-search", "settings")
    hand.click("setting-side_colours-choice-1")
    hand.click("settings-close")
    hand.aside()
    hand.shoot("red-and-green", CHART, TICKET)
    hand.keys("ctrl+comma")
    hand.click("setting-side_colours-choice-0")
    hand.click("settings-close")
    hand.keys("F10")
    hand.choose("Program")
    hand.choose("Accounts")
    hand.until_shown("accounts")
    for place, venue in ((1, "paper"), (2, "live")):
        hand.click(f"accounts-venue-{place}")
        wait_for(lambda: hand.words("accounts-where"), "it is known where the keys are")
        hand.settle()
        hand.shoot(f"account-{venue}", "accounts")
    hand.click("accounts-close")
    hand.keys("F10")
    hand.choose("View")
    hand.choose("Floating")
    hand.choose("Order detail floats")
    hand.settle(1.0)
    hand.drag("detail-title", -500, -42)  # where no dock can take it in
    hand.shoot("floating")
    hand.keys("F10")
    hand.choose("View")
    hand.shoot("layouts", "menu", "menu-view", margin=8)
    hand.choose("Back to the usual")


# ---- other venues, sizes, and times -------------------------------------------------------------


def venue(name: str) -> Story:
    """The frame of an account at the broker; here the same exchange answers in its place."""

    def story(hand: Hand, stage: Stage) -> None:
        hand.settle(2.0)
        hand.shoot(f"venue-{name}", "touchline")

    return story


def closed(hand: Hand, stage: Stage) -> None:
    """After the close."""
    hand.click("guide-end")
    hand.keys("F8")
    hand.settle(1.0)
    hand.shoot("preview-closed", TICKET)
    hand.shoot("closed", STRIP)


def one_exchange(hand: Hand, stage: Stage) -> None:
    """Quotes of one exchange only."""
    ready(hand)
    stage.hold("15.23", "15.32")
    hand.settle(1.0)
    hand.shoot("preview-iex", TICKET)
    hand.shoot("iex", STRIP)


def sized(name: str) -> Story:
    """An order at work on a screen of another scale."""

    def story(hand: Hand, stage: Stage) -> None:
        ready(hand)
        hand.settle(12.0)
        stage.hold("15.23", "15.32")
        sell(hand, "1000", wait="12")
        stage.fill("15.24", 400)
        hand.until_says("filled 400")
        hand.settle(1.0)
        hand.shoot(name)
        cancel(hand)

    return story


def drills(hand: Hand, stage: Stage) -> None:
    """The fault drills, which only the embedded exchange of Touchline's own offers."""
    ready(hand)
    hand.click("drills")
    hand.shoot("drills", "drills", "drills-menu", margin=10)
    hand.choose("stuck-cancel")
    hand.settle(1.0)
    hand.aside()
    hand.shoot("drill-begun", NOTICE, STATUS)


def on_tape(hand: Hand, stage: Stage) -> None:
    """A sell that fills, a buy that falls back, a cancel, on a recorded day."""
    ready(hand)
    hand.settle(15.0)
    hand.write_into("ticket-quantity", "100")
    hand.keys("Return", "F2")
    hand.until_says("SELL 100", "state filled")
    hand.settle(1.0)
    hand.shoot("tape-fill")
    hand.write_into("ticket-quantity", "200")
    hand.keys("Return", "ctrl+9", *("ctrl+7",) * 12)  # the buy's handle, down to the bid
    hand.write_into("ticket-wait-seconds", "8")
    hand.keys("Return", "F3")
    hand.until_says("BUY 200", "state working")
    hand.settle(2.0)
    hand.shoot("tape-working")
    hand.until_says("BUY 200", "state filled")
    hand.settle(1.0)
    hand.shoot("tape-fallback")
    hand.keys("ctrl+9", *("ctrl+8",) * 12)  # the sell's, up to the ask
    hand.write_into("ticket-quantity", "200")
    hand.keys("Return", "F2")
    hand.until_says("SELL 200", "state working")
    hand.settle(1.0)
    hand.keys("Escape")
    hand.until_says("SELL 200", "state cancelled")
    hand.settle(0.5)
    hand.shoot("tape-cancelled")
