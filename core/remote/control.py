"""How another command reaches the Touchline that runs: the overrides, from this machine.

A line of JSON in, a line of JSON out, on loopback, with a token that only this
user can read from the data folder. It can override what is worked, and send no order but
the one that flattens. It is served on the engine's own thread, so it answers while a window hangs.
"""

import asyncio
import contextlib
import hmac
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec

from core.engine.engine import Engine
from core.engine.flatten import Flattened
from core.engine.kill_switch import KillReport
from core.errors import Confirmation, Refusal
from core.orders.plan_input import parse_price, parse_timeout
from core.orders.state import ParentOrder
from core.runtime.data_folder import read_note, write_private
from core.wording import answers
from core.wording.for_programs import summary
from core.wording.next_step import OrderAction

LINE = 4096
ANSWER = 1 << 24  # many orders may end in one answer
ASK_S = 10.0
ANSWER_S = 60.0
KILL_S = 20.0  # more than a kill takes, proof or not
FLAT_S = 20.0  # how long the fills of a flatten are waited for before it is answered
PARTING_S = 1.0
_ASKER = "command line"


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """One thing that may be asked.

    To cancel one order by its id, or all ("*"); to kill; to flatten a symbol, or all ("*"); or
    `ask`, one of the order actions, of `order`, with its seconds or price in `value`. `yes`
    names what was confirmed.
    """

    token: str
    cancel: str = ""
    kill: bool = False
    flatten: str = ""
    ask: OrderAction | None = None
    order: str = ""
    value: str = ""
    yes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        asked = (self.kill, self.cancel, self.flatten, self.ask)
        if sum(map(bool, asked)) != 1:
            raise ValueError("a request asks for one thing")


class Where(msgspec.Struct):
    """The control file: where a Touchline that runs listens, and with which token."""

    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    token: str
    pid: int


class Answer(msgspec.Struct, omit_defaults=True):
    """The orders' summaries, or what a kill or a flatten has proven, or why not.

    `asks` names what is to be confirmed; `refused` then is the question.
    """

    orders: list[dict[str, Any]] = []
    killed: KillReport | None = None
    flattened: list[Flattened] = []
    refused: str = ""
    asks: tuple[str, ...] = ()


class ControlServer:
    """Serves one engine until stopped."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._path = path
        self._token = secrets.token_hex(16)
        self._server: asyncio.Server | None = None
        self._answering: set[asyncio.Task[Any]] = set()
        self._asked = 0  # requests that are being done
        self._idle = asyncio.Event()
        self._idle.set()

    async def start(self) -> None:
        """Listen on a free port and say where in the control file."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=LINE)
        port = self._server.sockets[0].getsockname()[1]
        where = Where(port, self._token, os.getpid())
        write_private(self._path, msgspec.json.encode(where).decode())

    async def stop(self) -> None:
        """Take the control file away and stop listening; answers on their way get a moment."""
        self._path.unlink(missing_ok=True)
        if self._server is not None:
            self._server.close()
        if self._answering:
            _, late = await asyncio.wait(self._answering, timeout=PARTING_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    @property
    def asked(self) -> bool:
        """Whether something that was asked is still being done."""
        return self._asked > 0

    async def answered(self) -> None:
        """Return when nothing that was asked is still being done."""
        await self._idle.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._answering.add(task)
        try:
            answer = await self._answer(reader)
            writer.write(msgspec.json.encode(answer) + b"\n")
            await writer.drain()
        except ConnectionError:
            return  # the asker has gone; what was asked is done all the same
        finally:
            self._answering.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> Answer:
        try:
            line = await asyncio.wait_for(reader.readline(), ASK_S)
            request = msgspec.json.decode(line, type=Request)
        except (ValueError, TimeoutError, RecursionError, msgspec.MsgspecError):
            return Answer(refused="The request could not be read.")
        if not self._known(request.token):
            return Answer(refused="The token is wrong.")
        with self._being_asked():
            try:
                return await self._do(request)
            except Confirmation as asks:
                return Answer(refused=asks.sentence, asks=asks.names)
            except Refusal as refusal:
                return Answer(refused=refusal.sentence)

    @contextlib.contextmanager
    def _being_asked(self) -> Iterator[None]:
        self._asked += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._asked -= 1
            if not self._asked:
                self._idle.set()

    async def _do(self, request: Request) -> Answer:
        if request.kill:
            return Answer(killed=await self._engine.kill(by=_ASKER))
        if request.ask is not None:
            return Answer(orders=[await self._ask(request, request.ask)])
        if request.flatten:
            symbol = "" if request.flatten == "*" else request.flatten
            done = await self._engine.flatten(symbol, request.yes, by=_ASKER)
            ended = await ended_soon(self._engine, [d.order for d in done if d.order])
            return Answer(flattened=list(done), orders=[summary(o) for o in ended])
        return Answer(orders=[summary(o) for o in await self._cancel(request.cancel)])

    async def _ask(self, request: Request, action: OrderAction) -> dict[str, Any]:
        """Ask it of the order; the order's summary with what is proven, in words."""
        engine, order_id, value = self._engine, request.order, request.value
        if action is OrderAction.CANCEL:
            order = await engine.cancel(order_id, by=_ASKER)
        elif action is OrderAction.MARKET_NOW:
            order = await engine.market_now(order_id)
        elif action is OrderAction.HOLD:
            order = await engine.hold(order_id)
        elif action is OrderAction.MORE_TIME:
            order = await engine.extend(order_id, parse_timeout(value))
        else:
            order = await engine.reprice(order_id, parse_price(value, "price"), request.yes)
        told = answers.answer(action, order, engine.clock.now_ns())
        return summary(order) | {"event": "asked", "asked": action.value, "sentence": told}

    def _known(self, token: str) -> bool:
        return hmac.compare_digest(token.encode("utf-8", "replace"), self._token.encode())

    async def _cancel(self, what: str) -> tuple[ParentOrder, ...]:
        if what == "*":
            asked = await self._engine.cancel_all(by=_ASKER)
        else:
            asked = (await self._engine.cancel(what, by=_ASKER),)
        return await self._engine.finals(o.id for o in asked)


async def ended_soon(engine: Engine, ids: list[str]) -> tuple[ParentOrder, ...]:
    """The orders once all of them are final, or as they are after a while."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(FLAT_S):
            await engine.finals(ids)
    return tuple(engine.orders[i] for i in ids)


async def ask_cancel(path: Path, what: str) -> list[dict[str, Any]]:
    """Ask the running Touchline to cancel order `what` ("*": all) and wait for the proof.

    Raises Refusal when it does not answer or refuses.
    """
    return (await _asked(path, lambda token: Request(token, cancel=what))).orders


async def ask_order(
    path: Path, action: OrderAction, order_id: str, value: str, confirmed: Sequence[str]
) -> dict[str, Any]:
    """Ask the running Touchline `action` of one order; its summary with what is proven, in words.

    Raises Refusal like `ask_cancel`, Confirmation for what is not among `confirmed`.
    """

    def request(token: str) -> Request:
        return Request(token, ask=action, order=order_id, value=value, yes=tuple(confirmed))

    return (await _asked(path, request)).orders[0]


async def ask_flatten(path: Path, symbol: str, confirmed: Sequence[str]) -> Answer:
    """Ask the running Touchline to flatten `symbol` (empty: all). Raises like `ask_order`."""

    def request(token: str) -> Request:
        return Request(token, flatten=symbol or "*", yes=tuple(confirmed))

    return await _asked(path, request)


async def ask_kill(path: Path) -> KillReport:
    """Ask the running Touchline to kill; what it has proven. Raises Refusal like `ask_cancel`."""
    answer = await _asked(path, lambda token: Request(token, kill=True), KILL_S)
    if answer.killed is None:
        raise Refusal("instance", answer.refused or "The Touchline that runs gave no report.")
    return answer.killed


async def _asked(
    path: Path, request: Callable[[str], Request], patience_s: float = ANSWER_S
) -> Answer:
    """The answer to what `request` makes of the token. Raises Refusal, or Confirmation."""
    try:
        where = await asyncio.to_thread(read_note, path, Where)
        answer = await _heard(where, request(where.token), patience_s)
    except (OSError, ValueError, RecursionError) as error:
        raise Refusal(
            "instance",
            "The Touchline that runs did not answer. Cancel in its window, put a file named KILL "
            f"into {path.parent}, or end it and use 'touchline resume'.",
        ) from error
    if answer.asks:
        raise Confirmation(answer.asks, answer.refused)
    if answer.refused:
        raise Refusal("order", answer.refused)
    return answer


async def _heard(where: Where, request: Request, patience_s: float) -> Answer:
    writer: asyncio.StreamWriter | None = None
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", where.port, limit=ANSWER)
        writer.write(msgspec.json.encode(request) + b"\n")
        await writer.drain()
        line = await asyncio.wait_for(reader.readline(), patience_s)
        return msgspec.json.decode(line, type=Answer)
    except TimeoutError as error:
        raise Refusal(
            "instance",
            f"The Touchline that runs (process {where.pid}) was asked, but has not answered for "
            f"{patience_s:g} s, so nothing of it is proven: it may go on trying, or hang. Check "
            "open orders at the broker; once that process is ended, 'touchline kill' cancels "
            "what it left open.",
        ) from error
    finally:
        if writer is not None:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
