"""The faults the exchange can be asked to commit, as a table, and the script of those armed.

Plain data and one question, `take`: "is a fault armed for this?". The places that ask
carry it out: `matching` for orders and their updates, `api` for connections and answers.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from core.errors import Refusal


class Point(StrEnum):
    """Where a fault can strike."""

    ANSWER = "answer"
    UPDATE = "update"
    CANCEL = "cancel"
    NEW = "new"
    CONNECT = "connect"
    LOGIN = "login"
    FRAME = "frame"


class Kind(StrEnum):
    """Every fault there is."""

    ANSWER_504 = "answer_504"
    ANSWER_500 = "answer_500"
    ANSWER_RESET = "answer_reset"
    ANSWER_HANG = "answer_hang"
    ANSWER_GARBLED = "answer_garbled"
    ANSWER_SLOW = "answer_slow"
    ANSWER_429 = "answer_429"
    ANSWER_429_BARE = "answer_429_bare"
    UPDATE_DROP = "update_drop"
    UPDATE_TWICE = "update_twice"
    UPDATE_LATE = "update_late"
    CANCEL_STUCK = "cancel_stuck"
    CANCEL_SLOW = "cancel_slow"
    CANCEL_REJECTED = "cancel_rejected"
    NEW_REJECTED = "new_rejected"
    CONNECT_LIMIT = "connect_limit"
    CONNECT_MUTE = "connect_mute"
    LOGIN_ERROR = "login_error"
    FRAME_CORRUPT = "frame_corrupt"
    FRAME_CUT = "frame_cut"


CATALOGUE: dict[Kind, tuple[Point, str]] = {
    Kind.ANSWER_504: (Point.ANSWER, "a gateway's 504 page instead of the answer"),
    Kind.ANSWER_500: (Point.ANSWER, "a 500 page in HTML instead of the answer"),
    Kind.ANSWER_RESET: (Point.ANSWER, "the connection is reset instead of an answer"),
    Kind.ANSWER_HANG: (Point.ANSWER, "no answer for `seconds`, then the connection closes"),
    Kind.ANSWER_GARBLED: (Point.ANSWER, "a 200 whose body breaks off"),
    Kind.ANSWER_SLOW: (Point.ANSWER, "the answer comes `seconds` late, after its events"),
    Kind.ANSWER_429: (Point.ANSWER, "429 with Retry-After of `seconds`; nothing is done"),
    Kind.ANSWER_429_BARE: (Point.ANSWER, "429 without any header; nothing is done"),
    Kind.UPDATE_DROP: (Point.UPDATE, "a trade update is never sent"),
    Kind.UPDATE_TWICE: (Point.UPDATE, "a trade update is sent twice, execution id and all"),
    Kind.UPDATE_LATE: (Point.UPDATE, "a trade update comes `seconds` late, behind later ones"),
    Kind.CANCEL_STUCK: (Point.CANCEL, "the order stays in pending_cancel until released"),
    Kind.CANCEL_SLOW: (Point.CANCEL, "the cancel is confirmed `seconds` late"),
    Kind.CANCEL_REJECTED: (Point.CANCEL, "order_cancel_rejected; the order goes on working"),
    Kind.NEW_REJECTED: (Point.NEW, "the order is rejected after the POST answered 200"),
    Kind.CONNECT_LIMIT: (Point.CONNECT, "connection limit: 429 (trading) or 406 (data)"),
    Kind.CONNECT_MUTE: (Point.CONNECT, "the connection opens and nothing is ever said"),
    Kind.LOGIN_ERROR: (Point.LOGIN, "the data stream answers a login with the error `code`"),
    Kind.FRAME_CORRUPT: (Point.FRAME, "bytes that mean nothing, sent before the frame"),
    Kind.FRAME_CUT: (Point.FRAME, "half of the frame, then the connection is reset"),
}


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One armed fault. An empty filter matches everything.

    Strikes `times` times (0: until cleared) after `skip` matches went by. `landed` says
    whether a request is carried out before its answer is spoiled. Filters: `method` and
    a part of `path` for answers, `event` and the start of `client_order_id` for orders,
    `stream` (orders or quotes) for connections and frames. `code` is the error of a login.
    """

    kind: Kind
    times: int = 1
    skip: int = 0
    seconds: float = 0.0
    landed: bool = True
    method: str = ""
    path: str = ""
    event: str = ""
    client_order_id: str = ""
    stream: str = ""
    code: int = 500

    @property
    def point(self) -> Point:
        """Where it strikes."""
        return CATALOGUE[self.kind][0]


class Faults:
    """The armed faults, in the order they were armed."""

    def __init__(self, script: Iterable[Fault] = ()) -> None:
        self._armed: list[Fault] = []
        for fault in script:
            self.arm(fault)

    def arm(self, fault: Fault) -> None:
        """Add one. Raises Refusal for figures that make no sense."""
        if fault.times < 0 or fault.skip < 0 or not 0 <= fault.seconds < 3600:
            raise Refusal("fault", f"The fault {fault.kind} has figures out of range.")
        self._armed.append(fault)

    def clear(self) -> None:
        """Disarm everything."""
        self._armed.clear()

    def armed(self) -> tuple[Fault, ...]:
        """What is still to strike."""
        return tuple(self._armed)

    def take(
        self,
        point: Point,
        *,
        method: str = "",
        path: str = "",
        event: str = "",
        client_order_id: str = "",
        stream: str = "",
    ) -> Fault | None:
        """The fault that strikes here and now, used up by this call; None when there is none."""
        for place, fault in enumerate(self._armed):
            if (
                fault.point is not point
                or fault.method not in ("", method)
                or fault.path not in path
                or fault.event not in ("", event)
                or not client_order_id.startswith(fault.client_order_id)
                or fault.stream not in ("", stream)
            ):
                continue
            if fault.skip:
                self._armed[place] = msgspec.structs.replace(fault, skip=fault.skip - 1)
                continue
            if fault.times == 1:
                del self._armed[place]
            elif fault.times:
                self._armed[place] = msgspec.structs.replace(fault, times=fault.times - 1)
            return fault
        return None
