"""What passes between a Touchline that runs and a command that overrides it: a line each way.

The two may be of different versions, so names that have changed are said in both spellings, and
understood in both.
"""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec

from core.risk.pre_trade_controls import FORMER_NAMES
from core.wording.flatten_report import Flattened
from core.wording.kill_report import KillReport
from core.wording.next_step import FORMER_ACTIONS, OrderAction

REQUEST_BYTES = 4096  # the most that one request has
ANSWER_BYTES = 1 << 24  # many orders may end in one answer
REQUEST_S = 1.0  # a request that has not come by then is none
MOST_OPEN = 8  # connections held by each way in; whoever comes beyond is turned away
MOST_PATH = 100  # characters of a socket's path that every system takes
ANSWER_S = 60.0  # how long an answer is waited for
KILL_S = 20.0  # more than a kill takes, proof or not
PROOF_S = 3.0  # how long the proof of what ended unproven is waited for
FLATTEN_S = 20.0  # how long the fills of a flatten are waited for before it is answered
CLOSING_S = 1.0  # what answers on their way get when the server closes


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


def encoded(request: Request) -> bytes:
    """The line for it: an action by the name that it had first, controls by all their names."""
    said = msgspec.to_builtins(request)
    first = {new: old for old, new in FORMER_ACTIONS.items()}
    said["ask"] = first.get(said["ask"], said["ask"])
    said["yes"] = (*request.yes, *(old for old, new in FORMER_NAMES.items() if new in request.yes))
    return msgspec.json.encode(said) + b"\n"


def confirmed(names: Iterable[str]) -> tuple[str, ...]:
    """What a person has confirmed, by the names that controls have today."""
    return tuple(dict.fromkeys(FORMER_NAMES.get(name, name) for name in names))


class ServerAddress(msgspec.Struct):
    """The control file: where a Touchline that runs listens, and with which token.

    `socket` is a path in the private folder, which no other user can reach; empty where the system
    has none. The port is for systems and commands that know no socket.
    """

    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    token: str
    pid: int
    socket: str = ""


class Answer(msgspec.Struct, omit_defaults=True):
    """The orders' summaries, or what a kill or a flatten has proven, or why not.

    `asks` names what is to be confirmed; `refused` then is the question.
    """

    orders: list[dict[str, Any]] = []
    killed: KillReport | None = None
    flattened: list[Flattened] = []
    refused: str = ""
    asks: tuple[str, ...] = ()
