"""The command line's words: subcommands, options and their help."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from core.errors import Refusal
from core.market.prices import Side
from core.market.venues import DEFAULT_VENUE, VENUE_NAMES, profile_of
from core.orders.plan import DEFAULTS, GRACE, Fallback, Instruction, Step, stepped
from core.orders.plan_input import (
    parse_fraction,
    parse_grace,
    parse_limit,
    parse_qty,
    parse_steps,
    parse_symbol,
    parse_timeout,
)
from core.risk import amendment
from core.risk.pre_trade_controls import CONFIRMABLE, FORMER_NAMES
from core.runtime.data_folder import DataFolder
from core.wording.next_step import OrderAction

if TYPE_CHECKING:
    from core.app.session import SessionOptions

ACTIONS = {
    "market-now": OrderAction.MARKET_NOW,
    "pause": OrderAction.PAUSE,
    "extend": OrderAction.MORE_TIME,
    "reprice": OrderAction.REPRICE,
    "ended": OrderAction.ENDED,
}
_ACTION_HELP = {
    OrderAction.MARKET_NOW: "cancel the limit and send the proven rest to market now",
    OrderAction.PAUSE: "take the deadline away until you say otherwise",
    OrderAction.MORE_TIME: "move the deadline, by ten seconds unless told",
    OrderAction.REPRICE: "set another price; the plan's later steps are given up",
    OrderAction.ENDED: "say how an order that nobody could prove ended at the broker",
}
OVERRIDES = frozenset({"cancel", "cancel-all", "kill", "flatten", *ACTIONS})


class _Parser(argparse.ArgumentParser):
    """Refuses with a sentence instead of printing usage and leaving."""

    def error(self, message: str) -> NoReturn:
        """Raise Refusal."""
        raise Refusal("arguments", f"{message[:1].upper()}{message[1:]}. Try --help.")


def build_parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    parser = _Parser(prog="touchline", description="Get one stock order done inside the spread.")
    _venue_options(parser, top=True)
    parser.add_argument("--symbol", default=None, help="symbol to open the window with")
    commands = parser.add_subparsers(dest="command", parser_class=_Parser, metavar="COMMAND")
    for side in Side:
        _order_command(commands.add_parser(side.value, help=f"{side.value} inside the spread"))
    resume = commands.add_parser("resume", help="finish what an earlier run left open")
    _venue_options(resume)
    orders = commands.add_parser("orders", help="list the journaled orders")
    _venue_options(orders)
    cancel = commands.add_parser("cancel", help="cancel without fallback")
    cancel.add_argument("id", nargs="?", help="the order's id")
    cancel.add_argument("--all", action="store_true", help="every open order")
    _venue_options(cancel)
    _venue_options(commands.add_parser("cancel-all", help="cancel every open order"))
    _override_commands(commands)
    kill = commands.add_parser("kill", help="take no new order, cancel all, say what is left")
    _venue_options(kill)
    doctor = commands.add_parser("doctor", help="check what trading needs")
    _venue_options(doctor)
    _journal_command(commands.add_parser("journal", help="look at the journal"))
    exchange = commands.add_parser("exchange", help="run the embedded exchange by itself")
    _exchange_options(exchange)
    return parser


def _override_commands(commands: "argparse._SubParsersAction[_Parser]") -> None:
    """What may be asked of an order that is worked, and the way out of a position."""
    for name, action in ACTIONS.items():
        former = ("hold",) if action is OrderAction.PAUSE else ()  # its name until 0.1
        one = commands.add_parser(name, aliases=former, help=_ACTION_HELP[action])
        one.set_defaults(command=name)
        one.add_argument("id", metavar="ORDER", help="the order's id, see 'orders'")
        if action is OrderAction.MORE_TIME:
            one.add_argument("value", nargs="?", default="10", metavar="SECONDS")
        if action is OrderAction.REPRICE:
            one.add_argument("value", metavar="PRICE", help="the new limit, dollars a share")
            _yes_option(one, amendment.CONFIRMABLE)
        if action is OrderAction.ENDED:
            one.add_argument("value", metavar="FILLED", help="shares that filled in all, perhaps 0")
            one.add_argument("--price", default="", help="their average price, dollars a share")
        _venue_options(one)
    flat = commands.add_parser(
        "flatten", help="cancel what is open, wait for the proof, send the position to market"
    )
    flat.add_argument("flat_symbol", nargs="?", metavar="SYMBOL")
    flat.add_argument("--all", action="store_true", help="every position")
    _yes_option(flat, ("flatten",))
    _venue_options(flat)


def _yes_option(parser: argparse.ArgumentParser, names: Sequence[str], what: str = "do it") -> None:
    parser.add_argument(
        "--yes",
        action="append",
        type=_present_name,
        choices=names,
        default=[],
        metavar="NAME",
        help=f"{what} although this asks: {', '.join(names)}",
    )


def _present_name(control: str) -> str:
    return FORMER_NAMES.get(control, control)


def _journal_command(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", parser_class=_Parser, metavar="WHAT", required=True)
    each = {
        "verify": "check every record: how many, their checksums, the first damage",
        "show": "everything that is known about one order, in words",
        "export": "every fact as a line of JSON",
    }
    for name, words in each.items():
        one = what.add_parser(name, help=words)
        if name == "show":
            one.add_argument("id", metavar="ORDER", help="the order's id")
        one.add_argument(
            "--venue", choices=VENUE_NAMES, default=argparse.SUPPRESS, help="whose journal"
        )
        one.add_argument("--json", action="store_true", help="JSON lines on stdout")


def _exchange_options(parser: argparse.ArgumentParser) -> None:
    from core.exchange.main import add_arguments  # its own process: no other command pays for it

    add_arguments(parser)


def _venue_options(parser: argparse.ArgumentParser, top: bool = False) -> None:
    unset = None if top else argparse.SUPPRESS  # an option before the command counts too
    parser.add_argument(
        "--venue",
        choices=VENUE_NAMES,
        default=DEFAULT_VENUE if top else unset,
        help="where to trade",
    )
    parser.add_argument(
        "--tape", action="append", default=unset, help="recorded quotes for the embedded exchange"
    )
    parser.add_argument(
        "--drill", action="append", default=unset, help="a fault drill on the embedded exchange"
    )
    parser.add_argument("--at", default=unset, help="time of day at which the tape starts")
    parser.add_argument("--speed", default=unset, help="how fast the tape plays")
    parser.add_argument("--seed", default=unset, help="seed of the embedded exchange")
    parser.add_argument(
        "--grace",
        "--window",  # its name until 0.1
        default=str(GRACE) if top else unset,
        help="seconds after a deadline within which the fallback still counts",
    )
    parser.add_argument(
        "--confirm", default=unset, help="last four characters of the live account's number"
    )
    parser.add_argument(
        "--host",
        action="append",
        default=unset,
        help="trust this host, which is not Alpaca's, with the keys; for this run",
    )
    if not top:
        parser.add_argument("--json", action="store_true", help="JSON lines on stdout")


def _order_command(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("order_symbol", metavar="SYMBOL")
    parser.add_argument("qty", metavar="QTY")
    parser.add_argument("--fraction", "--aggressiveness", dest="fraction", default=None)
    parser.add_argument("--timeout", default=None, help="seconds until the fallback")
    parser.add_argument(
        "--step",
        action="append",
        dest="steps",
        metavar="FRACTION:SECONDS",
        help="one step of several, instead of --fraction and --timeout",
    )
    parser.add_argument("--limit", default=None, metavar="PRICE", help="worst price, never passed")
    parser.add_argument("--fallback", choices=[f.value for f in Fallback], default="market")
    _yes_option(parser, CONFIRMABLE, "send it")
    _venue_options(parser)


def instruction_of(args: argparse.Namespace) -> Instruction:
    """The order that the arguments describe. Raises Refusal."""
    from core.cli.commands import new_intent

    side = Side(args.command)
    plan = stepped(
        _steps(args, side),
        fallback=Fallback(args.fallback),
        grace=parse_grace(args.grace),
        limit=None if args.limit is None else parse_limit(args.limit),
    )
    return Instruction(
        new_intent(), parse_symbol(args.order_symbol), side, parse_qty(args.qty), plan
    )


def _steps(args: argparse.Namespace, side: Side) -> tuple[Step, ...]:
    if args.steps is None:
        default = DEFAULTS[side]
        fraction = default.fraction if args.fraction is None else parse_fraction(args.fraction)
        seconds = default.timeout if args.timeout is None else parse_timeout(args.timeout)
        return (Step(fraction, seconds),)
    given = args.fraction if args.fraction is not None else args.timeout
    if given is not None:
        raise Refusal(
            "step", f"Steps have fractions and seconds of their own, so not {given!r} too.", given
        )
    return parse_steps(args.steps)


def options_of(args: argparse.Namespace) -> "SessionOptions":
    """What the arguments ask to open. Raises Refusal; asks for a live account's ending."""
    from core.app.session import SessionOptions
    from core.exchange.faults.drills import drill_named

    return SessionOptions(
        venue=args.venue,
        tapes=tuple(args.tape or ()),
        drills=tuple(drill_named(name).name for name in args.drill or ()),
        at=args.at,
        speed=args.speed,
        seed=args.seed,
        grace=parse_grace(args.grace),
        confirm=args.confirm or _ask_confirm(args),
        hosts=frozenset(host.lower() for host in args.host or ()),
    )


def _ask_confirm(args: argparse.Namespace) -> str | None:
    confirms = profile_of(args.venue).confirms_account
    if not confirms or args.command == "orders" or not sys.stdin.isatty():
        return None
    if args.command in OVERRIDES and DataFolder(os.environ).taken(args.venue):
        return None  # the one that runs was confirmed
    print(
        f"{args.venue.capitalize()} trading. Type the last four characters of the account's "
        "number: ",
        file=sys.stderr,
    )
    return sys.stdin.readline().strip()
