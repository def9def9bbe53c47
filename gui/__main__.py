"""The program: a command goes to the command line, no command opens the window."""

import sys
from collections.abc import Sequence

from core.cli import build_parser, options_of
from core.cli import main as command_line
from core.errors import Refusal
from core.output import REFUSED
from core.plan import parse_symbol


def main(argv: Sequence[str] | None = None) -> int:
    """Run the window or a command; returns the exit code."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    try:
        args = build_parser().parse_args(arguments)
        if args.command is not None:
            return command_line(arguments)
        symbol = parse_symbol(args.symbol) if args.symbol is not None else None
        options = options_of(args)
        from gui.app import run  # Qt only for a window

        return run(options, symbol)
    except Refusal as refusal:
        sys.stderr.write(refusal.sentence + "\n")
        return REFUSED


if __name__ == "__main__":
    sys.exit(main())
