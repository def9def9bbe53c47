"""Who may speak to the embedded exchange: this machine's own programs, by its key."""

import aiohttp
import pytest

from core.exchange.api.server import serve
from core.exchange.options import ExchangeOptions

PATHS = [("GET", "/_exchange"), ("POST", "/_exchange/clear"), ("GET", "/v2/account")]
PATHS += [("GET", "/stream"), ("GET", "/v2/sip")]


@pytest.mark.scenario(133)
@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://page.example"}, {"Origin": "null"}, {"Host": "page.example"}],
)
async def test_a_web_page_gets_in_nowhere(method: str, path: str, headers: dict[str, str]) -> None:
    async with serve(ExchangeOptions()) as running, aiohttp.ClientSession() as http:
        where = f"http://127.0.0.1:{running.port}{path}"
        async with http.request(method, where, headers=headers) as answer:
            assert answer.status == 403


@pytest.mark.scenario(133)
async def test_an_exchange_with_a_key_of_its_own_is_controlled_by_that_key_only() -> None:
    async with (
        serve(ExchangeOptions(key="a", secret="b")) as running,
        aiohttp.ClientSession(f"http://127.0.0.1:{running.port}") as http,
    ):
        async with http.post("/_exchange/stop") as answer:
            assert answer.status == 401
        keys = {"APCA-API-KEY-ID": "a", "APCA-API-SECRET-KEY": "b"}
        async with http.post("/_exchange/clear", headers=keys) as answer:
            assert answer.status == 200
