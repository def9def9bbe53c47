"""What can be done by key, button and menu: one table, from which all of them are made.

A row added here has its place in the menu, its line on the printed key map and in the
settings, and its key, as soon as `gui.actions.shortcuts.Shortcuts.bind` says what it does.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.wording.next_step import OrderAction


class Menu(StrEnum):
    """The menus, in their order. The same headings stand on the key map."""

    TICKET = "Ticket"
    ORDER = "Order"
    ACCOUNT = "All orders"
    CHART = "Chart"
    VIEW = "View"
    HELP = "Help"
    PROGRAM = "Program"


class WindowAction(StrEnum):
    """What the window itself can be asked. The value is its name in the file of preferences."""

    SELL = "sell"
    BUY = "buy"
    ARM = "arm"
    FIND_SYMBOL = "find-symbol"
    QTY_25 = "quantity-25"
    QTY_50 = "quantity-50"
    QTY_75 = "quantity-75"
    QTY_100 = "quantity-100"
    QTY_UP = "quantity-up"
    QTY_DOWN = "quantity-down"
    PRICE_UP = "price-up"
    PRICE_DOWN = "price-down"
    OTHER_SIDE = "other-side"
    PRESETS = "presets"
    SEND_MODES = "send-modes"
    CHART = "chart"
    CHART_LINES = "chart-lines"
    CHART_CROSS = "chart-crosshair"
    TIME_IN = "chart-less-time"
    TIME_OUT = "chart-more-time"
    PRICES_IN = "chart-fewer-prices"
    PRICES_OUT = "chart-more-prices"
    CHART_RESET = "chart-reset"
    FOLLOW = "chart-follow"
    TRADES = "chart-trades"
    CHART_COPY = "chart-copy"
    CHART_SAVE = "chart-save"
    FIND_ORDER = "find-order"
    CANCEL_ALL = "cancel-all"
    KILL = "kill"
    FLATTEN = "flatten"
    FLATTEN_ALL = "flatten-all"
    MENU = "menu"
    GUIDE = "guide"
    LIGHTS = "lights"
    SAVE_LAYOUT = "save-layout"
    RESET_LAYOUT = "reset-layout"
    KEY_MAP = "key-map"
    ACCOUNTS = "accounts"
    SETTINGS = "settings"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Action:
    """A title, its usual key, and whether a slip would cost money.

    A dangerous key ignores auto-repeat. `in_fields`: it works while a text field
    has the focus as well. `keys` empty: no key unless a person gives it one.
    """

    title: str
    spoken: str
    keys: str
    menu: Menu
    dangerous: bool = True
    in_fields: bool = False


def _on_ticket(title: str, spoken: str, keys: str) -> Action:
    """A row that changes the ticket and sends nothing."""
    return Action(title, spoken, keys, Menu.TICKET, dangerous=False, in_fields=True)


def _on_chart(title: str, spoken: str, keys: str) -> Action:
    """A row that changes what is seen of the market."""
    return Action(title, spoken, keys, Menu.CHART, dangerous=False, in_fields=True)


ORDER_ACTIONS: dict[OrderAction, Action] = {
    OrderAction.CANCEL: Action("Cancel", "Cancel, with no fallback", "Esc", Menu.ORDER),
    OrderAction.MARKET_NOW: Action(
        "Market now", "Cancel and send the rest to market now", "F4", Menu.ORDER
    ),
    OrderAction.PAUSE: Action("Pause", "Pause: work without a countdown", "F6", Menu.ORDER),
    OrderAction.MORE_TIME: Action("+10 s", "Ten seconds more", "F7", Menu.ORDER),
    OrderAction.REPRICE: Action("Price", "Set another price", "F5", Menu.ORDER),
    OrderAction.ENDED: Action(
        "Ended\N{HORIZONTAL ELLIPSIS}", "Say how it ended at the broker", "", Menu.ORDER
    ),
}

WINDOW_ACTIONS: dict[WindowAction, Action] = {
    WindowAction.SELL: Action("Sell", "Send the sell on the ticket", "F2", Menu.TICKET),
    WindowAction.BUY: Action("Buy", "Send the buy on the ticket", "F3", Menu.TICKET),
    WindowAction.ARM: Action("Arm or disarm", "Arm or disarm the ticket", "F8", Menu.TICKET),
    WindowAction.FIND_SYMBOL: Action(
        "Symbol", "Go to the symbol field", "Ctrl+L", Menu.TICKET, dangerous=False, in_fields=True
    ),
    WindowAction.QTY_25: _on_ticket("25 %", "A quarter of what is available", "Ctrl+1"),
    WindowAction.QTY_50: _on_ticket("50 %", "Half of what is available", "Ctrl+2"),
    WindowAction.QTY_75: _on_ticket("75 %", "Three quarters of what is available", "Ctrl+3"),
    WindowAction.QTY_100: _on_ticket("100 %", "All that is available", "Ctrl+4"),
    WindowAction.QTY_UP: _on_ticket("Quantity up", "The next round quantity", "Ctrl+6"),
    WindowAction.QTY_DOWN: _on_ticket("Quantity down", "The round quantity below", "Ctrl+5"),
    WindowAction.PRICE_UP: _on_ticket("Price up", "The handle a tick up", "Ctrl+8"),
    WindowAction.PRICE_DOWN: _on_ticket("Price down", "The handle a tick down", "Ctrl+7"),
    WindowAction.OTHER_SIDE: _on_ticket("Other handle", "Move the other side's handle", "Ctrl+9"),
    WindowAction.PRESETS: _on_ticket("Presets", "Presets of the ticket", "Ctrl+P"),
    WindowAction.SEND_MODES: _on_ticket("Send mode", "What it takes to send", "Ctrl+M"),
    WindowAction.CHART: _on_chart(
        "Chart", "Go to the chart: Up and Down choose a price of the order in hand", "Ctrl+G"
    ),
    WindowAction.CHART_LINES: _on_chart("Lines", "The chart's lines as a table", "Ctrl+T"),
    WindowAction.CHART_CROSS: _on_chart(
        "Crosshair", "Crosshair on the chart: Shift and arrows move it", "Ctrl+H"
    ),
    WindowAction.TIME_IN: _on_chart("Less time", "Less time on the chart", "Ctrl+="),
    WindowAction.TIME_OUT: _on_chart("More time", "More time on the chart", "Ctrl+-"),
    WindowAction.PRICES_IN: _on_chart("Fewer prices", "Fewer prices on the chart", "Alt+="),
    WindowAction.PRICES_OUT: _on_chart("More prices", "More prices on the chart", "Alt+-"),
    WindowAction.CHART_RESET: _on_chart("Back to now", "Back to now and to the market", "Ctrl+0"),
    WindowAction.FOLLOW: _on_chart("Follow", "Keep now in view, or not", "Ctrl+E"),
    WindowAction.TRADES: _on_chart("Trades", "Show trades on the chart, or not", "Ctrl+D"),
    WindowAction.CHART_COPY: _on_chart("Copy chart", "Copy the chart as a picture", "Ctrl+Shift+C"),
    WindowAction.CHART_SAVE: _on_chart(
        "Save chart", "Save the chart as a picture\N{HORIZONTAL ELLIPSIS}", "Ctrl+S"
    ),
    WindowAction.FIND_ORDER: Action(
        "Search", "Search the orders", "Ctrl+F", Menu.VIEW, dangerous=False, in_fields=True
    ),
    WindowAction.CANCEL_ALL: Action(
        "Cancel all",
        "Cancel every open order, with no fallback",
        "Ctrl+Shift+X",
        Menu.ACCOUNT,
        in_fields=True,
    ),
    WindowAction.KILL: Action(
        "Kill",
        "Kill: take no order and cancel all",
        "Ctrl+Shift+K",
        Menu.ACCOUNT,
        in_fields=True,
    ),
    WindowAction.FLATTEN: Action(
        "Flatten",
        "Flatten the symbol: cancel its orders, then its position to market, asked first",
        "Ctrl+Shift+F",
        Menu.ACCOUNT,
        in_fields=True,
    ),
    WindowAction.FLATTEN_ALL: Action(
        "Flatten all", "Flatten every position, asked first", "", Menu.ACCOUNT, in_fields=True
    ),
    WindowAction.MENU: Action(
        "Menu", "Open the menu", "F10", Menu.PROGRAM, dangerous=False, in_fields=True
    ),
    WindowAction.GUIDE: Action(
        "Guide", "Guide to a first order", "", Menu.HELP, dangerous=False, in_fields=True
    ),
    WindowAction.LIGHTS: Action(
        "Lights", "What do these lights mean", "", Menu.HELP, dangerous=False, in_fields=True
    ),
    WindowAction.SAVE_LAYOUT: Action(
        "Save layout", "Save the layout as\N{HORIZONTAL ELLIPSIS}", "", Menu.VIEW, dangerous=False
    ),
    WindowAction.RESET_LAYOUT: Action(
        "Usual layout", "Back to the usual layout", "", Menu.VIEW, dangerous=False
    ),
    WindowAction.KEY_MAP: Action("Keys", "Keys", "F1", Menu.HELP, dangerous=False, in_fields=True),
    WindowAction.ACCOUNTS: Action(
        "Accounts", "Accounts and keys", "", Menu.PROGRAM, dangerous=False, in_fields=True
    ),
    WindowAction.SETTINGS: Action(
        "Settings", "Settings", "Ctrl+,", Menu.PROGRAM, dangerous=False, in_fields=True
    ),
    WindowAction.CLOSE: Action(
        "Close", "Close Touchline", "Ctrl+Q", Menu.PROGRAM, dangerous=False, in_fields=True
    ),
}

ActionId = WindowAction | OrderAction
ACTIONS: dict[ActionId, Action] = dict([*WINDOW_ACTIONS.items(), *ORDER_ACTIONS.items()])


def in_menu(menu: Menu) -> dict[ActionId, Action]:
    """The rows under one heading, in their order."""
    return {action_id: action for action_id, action in ACTIONS.items() if action.menu is menu}
