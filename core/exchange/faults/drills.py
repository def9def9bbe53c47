"""Fault drills: named scripts over the table of faults, for a trader to watch and a test to play.

Data, and one small player that does what a script says of the orders it sees. No sockets
and no clock: what a script does to connections is handed in.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from core.errors import Refusal
from core.exchange.faults.faults import Fault, Faults, Kind
from core.exchange.market.events import Status
from core.exchange.market.ticker import Bar, Quote, Trade
from core.exchange.timing import CallLater, Handle


class Act(msgspec.Struct, frozen=True):
    """`after` seconds after an order's update `event`: `action`, as `RunningExchange.do` knows it.

    `what` is its object; empty means the order's own symbol where it is one.
    """

    event: str
    after: float
    action: str
    what: str = ""


class Drill(msgspec.Struct, frozen=True):
    """A script: what it shows, the faults it arms, and what it does as orders go."""

    name: str
    sentence: str
    faults: tuple[Fault, ...] = ()
    acts: tuple[Act, ...] = ()


_FILLS = ("fill", "partial_fill")
_UNDO = ("resume", "release", "unrestrict")
OF_SYMBOLS = ("halt", "resume", "restrict", "unrestrict")

DRILLS: dict[str, Drill] = {
    drill.name: drill
    for drill in (
        Drill(
            "drop",
            "No fill and no cancel is told: only reading the order finds them.",
            tuple(Fault(Kind.UPDATE_DROP, 0, event=event) for event in (*_FILLS, "canceled")),
        ),
        Drill(
            "duplicate",
            "Everything is told twice, and all of it again a second after a fill.",
            (Fault(Kind.UPDATE_TWICE, 0),),
            tuple(Act(event, 1.0, "replay") for event in _FILLS),
        ),
        Drill(
            "late-fill",
            "Fills are told four seconds late, after what came later; cancels take half a second.",
            (
                *(Fault(Kind.UPDATE_LATE, 0, seconds=4.0, event=event) for event in _FILLS),
                Fault(Kind.CANCEL_SLOW, 0, seconds=0.5),
            ),
        ),
        Drill(
            "stuck-cancel",
            "A cancel stays unproven for twelve seconds.",
            (Fault(Kind.CANCEL_STUCK, 0),),
            (Act("pending_cancel", 12.0, "release"),),
        ),
        Drill(
            "halt",
            "Trading halts a second after an order is live, for fifteen seconds.",
            (),
            (Act("new", 1.0, "halt"), Act("new", 16.0, "resume")),
        ),
        Drill(
            "short-restriction",
            "Short sales are restricted (Rule 201) a second after an order is live, for 30 s.",
            (),
            (Act("new", 1.0, "restrict"), Act("new", 31.0, "unrestrict")),
        ),
        Drill(
            "throttle",
            "The venue answers 429, too many requests, to two of each kind of order request.",
            tuple(
                Fault(Kind.ANSWER_429, 2, seconds=1.0, method=method, path="/v2/orders")
                for method in ("POST", "DELETE", "GET")
            ),
        ),
        Drill(
            "reconnect-storm",
            "Both streams are cut five times in six seconds while an order works.",
            (),
            tuple(Act("new", 0.5 + 1.5 * number, "cut") for number in range(5)),
        ),
    )
}


def drill_named(name: str) -> Drill:
    """The script of that name. Raises Refusal, which lists them all."""
    if name not in DRILLS:
        known = ", ".join(DRILLS)
        raise Refusal("drill", f"There is no drill {name[:40]}; there are {known}.", name)
    return DRILLS[name]


class Drills:
    """The scripts in force; a listener of the exchange. `do` carries out an act.

    Each act is done once for each order, however often its update is told.
    """

    def __init__(self, faults: Faults, do: Callable[[str, str], None], later: CallLater) -> None:
        self._faults = faults
        self._do = do
        self._later = later
        self._waiting: dict[tuple[Act, str], Handle] = {}
        self._done: set[tuple[str, Act]] = set()
        self.begun: list[Drill] = []

    def begin(self, names: Iterable[str]) -> None:
        """Put scripts into force. Raises Refusal for an unknown one, before any is."""
        for drill in [drill_named(name) for name in names]:
            if drill not in self.begun:
                self.begun.append(drill)
                for fault in drill.faults:
                    self._faults.arm(fault)

    def clear(self) -> None:
        """End all of them; of what they had still to do only what undoes something is done."""
        self.begun.clear()
        while self._waiting:
            (act, what), handle = self._waiting.popitem()
            handle.cancel()
            if act.action in _UNDO:
                self._do(act.action, what)

    def on_update(self, message: Mapping[str, Any]) -> None:
        """An order has come a step further."""
        event, order = message["data"]["event"], message["data"]["order"]
        for act in (a for d in self.begun for a in d.acts if a.event == event):
            if (order["id"], act) not in self._done:
                self._done.add((order["id"], act))
                own = order["symbol"] if act.action in OF_SYMBOLS else ""
                self._put_off(act, act.what or own)

    def _put_off(self, act: Act, what: str) -> None:
        def work() -> None:
            self._waiting.pop((act, what), None)
            self._do(act.action, what)

        before = self._waiting.pop((act, what), None)  # another order's: the later one counts
        if before is not None:
            before.cancel()
        self._waiting[act, what] = self._later(act.after, work)

    def on_quote(self, symbol: str, quote: Quote) -> None:
        """Not of interest."""

    def on_trade(self, symbol: str, trade: Trade) -> None:
        """Not of interest."""

    def on_status(self, symbol: str, status: Status, at_ns: int) -> None:
        """Not of interest."""

    def on_bar(self, symbol: str, bar: Bar) -> None:
        """Not of interest."""
