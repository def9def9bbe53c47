"""The exchange that plays for the pictures, in a process of its own: a market that does as told.

UVXY wanders about 15.23 / 15.32 by a seed until a price is held; the other stocks are the
generated ones. Nothing fills but what is told to fill.
"""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from random import Random
from typing import Any

import msgspec

from core.exchange.api.running_exchange import RunningExchange
from core.exchange.api.server import serve
from core.exchange.faults.faults import Fault
from core.exchange.market.events import MarketEvent, QuoteEvent, Source, Touch, TradeEvent
from core.exchange.market.generator import PROFILES, generate
from core.exchange.market.trading_day import CLOSE, MarketTime
from core.exchange.options import ExchangeOptions
from core.market.time import NS
from tests.support.exchange_acts import happen
from tests.support.exchange_venue import dollars
from tests.support.far_exchange import STILL

SYMBOL = "UVXY"
SEED = "cockpit"
_HOUR = 3600
_EVERY = NS // 4
_BIDS = (152_300, 152_300, 152_300, 152_200, 152_100)
_ASKS = (153_200, 153_200, 153_200, 153_100, 153_300)
_SIZES = (200, 300, 500, 800, 1_200)


class Stage:
    """The maker's hold on the exchange."""

    def __init__(self, port: int, pipe: Connection) -> None:
        self.port = port
        self._pipe = pipe

    def _tell(self, *words: object) -> None:
        self._pipe.send(words)
        self._pipe.recv()

    def hold(self, bid: str, ask: str, size: int = 900) -> None:
        """UVXY stands still there until it is let go; an empty side has no quote."""
        self._tell("hold", bid, ask, size)

    def let_go(self) -> None:
        """UVXY wanders again."""
        self._tell("let go")

    def fill(self, bid: str, shares: int) -> None:
        """For a moment somebody bids that much for so many shares."""
        self._tell("fill", bid, shares)

    def do(self, action: str, what: str = "") -> None:
        """What `RunningExchange.do` knows."""
        self._tell("do", action, what)

    def fault(self, **fields: Any) -> None:
        """Arm a fault."""
        self._tell("fault", fields)

    def close_market(self) -> None:
        """The regular session has ended, for a Touchline that starts from now on."""
        self._tell("close")


class _Market:
    """UVXY's quotes and prints."""

    def __init__(self) -> None:
        self.held: Touch | None = None
        self.last = Touch(_BIDS[0], _SIZES[2], _ASKS[0], _SIZES[2])

    def events(self) -> Iterator[MarketEvent]:
        chance = Random(SEED)
        for step in range(_HOUR * NS // _EVERY):
            at = step * _EVERY
            if self.held is None and chance.random() < 0.4:
                self.last = self._moved(chance)
            yield QuoteEvent(at, SYMBOL, self.held or self.last)
            if self.held is None and chance.random() < 0.2:
                yield TradeEvent(at, SYMBOL, self.last.bid, chance.choice(_SIZES), "Q")

    def _moved(self, chance: Random) -> Touch:
        bid, ask = self.last.bid, self.last.ask
        if chance.random() < 0.5:
            bid = chance.choice(_BIDS)
        else:
            ask = chance.choice(_ASKS)
        return Touch(bid, chance.choice(_SIZES), ask, chance.choice(_SIZES))


@contextmanager
def stage() -> Iterator[Stage]:
    """An exchange that plays while the block runs."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_run, args=(theirs,), daemon=True)
    process.start()
    theirs.close()  # so that its end is heard
    try:
        yield Stage(ours.recv(), ours)
    finally:
        ours.send(("stop",))
        process.join(10)
        process.kill()


def _run(pipe: Connection) -> None:
    asyncio.run(_serve(pipe))


async def _serve(pipe: Connection) -> None:
    market = _Market()
    sources: dict[str, Source] = {
        symbol: generate(symbol, profile, SEED)
        for symbol, profile in PROFILES.items()
        if symbol != SYMBOL
    }
    options = ExchangeOptions(seed=SEED, knobs=STILL, rate_limit=0, account_number="EXCOCKPIT")
    async with serve(options, scripted={SYMBOL: market.events(), **sources}) as running:
        pipe.send(running.port)
        while (told := await asyncio.to_thread(pipe.recv))[0] != "stop":
            _obey(running, market, *told)
            pipe.send("done")


def _obey(running: RunningExchange, market: _Market, what: str, *said: Any) -> None:
    exchange = running.exchange
    if what == "hold":
        bid, ask, size = said
        market.held = Touch(
            dollars(bid) if bid else 0, size if bid else 0,
            dollars(ask) if ask else 0, size if ask else 0,
        )  # fmt: skip
        happen(exchange, QuoteEvent(0, SYMBOL, market.held))
    elif what == "let go":
        market.held = None
    elif what == "fill":
        bid, shares = said
        now = market.held or market.last
        better = Touch(dollars(bid), shares, now.ask, now.ask_size)
        happen(exchange, QuoteEvent(0, SYMBOL, better))
        happen(exchange, QuoteEvent(0, SYMBOL, now))
    elif what == "do":
        running.do(*said)
    elif what == "fault":
        running.faults.arm(msgspec.convert(said[0], Fault))
    elif what == "close":
        after = CLOSE + 60 * NS
        closed = MarketTime(exchange.now_ns(), start_of_day=after, always_open=False)
        exchange.time = exchange.engine.time = closed
