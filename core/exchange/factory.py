"""Puts an exchange together: which symbols come from tape, which are generated."""

import secrets
import string
from collections.abc import Mapping

from msgspec.structs import replace

from core.errors import Refusal
from core.exchange.market.events import Source
from core.exchange.market.generator import PROFILES, generate
from core.exchange.market.tapes.opening import open_tape
from core.exchange.market.tapes.tape import Tape, check_start, play
from core.exchange.market.trading_day import MarketTime
from core.exchange.matching.exchange import Exchange
from core.exchange.options import TAPE_POSITION, ExchangeOptions
from core.exchange.timing import CallLater, NowNs

_ALPHABET = string.ascii_uppercase + string.digits


def build_exchange(
    options: ExchangeOptions,
    now_ns: NowNs,
    call_later: CallLater,
    scripted: Mapping[str, Source] | None = None,
) -> Exchange:
    """An exchange that is ready to start; a `scripted` market takes the generated one's place.

    Raises Refusal for a bad tape or position.
    """
    sources: dict[str, Source] = dict(scripted or _generated(options))
    positions = dict(options.positions)
    for tape in _tapes(options):
        sources[tape.symbol] = play(tape, options.at)
        positions.setdefault(tape.symbol, TAPE_POSITION)
    for symbol, qty in positions.items():
        if symbol not in sources:
            raise Refusal("position", f"There is no symbol {symbol} on this exchange.", symbol)
        if qty < 0 and not options.allow_short:
            raise Refusal("position", f"The position in {symbol} may not be negative.", qty)
    time = MarketTime(now_ns(), options.at, options.speed, always_open=not options.tapes)
    options = replace(
        options,
        positions=positions,
        account_number=options.account_number or new_account_number(),
    )
    return Exchange(options, sources, time, now_ns, call_later)


def _generated(options: ExchangeOptions) -> dict[str, Source]:
    return {symbol: generate(symbol, profile, options.seed) for symbol, profile in PROFILES.items()}


def _tapes(options: ExchangeOptions) -> list[Tape]:
    tapes: dict[str, Tape] = {}
    for path in options.tapes:
        tape = open_tape(path)
        if tape.symbol in tapes:
            raise Refusal("tape", f"There are two tapes of {tape.symbol}; give one.", path)
        check_start(tape, options.at)
        tapes[tape.symbol] = tape
    return list(tapes.values())


def new_account_number() -> str:
    """A number no other exchange has, so that no journal takes one for another."""
    return "EX" + "".join(secrets.choice(_ALPHABET) for _ in range(7))
