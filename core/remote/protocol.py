"""What passes between a Touchline that runs and a command that overrides it: a line each way."""

from typing import Annotated, Any

import msgspec

from core.wording.flatten_report import Flattened
from core.wording.kill_report import KillReport
from core.wording.next_step import OrderAction

REQUEST_BYTES = 4096  # the most that one request has
ANSWER_BYTES = 1 << 24  # many orders may end in one answer
REQUEST_S = 10.0  # a request that has not come by then is none
ANSWER_S = 60.0  # how long an answer is waited for
KILL_S = 20.0  # more than a kill takes, proof or not
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


class ServerAddress(msgspec.Struct):
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
