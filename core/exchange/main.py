"""The command `touchline exchange`: arguments in, one line out when it listens, then serve.

Whoever starts it reads the port from that line.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from core.errors import Refusal
from core.exchange.faults.drills import DRILLS, drill_named
from core.exchange.options import (
    DEFAULT_KEY,
    DEFAULT_POSITIONS,
    DEFAULT_SECRET,
    ExchangeOptions,
    Knobs,
)
from core.market.numerals import number
from core.market.time import NS
from core.runtime import event_loop

if TYPE_CHECKING:
    from core.exchange.api.running_exchange import RunningExchange

KEY_VARIABLE = "EXCHANGE_API_KEY_ID"
SECRET_VARIABLE = "EXCHANGE_API_SECRET_KEY"  # noqa: S105 - the name of a variable
_SECONDS_A_DAY = 86_400
_FASTEST = 10_000.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the exchange, the everyday ones with help and the knobs without."""
    add = parser.add_argument
    add("--port", default="0", metavar="N", help="port on this machine; 0 takes a free one")
    add("--tape", action="append", default=[], metavar="PATH", help="a recorded day of quotes")
    add("--at", default="10:00", metavar="HH:MM", help="New York time at which the tape starts")
    add("--speed", default="1", metavar="X", help="market seconds a second")
    add("--seed", default="touchline", metavar="N", help="the same seed, the same market")
    add("--cash", default="100000", metavar="N", help="dollars in the account")
    add(
        "--position",
        action="append",
        default=[],
        metavar="SYM=QTY",
        help="shares in the account; replaces what it holds of that symbol",
    )
    add(
        "--drill",
        action="append",
        default=[],
        metavar="NAME",
        help="a fault drill to play; 'list' says which there are",
    )
    hidden = argparse.SUPPRESS
    add("--idle-exit", default="0", help=hidden)
    add("--allow-short", action="store_true", help=hidden)
    add("--rate-limit", default="200", help=hidden)
    add("--connection-limit", default="1", help=hidden)
    add("--lingers", default="0", help=hidden)
    for name, default in zip(Knobs.__struct_fields__, Knobs.__struct_defaults__, strict=True):
        add(f"--{name.replace('_', '-')}", default=str(default), help=hidden)


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop. Returns 0, or 2 after one sentence on stderr."""
    if "list" in args.drill:
        sys.stdout.write("".join(f"{d.name:16} {d.sentence}\n" for d in DRILLS.values()))
        return 0
    try:
        options = read_options(args)
        return event_loop.run(_serve(options, _whole("port", args.port, 65_535)))
    except KeyboardInterrupt:
        return 0
    except Refusal as refusal:
        sys.stderr.write(refusal.sentence + "\n")
        return 2


def read_options(args: argparse.Namespace) -> ExchangeOptions:
    """The arguments as options. Raises Refusal."""
    positions = dict(DEFAULT_POSITIONS)
    positions.update(_position(text) for text in args.position)
    return ExchangeOptions(
        seed=args.seed,
        cash=_decimal("cash", args.cash),
        positions=positions,
        tapes=tuple(Path(path) for path in args.tape),
        at=_time_of_day(args.at),
        speed=_number("speed", args.speed, 0.01, _FASTEST),
        knobs=_knobs(args),
        allow_short=args.allow_short,
        rate_limit=_whole("rate-limit", args.rate_limit, 1_000_000),
        connection_limit=_whole("connection-limit", args.connection_limit, 1_000_000),
        lingers=_number("lingers", args.lingers, 0, 3600),
        drills=tuple(drill_named(name).name for name in args.drill),
        idle_exit=_number("idle-exit", args.idle_exit, 0, 1e9),
        key=os.environ.get(KEY_VARIABLE) or DEFAULT_KEY,
        secret=os.environ.get(SECRET_VARIABLE) or DEFAULT_SECRET,
    )


def _knobs(args: argparse.Namespace) -> Knobs:
    most = {"hidden_chance": 1.0, "price_improvement": 1.0, "pending_told": 1.0}
    values = {
        name: _number(name.replace("_", "-"), getattr(args, name), 0, most.get(name, 1e6))
        for name in Knobs.__struct_fields__
    }
    return msgspec.convert(values | {"slippage_ticks": int(values["slippage_ticks"])}, Knobs)


def _number(name: str, given: str, low: float, high: float) -> float:
    sentence = f"--{name} must be a number from {low:g} to {high:g}, not {given}."
    try:
        value = float(number(given, name))
    except Refusal as refusal:
        raise Refusal(name, sentence, given) from refusal
    if not low <= value <= high:
        raise Refusal(name, sentence, given)
    return value


def _whole(name: str, given: str, high: int) -> int:
    if not (given.isascii() and given.isdecimal()) or len(given) > 9 or int(given) > high:
        sentence = f"--{name} must be a whole number from 0 to {high}, not {given}."
        raise Refusal(name, sentence, given)
    return int(given)


def _decimal(name: str, given: str) -> Decimal:
    sentence = f"--{name} must be a number from 0 to 10^12, not {given}."
    try:
        value = number(given, name)
    except Refusal as refusal:
        raise Refusal(name, sentence, given) from refusal
    if not 0 <= value <= 10**12:
        raise Refusal(name, sentence, given)
    return value


def _position(given: str) -> tuple[str, Decimal]:
    symbol, equals, qty = given.partition("=")
    try:
        shares = number(qty, "position")
    except Refusal:
        shares = Decimal("NaN")
    if not (symbol and equals and shares.is_finite() and abs(shares) <= 10**9):
        raise Refusal("position", f"--position must look like UVXY=1000, not {given}.", given)
    return symbol.upper(), shares


def _time_of_day(given: str) -> int:
    """HH:MM or HH:MM:SS as nanoseconds past midnight."""
    parts = given.split(":")
    if 2 <= len(parts) <= 3 and all(p.isascii() and p.isdecimal() and len(p) <= 2 for p in parts):
        hours, minutes, seconds = (int(p) for p in (*parts, "0")[:3])
        total = hours * 3600 + minutes * 60 + seconds
        if minutes < 60 and seconds < 60 and total < _SECONDS_A_DAY:
            return total * NS
    raise Refusal("at", f"--at must be a time of day like 10:00, not {given}.", given)


async def _serve(options: ExchangeOptions, port: int) -> int:
    # Imported here so that wrong arguments are answered at once.
    from core.exchange.api.server import serve

    async with serve(options, port) as running:
        _stop_on_signals(running)
        line = {
            "event": "listening",
            "port": running.port,
            "account": running.exchange.options.account_number,
            "pid": os.getpid(),
        }
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        await _until_stopped(running, options.idle_exit)
    return 0


def _stop_on_signals(running: "RunningExchange") -> None:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(name, running.stopping.set)
        except NotImplementedError:  # Windows: Ctrl-C raises KeyboardInterrupt instead
            return


async def _until_stopped(running: "RunningExchange", idle_exit: float) -> None:
    """Return when told to stop, or after `idle_exit` seconds without a client stream."""
    loop = asyncio.get_running_loop()
    seen = loop.time()
    while not running.stopping.is_set():
        if running.connections():
            seen = loop.time()
        left = seen + idle_exit - loop.time() if idle_exit else None
        if left is not None and left <= 0:
            return
        wait = None if left is None else min(1.0, left)
        try:
            async with asyncio.timeout(wait):
                await running.stopping.wait()
        except TimeoutError:
            continue
