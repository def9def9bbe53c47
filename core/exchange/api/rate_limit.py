"""How many requests a minute are allowed, counted the way the X-RateLimit headers say."""

from core.exchange.timing import NowNs
from core.market.time import NS

_WINDOW = 60 * NS


class Budget:
    """A number of requests in each minute of the exchange's clock; 0 is no limit."""

    def __init__(self, limit: int, now_ns: NowNs) -> None:
        self._limit = limit
        self._now_ns = now_ns
        self._window = 0
        self._used = 0

    def take(self) -> bool:
        """Use one; False when this minute's are gone."""
        window = self._now_ns() // _WINDOW
        if window != self._window:
            self._window, self._used = window, 0
        if self._limit and self._used >= self._limit:
            return False
        self._used += 1
        return True

    def headers(self) -> dict[str, str]:
        """Limit, what remains, and when it starts anew (seconds since 1970)."""
        if not self._limit:
            return {}
        return {
            "X-RateLimit-Limit": str(self._limit),
            "X-RateLimit-Remaining": str(max(0, self._limit - self._used)),
            "X-RateLimit-Reset": str((self._window + 1) * _WINDOW // NS),
        }

    def seconds_left(self) -> float:
        """Until the next minute starts."""
        return ((self._window + 1) * _WINDOW - self._now_ns()) / NS
