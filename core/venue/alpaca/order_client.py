"""Requests about orders, on the engine's own loop: POST, DELETE, single reads. Uses aiohttp.

A request has one time for all of its life, and when that is over its socket is closed: an answer
that never comes to its end holds no lane, and no other request waits for it. Each request leaves
once, and nothing is redirected: a second DELETE, refused, would look like somebody else's cancel.
"""

import ssl
from collections.abc import Mapping
from time import time

import aiohttp
import certifi

from core.venue.alpaca.endpoints import Endpoints, is_loopback
from core.venue.alpaca.rest_replies import Answer, Outcome, Silence
from core.venue.credentials import Credentials

MOST_BYTES = 1 << 20  # of one answer; an order has about a thousand
_CLOSING = "the program is closing"
KEPT_S = 60.0  # how long an idle connection is kept warm


class OrderClient:
    """One account's. Its connections are made when they are first needed."""

    def __init__(
        self, endpoints: Endpoints, credentials: Credentials, connect_s: float, read_s: float
    ) -> None:
        self._url = endpoints.trading_url
        self._headers = {
            "APCA-API-KEY-ID": credentials.key_id,
            "APCA-API-SECRET-KEY": credentials.secret,
        }
        self._connect_s = connect_s
        self._read_s = read_s
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    async def call(
        self, method: str, path: str, fields: Mapping[str, str | bool] | None, total_s: float
    ) -> Outcome:
        """One request to the trading API: `fields` are a POST's body, else a query."""
        body = fields if method == "POST" else None
        query = None if method == "POST" else {k: str(v) for k, v in (fields or {}).items()}
        if self._closed:
            return Silence(_CLOSING)
        times = aiohttp.ClientTimeout(
            total=total_s, sock_connect=self._connect_s, sock_read=self._read_s
        )
        try:
            async with self._opened().request(
                method,
                f"{self._url}/v2{path}",
                json=body,
                params=query,
                timeout=times,
                allow_redirects=False,
                middlewares=(_Once(),),
            ) as answer:
                content = await answer.content.read(MOST_BYTES + 1)
                while len(content) <= MOST_BYTES and (more := await answer.content.readany()):
                    content += more
                if len(content) > MOST_BYTES:
                    answer.close()
                    return Silence(f"the answer has more than {MOST_BYTES >> 20} MB")
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return Answer(answer.status, content, headers, time())
        except TimeoutError as error:
            connecting = isinstance(error, aiohttp.ConnectionTimeoutError)
            return Silence("no connection in time" if connecting else "no answer in time")
        except (aiohttp.ClientError, OSError, ValueError, RuntimeError) as error:
            return Silence(_CLOSING if self._closed else _why(error))

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            secure = ssl.create_default_context(cafile=certifi.where())
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_S, ssl=secure)
            self._session = aiohttp.ClientSession(
                connector=connector,
                headers=self._headers,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=not is_loopback(self._url),  # a proxy variable diverts even loopback
            )
        return self._session

    async def close(self) -> None:
        """Close every connection, in use or not."""
        self._closed = True
        if self._session is not None:
            await self._session.close()


class _Once:
    """Lets one request out, once.

    aiohttp itself sends a DELETE or a GET again when a connection that was kept is lost.
    """

    def __init__(self) -> None:
        self._sent = False

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        if self._sent:
            raise aiohttp.ServerDisconnectedError
        self._sent = True
        return await handler(request)


def _why(error: Exception) -> str:
    """A few words of our own; the library's text names hosts, ports and objects."""
    for kind, words in (
        (aiohttp.ClientProxyConnectionError, "the proxy failed"),
        (aiohttp.ClientSSLError, "the secure connection failed"),
        (aiohttp.ServerDisconnectedError, "the connection failed"),
        (aiohttp.ClientPayloadError, "the answer broke off"),
    ):
        if isinstance(error, kind):
            return words
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(
        error.os_error, ConnectionRefusedError
    ):
        return "the connection was refused"
    return "the connection failed"
