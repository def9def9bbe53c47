"""The command line: reads the arguments, refuses bad ones in a sentence, runs the command.

Without a command it is the window's turn (gui/__main__.py); core knows no window.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from core.cli.parser import ACTIONS, OVERRIDES, build_parser, instruction_of, options_of
from core.cli.printer import ATTENTION, ENDED_OTHERWISE, REFUSED, Printer
from core.errors import Confirmation, Refusal, UnknownHost
from core.market.prices import Side
from core.market.printable import printable
from core.orders.plan_input import parse_end, parse_price, parse_symbol, parse_timeout
from core.runtime import logs, standard_streams
from core.runtime.data_folder import DataFolder, folder

if TYPE_CHECKING:
    from core.app.session import SessionOptions


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    return guarded(lambda: run(build_parser().parse_args(argv)))


def run(args: argparse.Namespace) -> int:
    """Run the command in `args`. Raises Refusal.

    A host that is not the venue's gets the keys only when a person names it.
    """
    while True:
        try:
            return _run(args)
        except UnknownHost as asks:
            host = str(asks.value)
            if not _trusts(asks, host):
                raise Refusal(
                    asks.rule,
                    f"{asks.sentence} Nothing was sent. If you trust it with them, for this run "
                    f"only, add --host {host}.",
                    host,
                ) from asks
            args.host = [*(args.host or ()), host]


def _trusts(asks: UnknownHost, host: str) -> bool:
    if not sys.stdin.isatty():
        return False
    print(f"{asks.sentence} Type its name to trust it for this run: ", file=sys.stderr)
    return sys.stdin.readline().strip().lower() == host


def guarded(work: Callable[[], int]) -> int:
    """The exit code of `work`; whatever goes wrong in it is a sentence, never a traceback."""
    standard_streams.make_sure()
    try:
        logs.start(folder(os.environ))
        logs.catch_all()
        return work()
    except Refusal as refusal:
        print(printable(refusal.sentence), file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return ENDED_OTHERWISE
    except Exception as error:  # noqa: BLE001 - a mistake of ours, which the log explains
        print(logs.failed(error), file=sys.stderr)
        return ATTENTION


def _run(args: argparse.Namespace) -> int:
    if args.command is None:
        raise Refusal("arguments", "The window needs the command 'touchline'. Try --help.")
    if args.command == "exchange":
        from core.exchange.main import run as run_exchange

        return run_exchange(args)
    # alpaca-py, and with it pandas, comes only with what trades
    from core.cli import commands
    from core.runtime import event_loop

    printer = Printer(args.json)
    if args.command in tuple(Side):
        instruction, options = instruction_of(args), options_of(args)
        return _until_confirmed(
            lambda said: event_loop.run(commands.work(options, instruction, printer, said)),
            args.yes,
        )
    if args.command == "journal":
        path = DataFolder(os.environ).journal(args.venue)
        return commands.journal(path, args.what, getattr(args, "id", ""), printer)
    options = options_of(args)
    if args.command == "resume":
        return event_loop.run(commands.resume(options, printer))
    if args.command in OVERRIDES:
        return _override(args, options, printer)
    if args.command == "doctor":
        return event_loop.run(commands.doctor(options, printer))
    return commands.list_orders(options, printer)


def _override(args: argparse.Namespace, options: "SessionOptions", printer: Printer) -> int:
    """Run one of the overrides. Raises Refusal."""
    from core.cli import overrides
    from core.runtime import event_loop

    if args.command in ("cancel", "cancel-all"):
        what = "*" if args.command == "cancel-all" else _what(args)
        return event_loop.run(overrides.cancel(options, what, printer))
    if args.command == "kill":
        return event_loop.run(overrides.kill(options, printer))
    if args.command == "flatten":
        symbol = _flat_symbol(args)
        return _until_confirmed(
            lambda said: event_loop.run(overrides.flatten(options, symbol, printer, said)), args.yes
        )
    action, value = ACTIONS[args.command], _action_value(args)
    return _until_confirmed(
        lambda said: event_loop.run(overrides.ask(options, action, args.id, value, printer, said)),
        getattr(args, "yes", ()),
    )


def _action_value(args: argparse.Namespace) -> str:
    """Seconds or price as typed, refused here when they are none."""
    if args.command == "extend":
        return str(parse_timeout(args.value))
    if args.command == "ended":
        value = f"{args.value} @ {args.price}" if args.price else str(args.value)
        parse_end(value)  # refused here
        return value
    return str(parse_price(args.value, "price")) if args.command == "reprice" else ""


def _flat_symbol(args: argparse.Namespace) -> str:
    if args.all == bool(args.flat_symbol):
        raise Refusal("arguments", "Say what to flatten, by its symbol or with --all.")
    return "" if args.all else parse_symbol(args.flat_symbol)


def _until_confirmed(work: Callable[[Sequence[str]], int], given: Sequence[str]) -> int:
    """Do `work`; what a control asks is asked of the person, or refused where there is none."""
    said = list(given)
    while True:
        try:
            return work(said)
        except Confirmation as asks:
            if not _says_yes(asks):
                flags = " ".join(f"--yes {name}" for name in asks.names)
                raise Refusal(
                    asks.rule,
                    f"{asks.sentence} Nothing was sent; to send it all the same, add {flags}.",
                    asks.value,
                ) from asks
            said += asks.names


def _says_yes(asks: Confirmation) -> bool:
    if not sys.stdin.isatty():
        return False
    print(f"{asks.sentence} Send it all the same? Type yes: ", file=sys.stderr)
    return sys.stdin.readline().strip().lower() == "yes"


def _what(args: argparse.Namespace) -> str:
    if args.all == bool(args.id):
        raise Refusal("arguments", "Say which order to cancel, by its id or with --all.")
    return "*" if args.all else str(args.id)
