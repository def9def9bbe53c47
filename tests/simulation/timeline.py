"""Virtual time of one simulated day, what is due in it, and what happened, in sentences.

No engine in here: the exchange, the network and the person live on this line; an engine's
own loop (`loop.RunLoop`) lets it pass.
"""

import heapq
import math
from collections import Counter
from collections.abc import Callable
from typing import Any

from core.market.time import NS

EPOCH_NS = 1_790_000_000 * NS
MOST_STEPS = 20_000  # of a day; an ordinary one has a few hundred
MOST_AT_ONCE = 2_000  # at one moment of it; an ordinary one has a few dozen


class OverrunError(Exception):
    """The day would never end."""


class Call:
    """Something due, which can be called off."""

    __slots__ = ("args", "fn")

    def __init__(self, fn: Callable[..., object], args: tuple[Any, ...]) -> None:
        self.fn: Callable[..., object] | None = fn
        self.args = args

    def cancel(self) -> None:
        """It will not be made."""
        self.fn = None


class Timeline:
    """Now, what is due, and the lines written so far."""

    def __init__(self) -> None:
        self.now_ns = EPOCH_NS
        self.lines: list[tuple[int, str, str]] = []
        self.struck: Counter[str] = Counter()
        self.steps = 0
        self._at_once = 0
        self._counted_ns = 0
        self._made = 0
        self._calls: list[tuple[int, int, Call]] = []

    @property
    def seconds(self) -> float:
        """Since the day began."""
        return (self.now_ns - EPOCH_NS) / NS

    def now(self) -> int:
        """Nanoseconds since 1970."""
        return self.now_ns

    def after(self, seconds: float, fn: Callable[..., object], *args: Any) -> Call:
        """Call `fn` in `seconds`; calls due together are made in the order they were asked for."""
        self._made += 1
        call = Call(fn, args)
        due = self.now_ns + max(0, round(seconds * NS))
        heapq.heappush(self._calls, (due, self._made, call))
        return call

    def call_later(self, delay: float, fn: Callable[[], None]) -> Call:
        """`after`, as the exchange asks for it."""
        return self.after(delay, fn)

    def say(self, actor: str, sentence: str) -> None:
        """Write a line."""
        self.lines.append((self.now_ns, actor, sentence))

    def fault(self, kind: str, sentence: str = "") -> None:
        """Count an injected fault and write it down."""
        self.struck[kind] += 1
        self.say("fault", f"{kind}{': ' if sentence else ''}{sentence}")

    def step(self) -> None:
        """Make the next call."""
        due, _, call = heapq.heappop(self._calls)
        self.now_ns = max(self.now_ns, due)
        if call.fn is not None:
            self.count()
            call.fn(*call.args)

    def count(self) -> None:
        """One more thing happened; no day has very many, and no moment of it."""
        self.steps += 1
        self._at_once = self._at_once + 1 if self._counted_ns == self.now_ns else 1
        self._counted_ns = self.now_ns
        if self._at_once > MOST_AT_ONCE:
            raise OverrunError(
                f"more than {MOST_AT_ONCE:,} things happened at {self.seconds:.3f} s"
            )
        if self.steps > MOST_STEPS:
            raise OverrunError(f"more than {MOST_STEPS:,} things happened")

    def run_until(self, due: int) -> None:
        """Let the world go on until `due` without any engine."""
        while self._calls and self._calls[0][0] <= due:
            self.step()
        self.now_ns = max(self.now_ns, due)

    def pass_time(self, timeout: float | None) -> None:
        """What a waiting engine's loop does: one thing happens, or `timeout` seconds pass."""
        if timeout == 0:
            self.count()
            return
        limit = None if timeout is None else self.now_ns + math.ceil(timeout * NS)
        if self._calls and (limit is None or self._calls[0][0] <= limit):
            self.step()
        elif limit is None:
            raise OverrunError("nothing is due, and somebody waits for ever")
        else:
            self.now_ns = limit

    def text(self) -> str:
        """The timeline for a reader: seconds, actor, sentence."""
        return "".join(
            f"{(at - EPOCH_NS) / NS:12.6f}  {actor:<9} {sentence}\n"
            for at, actor, sentence in self.lines
        )
