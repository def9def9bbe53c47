"""The program: a command goes to the command line, no command opens the window."""

import sys
from collections.abc import Sequence

from core.cli.main import guarded
from core.cli.main import run as run_command
from core.cli.parser import build_parser, options_of
from core.orders.plan_input import parse_symbol


def main(argv: Sequence[str] | None = None) -> int:
    """Run the window or a command; returns the exit code."""
    return guarded(lambda: _run(sys.argv[1:] if argv is None else list(argv)))


def _run(arguments: list[str]) -> int:
    args = build_parser().parse_args(arguments)
    if args.command is not None:
        return run_command(args)
    symbol = parse_symbol(args.symbol) if args.symbol is not None else None
    options = options_of(args)
    from gui.app.app import run  # Qt only for a window

    return run(options, symbol)


if __name__ == "__main__":
    sys.exit(main())
