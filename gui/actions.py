"""What can be done by key, button and menu: one table, from which all three are made."""

from dataclasses import dataclass
from enum import StrEnum

from core.next_step import OrderAction


class Command(StrEnum):
    """What the window itself can be asked."""

    SELL = "sell"
    BUY = "buy"
    ARM = "arm"
    CANCEL_ALL = "cancel-all"
    KILL = "kill"
    FIND_SYMBOL = "find-symbol"


@dataclass(frozen=True, slots=True)
class Action:
    """A title, its key, and whether a slip would cost money.

    A dangerous key ignores auto-repeat. `in_fields`: it works while a text field
    has the focus as well.
    """

    title: str
    spoken: str
    keys: str
    dangerous: bool = True
    in_fields: bool = False


ORDER_ACTIONS: dict[OrderAction, Action] = {
    OrderAction.CANCEL: Action("Cancel", "Cancel, with no fallback", "Esc"),
    OrderAction.MARKET_NOW: Action("Market now", "Cancel and send the rest to market now", "F4"),
    OrderAction.HOLD: Action("Hold", "Hold: work without a countdown", "F6"),
    OrderAction.MORE_TIME: Action("+10 s", "Ten seconds more", "F7"),
}

COMMANDS: dict[Command, Action] = {
    Command.SELL: Action("Sell", "Send the sell on the ticket", "F2"),
    Command.BUY: Action("Buy", "Send the buy on the ticket", "F3"),
    Command.ARM: Action("Arm or disarm", "Arm or disarm the ticket", "F8"),
    Command.CANCEL_ALL: Action(
        "Cancel all", "Cancel every open order, with no fallback", "Ctrl+Shift+X", in_fields=True
    ),
    Command.KILL: Action(
        "Kill", "Kill: take no order and cancel all", "Ctrl+Shift+K", in_fields=True
    ),
    Command.FIND_SYMBOL: Action(
        "Symbol", "Go to the symbol field", "Ctrl+L", dangerous=False, in_fields=True
    ),
}
