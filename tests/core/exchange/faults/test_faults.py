"""Faults on order: each does what its row in the table says, then the exchange is well again."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from core.errors import Refusal
from core.exchange.api.running_exchange import RunningExchange
from core.exchange.api.server import serve
from core.exchange.faults.faults import CATALOGUE, Fault, Faults, Kind, Point
from core.exchange.options import DEFAULT_KEY, DEFAULT_SECRET, ExchangeOptions, Knobs
from tests.core.exchange.api.test_stream_protocol import LISTEN, LOGIN
from tests.core.exchange.virtual_exchange import ACK, CANCEL, VirtualExchange
from tests.support.exchange_acts import is_halted

HEADERS = {"APCA-API-KEY-ID": DEFAULT_KEY, "APCA-API-SECRET-KEY": DEFAULT_SECRET}
ORDER = {
    "symbol": "UVXY",
    "side": "sell",
    "qty": "100",
    "type": "limit",
    "limit_price": "20",
    "time_in_force": "day",
    "client_order_id": "one",
}

# The script


def test_a_fault_strikes_as_often_as_it_was_armed_and_where_it_fits() -> None:
    faults = Faults([Fault(Kind.ANSWER_504, times=2, skip=1, method="POST", path="orders")])
    taken = [
        faults.take(Point.ANSWER, method=method, path="/v2/orders") is not None
        for method in ("GET", "POST", "POST", "POST", "POST")
    ]
    assert taken == [False, False, True, True, False]
    assert faults.armed() == ()


def test_a_fault_of_zero_times_strikes_until_it_is_cleared() -> None:
    faults = Faults([Fault(Kind.UPDATE_DROP, times=0, event="fill")])
    assert all(faults.take(Point.UPDATE, event="fill") for _ in range(5))
    assert faults.take(Point.UPDATE, event="new") is None
    faults.clear()
    assert faults.take(Point.UPDATE, event="fill") is None


@pytest.mark.parametrize("bad", [Fault(Kind.ANSWER_SLOW, seconds=-1), Fault(Kind.ANSWER_504, -1)])
def test_a_fault_with_senseless_figures_is_refused(bad: Fault) -> None:
    with pytest.raises(Refusal):
        Faults([bad])


def test_every_fault_is_in_the_table() -> None:
    assert set(CATALOGUE) == set(Kind)


# Orders and their updates, in virtual time


def exchange_with(*faults: Fault) -> VirtualExchange:
    exchange = VirtualExchange()
    for fault in faults:
        exchange.real.faults.arm(fault)
    return exchange


def test_an_update_is_dropped_sent_twice_or_late() -> None:
    exchange = exchange_with(
        Fault(Kind.UPDATE_DROP, event="pending_new"),
        Fault(Kind.UPDATE_TWICE, event="new"),
        Fault(Kind.UPDATE_LATE, event="pending_cancel", seconds=1),
    )
    order = exchange.working(limit_price="15.30")
    exchange.cancel(order)
    exchange.time.run_for(2)
    assert exchange.events() == ["new", "new", "canceled", "pending_cancel"]
    assert exchange.updates[0] == exchange.updates[1]


def test_updates_are_replayed_as_they_were() -> None:
    exchange = VirtualExchange()
    exchange.working(client_order_id="tl-1")
    exchange.working(client_order_id="tl-2")
    before = list(exchange.updates)
    assert exchange.real.replay_updates("tl-1") == 3
    assert exchange.updates == before + before[:3]


def test_a_stuck_cancel_reserves_its_shares_until_it_is_released() -> None:
    exchange = exchange_with(Fault(Kind.CANCEL_STUCK))
    order = exchange.working(qty="5000", limit_price="15.30")
    exchange.cancel(order)
    exchange.time.run_for(600)
    assert exchange.order(order)["status"] == "pending_cancel"
    assert exchange.post().status == 403
    exchange.real.release_cancels()
    assert exchange.order(order)["status"] == "canceled"
    assert exchange.post().status == 200


def test_a_slow_cancel_is_late_and_a_rejected_one_leaves_the_order_working() -> None:
    exchange = exchange_with(Fault(Kind.CANCEL_SLOW, seconds=3), Fault(Kind.CANCEL_REJECTED))
    slow, kept = (exchange.working(limit_price="15.30") for _ in range(2))
    exchange.cancel(slow)
    exchange.cancel(kept)
    exchange.time.run_for(CANCEL)
    assert (exchange.order(slow)["status"], exchange.order(kept)["status"]) == (
        "pending_cancel",
        "new",
    )
    assert exchange.events(kept)[-1] == "order_cancel_rejected"
    exchange.time.run_for(3)
    assert exchange.order(slow)["status"] == "canceled"
    assert exchange.cancel(kept).status == 204


def test_an_order_may_be_rejected_after_its_post_was_answered_200() -> None:
    exchange = exchange_with(Fault(Kind.NEW_REJECTED, client_order_id="tl-"))
    order = exchange.post(client_order_id="tl-1").body["id"]
    exchange.time.run_for(ACK)
    assert exchange.events() == ["pending_new", "rejected"]
    assert exchange.order(order)["failed_at"]


# Answers and connections, on real sockets


@pytest.fixture
async def running() -> AsyncIterator[RunningExchange]:
    async with serve(ExchangeOptions(rate_limit=0, knobs=Knobs(ack_delay=0.0))) as exchange:
        yield exchange


@pytest.fixture
async def http(running: RunningExchange) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(running.url, headers=HEADERS) as session:
        yield session


async def listening(running: RunningExchange) -> ClientConnection:
    """A client that is logged in and listens."""
    socket = await connect(running.trading_stream_url)
    for message in (LOGIN, LISTEN):
        await socket.send(json.dumps(message))
        await socket.recv()
    return socket


async def next_event(socket: ClientConnection) -> dict[str, Any]:
    data = json.loads(await asyncio.wait_for(socket.recv(), 10))["data"]
    assert isinstance(data, dict)
    return data


@pytest.mark.parametrize("landed", [True, False])
@pytest.mark.parametrize("kind", [Kind.ANSWER_504, Kind.ANSWER_500])
async def test_a_gateways_page_says_nothing_of_whether_the_order_landed(
    running: RunningExchange, http: aiohttp.ClientSession, kind: Kind, landed: bool
) -> None:
    running.faults.arm(Fault(kind, landed=landed, method="POST"))
    async with http.post("/v2/orders", json=ORDER) as answer:
        assert answer.status == int(kind.value[-3:])
        assert (await answer.text()).startswith("<html>")
    assert len(running.exchange.orders) == landed
    async with http.post("/v2/orders", json=ORDER) as answer:
        assert answer.status == (422 if landed else 200)


@pytest.mark.parametrize("kind", [Kind.ANSWER_RESET, Kind.ANSWER_HANG])
async def test_a_connection_is_reset_with_the_order_landed(
    running: RunningExchange, http: aiohttp.ClientSession, kind: Kind
) -> None:
    running.faults.arm(Fault(kind, seconds=0.05, method="POST"))
    with pytest.raises(aiohttp.ClientConnectionError):
        await http.post("/v2/orders", json=ORDER)
    assert len(running.exchange.orders) == 1


async def test_an_answer_breaks_off(running: RunningExchange, http: aiohttp.ClientSession) -> None:
    running.faults.arm(Fault(Kind.ANSWER_GARBLED, method="POST"))
    async with http.post("/v2/orders", json=ORDER) as answer:
        assert answer.status == 200
        with pytest.raises(ValueError, match="Unterminated"):
            await answer.json()


@pytest.mark.parametrize(
    ("kind", "retry_after"), [(Kind.ANSWER_429, "2"), (Kind.ANSWER_429_BARE, None)]
)
async def test_a_429_does_nothing(
    running: RunningExchange, http: aiohttp.ClientSession, kind: Kind, retry_after: str | None
) -> None:
    running.faults.arm(Fault(kind, seconds=2, method="POST"))
    async with http.post("/v2/orders", json=ORDER) as answer:
        assert (answer.status, answer.headers.get("Retry-After")) == (429, retry_after)
    assert running.exchange.orders == {}


async def test_events_come_before_a_slow_answer(
    running: RunningExchange, http: aiohttp.ClientSession
) -> None:
    running.faults.arm(Fault(Kind.ANSWER_SLOW, seconds=0.2, method="POST"))
    socket = await listening(running)
    post = asyncio.ensure_future(http.post("/v2/orders", json=ORDER))
    assert [(await next_event(socket))["event"] for _ in range(2)] == ["pending_new", "new"]
    assert not post.done()
    assert (await post).status == 200
    await socket.close()


async def test_the_connection_limit_is_429_at_the_handshake(running: RunningExchange) -> None:
    running.faults.arm(Fault(Kind.CONNECT_LIMIT, stream="orders"))
    with pytest.raises(InvalidStatus) as refused:
        await connect(running.trading_stream_url)
    assert refused.value.response.status_code == 429
    await (await listening(running)).close()


async def test_the_connection_limit_of_the_data_stream_is_406_at_the_login(
    running: RunningExchange,
) -> None:
    running.faults.arm(Fault(Kind.CONNECT_LIMIT, stream="quotes"))
    async with connect(running.data_stream_url()) as socket:
        await socket.recv()
        await socket.send(json.dumps(LOGIN))
        assert json.loads(await socket.recv())[0]["code"] == 406


async def test_a_second_connection_is_refused_where_one_is_allowed() -> None:
    async with serve(ExchangeOptions(connection_limit=1)) as running:
        socket = await listening(running)
        with pytest.raises(InvalidStatus):
            await connect(running.trading_stream_url)
        await socket.close()


async def test_a_mute_connection_opens_and_never_answers_even_a_ping(
    running: RunningExchange,
) -> None:
    running.faults.arm(Fault(Kind.CONNECT_MUTE, stream="orders"))
    socket = await connect(running.trading_stream_url, ping_interval=None)
    await socket.send(json.dumps(LOGIN))
    pong = await socket.ping()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(pong), 0.2)
    running.do("unmute", "orders")
    assert json.loads(await socket.recv())["data"]["status"] == "authorized"
    await socket.close()


async def test_a_stream_is_muted_in_the_middle_and_what_happened_is_not_told_later(
    running: RunningExchange, http: aiohttp.ClientSession
) -> None:
    socket = await listening(running)
    running.do("mute", "orders")
    await http.post("/v2/orders", json=ORDER)
    assert {o.status for o in running.exchange.orders.values()} == {"new"}
    running.do("unmute", "orders")
    await http.post("/v2/orders", json=ORDER | {"client_order_id": "two"})
    assert (await next_event(socket))["order"]["client_order_id"] == "two"
    await socket.close()


async def test_a_corrupt_frame_comes_before_the_real_one(
    running: RunningExchange, http: aiohttp.ClientSession
) -> None:
    socket = await listening(running)
    running.faults.arm(Fault(Kind.FRAME_CORRUPT, stream="orders"))
    await http.post("/v2/orders", json=ORDER)
    with pytest.raises(ValueError):
        json.loads(await socket.recv())
    assert (await next_event(socket))["event"] == "pending_new"
    await socket.close()


async def test_a_frame_is_cut_in_the_middle(
    running: RunningExchange, http: aiohttp.ClientSession
) -> None:
    socket = await listening(running)
    running.faults.arm(Fault(Kind.FRAME_CUT, stream="orders"))
    await http.post("/v2/orders", json=ORDER)
    with pytest.raises(ConnectionClosedError):
        await socket.recv()


async def test_a_cut_stream_is_gone_at_once(running: RunningExchange) -> None:
    socket = await listening(running)
    running.do("cut", "orders")
    with pytest.raises(ConnectionClosedError):
        await socket.recv()


# The control path


async def test_faults_are_armed_listed_and_cleared_over_the_control_path(
    running: RunningExchange, http: aiohttp.ClientSession
) -> None:
    script = [{"kind": "answer_504", "method": "POST"}]
    await http.post("/_exchange/faults", json=script)
    async with http.get("/_exchange") as answer:
        about = await answer.json()
    assert [f["kind"] for f in about["faults"]] == ["answer_504"]
    assert about["account"] == running.exchange.options.account_number
    await http.post("/_exchange/clear")
    assert running.faults.armed() == ()
    async with http.post("/_exchange/faults", json=[{"kind": "earthquake"}]) as answer:
        assert answer.status == 400
        assert set((await answer.json())["faults"]) == {kind.value for kind in Kind}


async def test_actions_over_the_control_path_name_what_they_cannot_do(
    running: RunningExchange, http: aiohttp.ClientSession
) -> None:
    async with http.post("/_exchange/halt?what=UVXY") as answer:
        assert answer.status == 200
    assert is_halted(running.exchange, "UVXY")
    for path in ("/_exchange/halt?what=NOPE", "/_exchange/dance"):
        async with http.post(path) as answer:
            assert answer.status == 400
    async with http.post("/_exchange/stop", headers={"Origin": "http://page"}) as answer:
        assert answer.status == 403
    assert not running.stopping.is_set()
    await http.post("/_exchange/stop")
    assert running.stopping.is_set()
