"""What can be done by key, button and menu: one table, from which all of them are made.

A row added here has its place in the menu, its line on the printed key map and in the
settings, and its key, as soon as `gui.keys.Keys.bind` says what it does.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.next_step import OrderAction


class Menu(StrEnum):
    """The menus, in their order. The same headings stand on the key map."""

    TICKET = "Ticket"
    ORDER = "Order"
    ACCOUNT = "All orders"
    VIEW = "View"
    HELP = "Help"
    PROGRAM = "Program"


class Command(StrEnum):
    """What the window itself can be asked. The value is its name in the file of preferences."""

    SELL = "sell"
    BUY = "buy"
    ARM = "arm"
    FIND_SYMBOL = "find-symbol"
    FIND_ORDER = "find-order"
    CANCEL_ALL = "cancel-all"
    KILL = "kill"
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


ORDER_ACTIONS: dict[OrderAction, Action] = {
    OrderAction.CANCEL: Action("Cancel", "Cancel, with no fallback", "Esc", Menu.ORDER),
    OrderAction.MARKET_NOW: Action(
        "Market now", "Cancel and send the rest to market now", "F4", Menu.ORDER
    ),
    OrderAction.HOLD: Action("Hold", "Hold: work without a countdown", "F6", Menu.ORDER),
    OrderAction.MORE_TIME: Action("+10 s", "Ten seconds more", "F7", Menu.ORDER),
    OrderAction.REPRICE: Action("Price", "Set another price", "F5", Menu.ORDER),
}

COMMANDS: dict[Command, Action] = {
    Command.SELL: Action("Sell", "Send the sell on the ticket", "F2", Menu.TICKET),
    Command.BUY: Action("Buy", "Send the buy on the ticket", "F3", Menu.TICKET),
    Command.ARM: Action("Arm or disarm", "Arm or disarm the ticket", "F8", Menu.TICKET),
    Command.FIND_SYMBOL: Action(
        "Symbol", "Go to the symbol field", "Ctrl+L", Menu.TICKET, dangerous=False, in_fields=True
    ),
    Command.FIND_ORDER: Action(
        "Search", "Search the orders", "Ctrl+F", Menu.VIEW, dangerous=False, in_fields=True
    ),
    Command.CANCEL_ALL: Action(
        "Cancel all",
        "Cancel every open order, with no fallback",
        "Ctrl+Shift+X",
        Menu.ACCOUNT,
        in_fields=True,
    ),
    Command.KILL: Action(
        "Kill",
        "Kill: take no order and cancel all",
        "Ctrl+Shift+K",
        Menu.ACCOUNT,
        in_fields=True,
    ),
    Command.MENU: Action(
        "Menu", "Open the menu", "F10", Menu.PROGRAM, dangerous=False, in_fields=True
    ),
    Command.GUIDE: Action(
        "Guide", "Guide to a first order", "", Menu.HELP, dangerous=False, in_fields=True
    ),
    Command.LIGHTS: Action(
        "Lights", "What do these lights mean", "", Menu.HELP, dangerous=False, in_fields=True
    ),
    Command.SAVE_LAYOUT: Action(
        "Save layout", "Save the layout as\N{HORIZONTAL ELLIPSIS}", "", Menu.VIEW, dangerous=False
    ),
    Command.RESET_LAYOUT: Action(
        "Usual layout", "Back to the usual layout", "", Menu.VIEW, dangerous=False
    ),
    Command.KEY_MAP: Action("Keys", "Keys", "F1", Menu.HELP, dangerous=False, in_fields=True),
    Command.ACCOUNTS: Action(
        "Accounts", "Accounts and keys", "", Menu.PROGRAM, dangerous=False, in_fields=True
    ),
    Command.SETTINGS: Action(
        "Settings", "Settings", "Ctrl+,", Menu.PROGRAM, dangerous=False, in_fields=True
    ),
    Command.CLOSE: Action(
        "Close", "Close Touchline", "Ctrl+Q", Menu.PROGRAM, dangerous=False, in_fields=True
    ),
}

Doing = Command | OrderAction
ACTIONS: dict[Doing, Action] = dict([*COMMANDS.items(), *ORDER_ACTIONS.items()])


def in_menu(menu: Menu) -> dict[Doing, Action]:
    """The rows under one heading, in their order."""
    return {doing: action for doing, action in ACTIONS.items() if action.menu is menu}
