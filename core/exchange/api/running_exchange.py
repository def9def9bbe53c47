"""An exchange that listens: its connections, its address, and faults on demand."""

import asyncio
from collections.abc import Callable

from core.errors import Refusal
from core.exchange.api import routes
from core.exchange.api.connection import Connection
from core.exchange.api.rate_limit import Budget
from core.exchange.api.stream_protocol import MarketDataConversation, TradeUpdateConversation
from core.exchange.faults.drills import OF_SYMBOLS, Drills
from core.exchange.faults.faults import Faults
from core.exchange.matching.exchange import Exchange
from core.market.time import NS

HOST = "127.0.0.1"


class RunningExchange:
    """An exchange that listens. What tests and drills act on."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.port = 0
        self.stopping = asyncio.Event()
        self.trading: dict[Connection, TradeUpdateConversation] = {}
        self.data: dict[Connection, MarketDataConversation] = {}
        self._trading_budget = Budget(exchange.options.rate_limit, exchange.now_ns)
        self._data_budget = Budget(exchange.options.rate_limit, exchange.now_ns)
        self._lingering: list[tuple[str, int]] = []  # streams of dead connections, and until when
        self.drills = Drills(exchange.faults, self.do, asyncio.get_running_loop().call_later)
        exchange.listeners.append(self.drills)

    @property
    def faults(self) -> Faults:
        """The script of faults; `running.faults.arm(Fault(...))`."""
        return self.exchange.faults

    @property
    def url(self) -> str:
        """Base of both REST APIs, without a path."""
        return f"http://{HOST}:{self.port}"

    @property
    def trading_stream_url(self) -> str:
        """The whole address of the trading stream."""
        return f"ws://{HOST}:{self.port}/stream"

    def data_stream_url(self, feed: str = "iex") -> str:
        """The whole address of a data stream."""
        return f"ws://{HOST}:{self.port}/v2/{feed}"

    def connections(self, stream: str = "") -> list[Connection]:
        """Open connections of `orders`, of `quotes`, or of both."""
        return [c for c in (*self.trading, *self.data) if stream in ("", c.stream)]

    def linger(self, connection: Connection) -> None:
        """Count a connection that ended without a goodbye for as long as the options say."""
        if not connection.said_goodbye:
            until = self.exchange.now_ns() + round(self.exchange.options.lingers * NS)
            self._lingering.append((connection.stream, until))

    def lingering(self, stream: str) -> int:
        """How many dead connections of a stream still count."""
        now = self.exchange.now_ns()
        self._lingering = [each for each in self._lingering if each[1] > now]
        return sum(of == stream for of, _ in self._lingering)

    def budget(self, path: str) -> Budget:
        """The request budget that `path` draws on."""
        return self._data_budget if routes.is_data(path) else self._trading_budget

    def do(self, action: str, what: str = "") -> None:
        """Commit a fault now. Raises Refusal for an unknown action.

        stop: the exchange; drill: begin that one; clear: the armed faults and drills; cut,
        mute, unmute: a stream (orders, quotes, both when empty); replay: the updates of
        orders whose client id starts with `what`; release: stuck cancels; halt, resume: a
        symbol; restrict, unrestrict: short sales of one.
        """
        exchange = self.exchange
        if action in OF_SYMBOLS and what not in exchange.assets:
            raise Refusal("symbol", f"There is no symbol {what} on this exchange.", what)
        actions: dict[str, Callable[[], object]] = {
            "stop": self.stopping.set,
            "clear": self._clear,
            "drill": lambda: self.drills.begin([what]),
            "cut": lambda: self._each(what, Connection.cut),
            "mute": lambda: self._each(what, Connection.mute),
            "unmute": lambda: self._each(what, Connection.unmute),
            "replay": lambda: exchange.replay_updates(what),
            "release": exchange.release_cancels,
            "halt": lambda: exchange.halt(what),
            "resume": lambda: exchange.resume(what),
            "restrict": lambda: exchange.restrict(what),
            "unrestrict": lambda: exchange.unrestrict(what),
        }
        if action not in actions:
            raise Refusal("action", f"There is no action {action}.", action)
        actions[action]()

    def _clear(self) -> None:
        self.faults.clear()
        self.drills.clear()
        self.exchange.release_cancels()

    def _each(self, stream: str, do: Callable[[Connection], None]) -> None:
        for connection in self.connections(stream):
            do(connection)
