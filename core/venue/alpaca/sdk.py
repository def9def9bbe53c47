"""alpaca-py's REST clients with their traps closed. The only file that imports alpaca-py.

Import it in a REST worker thread only: it brings pandas along (0.7 s, 90 MB).
Each object belongs to one thread, as a requests session does.
"""

from time import monotonic, time
from typing import Any

import requests
from alpaca.common.exceptions import APIError
from alpaca.common.rest import RESTClient
from alpaca.data.historical.stock import StockHistoricalDataClient
from alpaca.trading.client import TradingClient

from core.venue.alpaca.endpoints import Endpoints, is_loopback
from core.venue.alpaca.rest_replies import Answer, Outcome, Silence
from core.venue.credentials import Credentials

MOST_BYTES = 16 << 20  # of one answer; the longest there is, the list of all assets, has about 6
_CHUNK = 8192


class _OverlongError(requests.RequestException):
    """An answer longer than any there is, or that does not come to its end."""


class _Session(requests.Session):
    """Gives every request a timeout, which alpaca-py does not, and keeps the answer as it came.

    An answer is read here, and no further than `MOST_BYTES` and `total` seconds: whoever sends
    more would fill the memory, or hold the thread for ever.
    """

    def __init__(self, timeout: tuple[float, float], total: float) -> None:
        super().__init__()
        self.answer: requests.Response | None = None
        self._timeout = timeout
        self._total = total

    def forget(self) -> None:
        """Drop the last answer."""
        self.answer = None

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        until = monotonic() + self._total
        answer = super().request(*args, **(kwargs | {"timeout": self._timeout, "stream": True}))
        try:
            answer._content = _whole(answer, until)
        except BaseException:
            answer.close()
            raise
        self.answer = answer
        return answer


def _whole(answer: requests.Response, until: float) -> bytes:
    """The body of an answer, unpacked."""
    chunks: list[bytes] = []
    size = 0
    for chunk in answer.iter_content(_CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > MOST_BYTES:
            raise _OverlongError(f"the answer has more than {MOST_BYTES >> 20} MB")
        if monotonic() > until:
            raise _OverlongError("the answer did not come to its end in time")
    return b"".join(chunks)


class Sdk:
    """One trading client and one data client, with times in seconds: `timeout` (connect, read).

    `total` is how long one answer may take altogether.

    alpaca-py builds the request and signs it; what comes back is read by us, so that
    a reply it can't parse is never mistaken for a request that was not taken.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        credentials: Credentials,
        timeout: tuple[float, float],
        total: float,
    ) -> None:
        trading = TradingClient(
            credentials.key_id, credentials.secret, url_override=endpoints.trading_url
        )
        data = StockHistoricalDataClient(
            credentials.key_id, credentials.secret, url_override=endpoints.data_url
        )

        def session() -> _Session:
            return _Session(timeout, total)

        self._trading, self._trading_session = _harden(trading, endpoints.trading_url, session())
        self._data, self._data_session = _harden(data, endpoints.data_url, session())

    def get(self, path: str, query: dict[str, Any] | None) -> Outcome:
        """One GET from the trading API."""
        return _get(self._trading, self._trading_session, path, query)

    def data(self, path: str, query: dict[str, Any]) -> Outcome:
        """One GET from the market data API."""
        return _get(self._data, self._data_session, path, query)

    def close(self) -> None:
        """Close the idle connections; one that is in use closes when its answer is in."""
        self._trading_session.close()
        self._data_session.close()


def _harden(client: RESTClient, url: str, session: _Session) -> tuple[RESTClient, _Session]:
    session.trust_env = not is_loopback(url)  # else a proxy variable diverts even loopback
    client._session.close()
    client._session = session
    client._retry = 0  # 429 and 504 are repeated otherwise, a POST of an order too
    return client, session


def _get(client: RESTClient, session: _Session, path: str, query: dict[str, Any] | None) -> Outcome:
    session.forget()
    try:
        client.get(path, query)
    except APIError:
        pass  # the status and the body say it; the exception's own text re-parses and may raise
    except (OSError, ValueError) as error:  # requests' errors are OSErrors, bad JSON a ValueError
        if session.answer is None:
            return Silence(_why(error))
    answer = session.answer
    if answer is None:
        return Silence("no answer")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(answer.status_code, answer.content, headers, time())


def _why(error: Exception) -> str:
    """A few words of our own; the library's text names hosts, ports and objects."""
    if isinstance(error, _OverlongError):
        return str(error)
    for kind, words in (
        (requests.exceptions.ConnectTimeout, "no connection in time"),
        (requests.exceptions.ReadTimeout, "no answer in time"),
        (requests.exceptions.SSLError, "the secure connection failed"),
        (requests.exceptions.ProxyError, "the proxy failed"),
        (requests.exceptions.ChunkedEncodingError, "the answer broke off"),
    ):
        if isinstance(error, kind):
            return words
    if "refused" in str(error):
        return "the connection was refused"
    return "the connection failed"
