"""The supervised stream against real loopback connections: cut, muted, corrupted, refused."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest
from websockets.asyncio.server import ServerConnection

from core.errors import Refusal
from core.market.links import LinkName, LinkState
from core.market.quotes import Quote
from core.runtime.clock import Clock
from core.venue.alpaca.stream_protocol import MarketStreamProtocol, OrderStreamProtocol
from core.venue.alpaca.streams import MarketStream, Pace, Stream
from tests.conftest import SEED
from tests.core.venue.alpaca.frames import CLIENT_ID, as_json, fill, packed, quote, trade, update
from tests.core.venue.alpaca.recording_sink import CAP, RecordingSink
from tests.core.venue.alpaca.stream_server import (
    CREDENTIALS,
    Script,
    StreamServer,
    acknowledge,
    send_packed,
    serve_stream,
    until_closed,
)

BRISK = Pace(
    connect=0.5,
    handshake=0.2,
    ping_every=0.05,
    pong_within=0.2,
    close=0.2,
    healthy=60,
    backoff=0.01,
    backoff_cap=0.02,
    limited=0.01,
    limited_cap=0.02,
)
PATIENT = 3600.0  # a heartbeat that never comes in a test
S = TypeVar("S", bound=Stream)
UP, DOWN, AGAIN = LinkState.UP, LinkState.DOWN, LinkState.RECONNECTING


def trading(
    url: str, sink: RecordingSink, pace: Pace = BRISK, clock: Clock | None = None, **more: Any
) -> Stream:
    protocol, rng, clock = OrderStreamProtocol(CREDENTIALS), random.Random(SEED), clock or Clock()
    return Stream(
        LinkName.ORDERS, url, protocol, sink.on_report, sink, clock, pace=pace, rng=rng, **more
    )


def market(url: str, sink: RecordingSink, pace: Pace = BRISK, **more: Any) -> MarketStream:
    protocol, rng = MarketStreamProtocol(CREDENTIALS, "iex"), random.Random(SEED)
    return MarketStream(url, protocol, sink.on_quote, sink, Clock(), pace=pace, rng=rng, **more)


@asynccontextmanager
async def running(stream: S) -> AsyncIterator[S]:
    async with asyncio.timeout(CAP):
        await stream.start()
    try:
        yield stream
    finally:
        await stream.stop()


def after_login(
    server: StreamServer, then: Callable[[ServerConnection], Awaitable[None]] = until_closed
) -> Script:
    async def script(connection: ServerConnection) -> None:
        await server.trading_login(connection)
        await then(connection)

    return script


def after_market_login(
    server: StreamServer, then: Callable[[ServerConnection], Awaitable[None]] = until_closed
) -> Script:
    async def script(connection: ServerConnection) -> None:
        await server.market_login(connection)
        await then(connection)

    return script


async def abort(connection: ServerConnection) -> None:
    connection.transport.abort()


async def test_it_logs_in_listens_and_delivers_binary_and_text_alike() -> None:
    sink, server = RecordingSink(), StreamServer()

    async def content(connection: ServerConnection) -> None:
        await connection.send(as_json(update()))
        await connection.send(as_json(fill()).decode())
        await until_closed(connection)

    server.scripts = [after_login(server, content)]
    async with serve_stream(server) as url, running(trading(url, sink)) as stream:
        await sink.until(lambda: len(sink.reports) == 2)
        assert [r.event for r in sink.reports] == ["new", "partial_fill"]
        assert sink.states() == [LinkState.CONNECTING, UP]
        assert not stream.link.reconnected
    login, listen = server.received
    assert login["data"] == {"key_id": CREDENTIALS.key_id, "secret_key": CREDENTIALS.secret}
    assert listen == {"action": "listen", "data": {"streams": ["trade_updates"]}}


async def test_a_refused_login_ends_it_after_one_attempt_with_one_clear_error() -> None:
    sink, server = RecordingSink(), StreamServer()

    async def refuse(connection: ServerConnection) -> None:
        await server.receive(connection)
        answer = {"status": "unauthorized", "action": "authenticate"}
        await connection.send(as_json({"stream": "authorization", "data": answer}))
        await until_closed(connection)

    server.scripts = [refuse]
    async with serve_stream(server) as url, running(trading(url, sink)) as stream:
        await asyncio.sleep(10 * BRISK.backoff_cap)  # long enough for several attempts
        assert server.connections == 1
        assert stream.link.state is LinkState.REFUSED
        assert stream.link.detail == "Alpaca does not accept these keys for order updates."
    assert [link.state for link in sink.links].count(LinkState.REFUSED) == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_upgrade_ends_it_too(status: int) -> None:
    sink, server = RecordingSink(), StreamServer(status)
    async with serve_stream(server) as url, running(trading(url, sink)) as stream:
        assert stream.link.state is LinkState.REFUSED
        assert server.connections == 1


async def test_a_gateways_403_page_is_no_refusal_of_the_keys() -> None:
    sink, server = RecordingSink(), StreamServer()
    server.page = b"<html><title>Access denied</title></html>"
    server.scripts = [403, after_login(server)]
    async with serve_stream(server) as url, running(trading(url, sink)) as stream:
        await sink.until(lambda: stream.link.state is UP)


async def test_a_mute_handshake_times_out_and_is_tried_again() -> None:
    sink, server = RecordingSink(), StreamServer()
    server.scripts = [until_closed, after_login(server)]
    async with serve_stream(server) as url, running(trading(url, sink)) as stream:
        assert stream.link.state is DOWN  # start returned after the first failure
        assert stream.link.detail == "the venue did not answer in time"
        await sink.until(lambda: stream.link.state is UP)
        assert server.closed[0] is not None  # the mute connection was not left open


async def test_a_server_that_never_answers_the_upgrade_times_out() -> None:
    sink, gone = RecordingSink(), asyncio.Event()

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1024):
            pass
        gone.set()
        writer.close()

    pace = Pace(connect=0.05, backoff=0.01, backoff_cap=0.02)
    async with await asyncio.start_server(never, "127.0.0.1", 0) as listener:
        url = f"ws://127.0.0.1:{listener.sockets[0].getsockname()[1]}/stream"
        async with running(trading(url, sink, pace)) as stream:
            assert stream.link.state is DOWN
            assert stream.link.attempt == 1
        await asyncio.wait_for(gone.wait(), CAP)


async def test_a_server_that_hangs_up_during_the_upgrade_is_said_to() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    listener = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    host, port = listener.sockets[0].getsockname()
    sink = RecordingSink()
    async with listener, running(trading(f"ws://{host}:{port}", sink)):
        await sink.until(lambda: len(sink.links) >= 2)
    assert any("ended before the venue answered" in link.detail for link in sink.links)


async def test_nobody_at_home_is_down_and_tried_again() -> None:
    sink, server = RecordingSink(), StreamServer()
    server.scripts = [after_login(server)]
    async with serve_stream(server) as url:
        pass
    async with running(trading(url, sink)) as stream:
        assert stream.link.state is DOWN
        await sink.until(lambda: stream.link.attempt >= 3)
        assert "no connection" in stream.link.detail


@pytest.mark.parametrize(
    "last_bytes",
    [
        pytest.param(b"", id="cut between frames"),
        pytest.param(b"\x82\x7e\x04\x00half a frame", id="cut in the middle of a frame"),
        pytest.param(b"\xff\xff\xff\xff\xff", id="bytes that are no frame"),
        pytest.param(b"\x81\x02\xff\xfe", id="text that is no UTF-8"),
        pytest.param(b"\x82\x7f" + (1 << 40).to_bytes(8), id="a frame of a terabyte"),
    ],
)
async def test_a_broken_connection_comes_back_and_says_that_it_did(last_bytes: bytes) -> None:
    sink, server = RecordingSink(), StreamServer()

    async def breaks(connection: ServerConnection) -> None:
        await connection.send(as_json(update()))
        connection.transport.write(last_bytes)
        await asyncio.sleep(0.02)
        connection.transport.abort()

    async def lives(connection: ServerConnection) -> None:
        await connection.send(as_json(fill()))
        await until_closed(connection)

    server.scripts = [after_login(server, breaks), after_login(server, lives)]
    async with serve_stream(server) as url, running(trading(url, sink)) as stream:
        await sink.until(lambda: len(sink.reports) == 2)
        assert sink.states()[:4] == [LinkState.CONNECTING, UP, AGAIN, UP]
        reconnected = [link.reconnected for link in sink.links if link.state is UP]
        assert reconnected.count(True) == 1
        assert stream.link.state is UP


@pytest.mark.scenario(45)
async def test_a_mute_connection_is_found_by_the_heartbeat_and_replaced() -> None:
    sink, server = RecordingSink(), StreamServer()
    server.scripts = [after_login(server, server.mute), after_login(server)]
    async with serve_stream(server) as url, running(trading(url, sink)):
        await sink.until(lambda: any(link.reconnected for link in sink.links))
        lost = next(link for link in sink.links if link.state is AGAIN)
        assert "heartbeat" in lost.detail


async def test_frames_that_keep_coming_are_a_sign_of_life_although_no_ping_is_answered() -> None:
    sink, server = RecordingSink(), StreamServer()

    async def talks_and_does_not_listen(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        while not server.over.is_set():
            await connection.send(as_json(update()))
            await asyncio.sleep(BRISK.pong_within / 10)

    server.scripts = [after_login(server, talks_and_does_not_listen)]
    async with serve_stream(server) as url, running(trading(url, sink)) as stream:
        loop = asyncio.get_running_loop()
        until = loop.time() + 6 * (BRISK.ping_every + BRISK.pong_within)
        while loop.time() < until:  # noqa: ASYNC110 - the beats are of real time
            await asyncio.sleep(BRISK.pong_within)
        assert stream.link.state is UP
        assert server.connections == 1


async def test_heartbeats_measure_the_way() -> None:
    sink, server = RecordingSink(), StreamServer()
    server.scripts = [after_login(server)]
    async with serve_stream(server) as url, running(trading(url, sink)):
        await sink.until(lambda: sum(link.rtt_ms is not None for link in sink.links) >= 3)
        beats = [link for link in sink.links if link.rtt_ms is not None]
        assert all(link.state is UP and 0 < (link.rtt_ms or 0) < 1000 for link in beats)
        assert len({link.since_ns for link in beats}) == 1


@pytest.mark.scenario(38)
async def test_garbage_is_counted_named_and_skipped() -> None:
    sink, server = RecordingSink(), StreamServer()
    spoiled = fill(qty="NaN")

    async def babble(connection: ServerConnection) -> None:
        for frame in (b"\x00\x01", "{", as_json(spoiled), as_json(update())[:300], as_json(fill())):
            await connection.send(frame)
        await until_closed(connection)

    server.scripts = [after_login(server, babble)]
    async with serve_stream(server) as url, running(trading(url, sink)) as stream:
        await sink.until(lambda: sink.reports)
        assert [client_id for _, _, client_id in sink.bad] == [None, None, CLIENT_ID, CLIENT_ID]
        assert stream.counts.bad_frames == 4
        assert server.connections == 1


async def test_a_replay_is_delivered_as_it_came() -> None:
    sink, server = RecordingSink(), StreamServer()

    async def replay(connection: ServerConnection) -> None:
        for frame in (update(), fill(), update(), fill(), update(), fill()):
            await connection.send(as_json(frame))
        await until_closed(connection)

    server.scripts = [after_login(server, replay)]
    async with serve_stream(server) as url, running(trading(url, sink)):
        await sink.until(lambda: len(sink.reports) == 6)
        assert {r.execution.id for r in sink.reports if r.execution} == {"e1"}


@pytest.mark.scenario(50, 51)
async def test_too_many_connections_are_waited_out_slowly_in_words_of_their_own() -> None:
    sink, server = RecordingSink(), StreamServer()
    server.scripts = [429, 429, after_login(server)]
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(PATIENT if seconds == PATIENT else 0)
        slept.append(seconds)

    pace = Pace(ping_every=PATIENT)
    async with (
        serve_stream(server) as url,
        running(trading(url, sink, pace, sleep=sleep)) as stream,
    ):
        await sink.until(lambda: stream.link.state is UP)
    states = [link.state for link in sink.links]
    assert set(states[1 : states.index(UP)]) == {LinkState.LIMITED}  # the tries between, too
    waits = [link for link in sink.links if link.state is LinkState.LIMITED and link.retry_ns]
    assert all(w.detail.endswith("not yet let go of an earlier connection") for w in waits)
    assert 5 <= slept[0] <= 10 <= slept[1] <= 20


@pytest.mark.scenario(50)
async def test_backoff_grows_to_its_cap_with_full_jitter_and_is_the_seeds() -> None:
    async def delays() -> list[float]:
        sink, server, slept = RecordingSink(), StreamServer(503), list[float]()

        async def sleep(seconds: float) -> None:
            slept.append(seconds)
            await asyncio.sleep(0 if len(slept) < 40 else PATIENT)

        async with serve_stream(server) as url, running(trading(url, sink, Pace(), sleep=sleep)):
            await sink.until(lambda: sink.links[-1].attempt == 40)
        return slept

    first, second = await delays(), await delays()
    assert first == second
    tops = [min(30.0, 0.5 * 2**n) for n in range(40)]
    assert all(0.05 <= delay <= top for delay, top in zip(first, tops, strict=True))
    late = first[6:]
    assert min(late) < 6 < 24 < max(late)


async def test_backoff_starts_anew_once_a_connection_was_healthy() -> None:
    sink, server = RecordingSink(), StreamServer()
    now = [0.0]
    healthy = [True, True, False, False, True]

    async def drop(connection: ServerConnection) -> None:
        await sink.until(lambda: sink.links[-1].state is UP)
        now[0] += 11 if healthy[server.connections - 1] else 1
        await abort(connection)

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(PATIENT if seconds == PATIENT else 0)

    server.scripts = [*[after_login(server, drop)] * 5, after_login(server)]
    pace = Pace(ping_every=PATIENT, healthy=10)
    clock = Clock(lambda: now[0])
    async with (
        serve_stream(server) as url,
        running(trading(url, sink, pace, clock, sleep=sleep)) as stream,
    ):
        await sink.until(lambda: server.connections == 6 and stream.link.state is UP)
    lost = [link for link in sink.links if link.state is AGAIN and link.detail]
    attempts = list(dict.fromkeys((link.since_ns, link.attempt) for link in lost))
    assert [attempt for _, attempt in attempts] == [1, 1, 2, 3, 1]


async def test_a_stream_that_is_to_be_renewed_is_cut_and_comes_back_at_once() -> None:
    sink, server = RecordingSink(), StreamServer()
    server.scripts = [after_login(server)] * 2
    async with serve_stream(server) as url, running(trading(url, sink)) as stream:
        stream.renew("it told nothing")
        await sink.until(lambda: server.connections == 2 and stream.link.state is UP)
        assert "it told nothing" in [x.detail for x in sink.links if x.state is AGAIN]
        assert stream.link.reconnected


async def test_a_stream_that_was_refused_is_tried_again_when_renewed() -> None:
    sink, server = RecordingSink(), StreamServer()
    server.scripts = [401, after_login(server)]
    async with serve_stream(server) as url, running(trading(url, sink)) as stream:
        assert stream.link.state is LinkState.REFUSED
        stream.renew("the keys are accepted again")
        await sink.until(lambda: stream.link.state is UP)


async def test_a_stream_that_was_stopped_is_not_renewed() -> None:
    sink, server = RecordingSink(), StreamServer()
    server.scripts = [after_login(server)]
    async with serve_stream(server) as url:
        async with running(trading(url, sink)) as stream:
            pass
        stream.renew("too late")
        await asyncio.sleep(0.05)
        assert (server.connections, stream.link.state) == (1, DOWN)


async def test_an_exception_of_the_listener_costs_only_its_own_message() -> None:
    sink, server = RecordingSink(), StreamServer()
    sink.spoil = lambda message: isinstance(message, Quote) and message.symbol == "B"

    async def content(connection: ServerConnection) -> None:
        await connection.send(packed(*(quote(name) for name in "ABCDE")))
        await until_closed(connection)

    server.scripts = [after_market_login(server, content)]
    async with serve_stream(server) as url, running(market(url, sink)) as stream:
        await sink.until(lambda: len(sink.market) == 4)
        assert [m.symbol for m in sink.market] == ["A", "C", "D", "E"]
        assert stream.guard.faults == 1
        assert server.connections == 1


async def test_a_listener_that_always_raises_does_not_stop_the_stream() -> None:
    sink, server = RecordingSink(), StreamServer()
    sink.spoil = lambda message: True
    server.scripts = [after_login(server, abort), after_login(server)]
    async with serve_stream(server) as url, running(trading(url, sink)) as stream:
        await sink.until(lambda: stream.link.reconnected)
        assert stream.guard.faults > 3


async def test_stopping_closes_the_socket_and_it_can_start_again() -> None:
    sink, server = RecordingSink(), StreamServer()
    server.scripts = [after_login(server)]
    async with serve_stream(server) as url:
        stream = trading(url, sink)
        for round_ in (1, 2):
            await stream.start()
            assert stream.link.state is UP
            await stream.stop()
            assert stream.link.state is DOWN
            assert server.connections == round_
            assert server.closed == [1000] * round_


async def test_stopping_a_mute_connection_takes_no_longer_than_its_closing_time() -> None:
    sink, server = RecordingSink(), StreamServer()
    server.scripts = [after_login(server, server.mute)]
    async with serve_stream(server) as url:
        stream = trading(url, sink, Pace(close=0.05))
        await stream.start()
        async with asyncio.timeout(1):
            await stream.stop()


async def test_the_login_is_in_no_log_and_in_no_detail(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    sink, server = RecordingSink(), StreamServer()

    async def echo(connection: ServerConnection) -> None:
        words = f"bad key {CREDENTIALS.key_id}, secret {CREDENTIALS.secret}"
        fault = {"action": "error", "data": {"error_message": words}}
        await connection.send(as_json(fault))
        await until_closed(connection)

    server.scripts = [after_login(server, echo), after_login(server)]
    async with serve_stream(server) as url, running(trading(url, sink)):
        await sink.until(lambda: any(link.reconnected for link in sink.links))
    seen = repr(sink.links) + "".join(
        record.getMessage() for record in caplog.records if "server" not in record.name
    )
    assert "the venue reports a fault" in seen
    assert CREDENTIALS.secret not in seen
    assert CREDENTIALS.key_id not in seen


async def test_a_redirect_gets_no_keys() -> None:
    sink, server = RecordingSink(), StreamServer()

    async def elsewhere(connection: ServerConnection) -> None:
        await server.receive(connection)

    server.scripts = [302, elsewhere]
    async with serve_stream(server) as url, running(trading(url, sink)) as stream:
        await sink.until(lambda: server.connections >= 2)
        await sink.until(lambda: stream.link.state is DOWN)
        assert server.received == []


async def test_a_proxy_is_not_asked_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "ws_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    sink, server = RecordingSink(), StreamServer()
    server.scripts = [after_login(server)]
    async with serve_stream(server) as url, running(trading(url, sink)) as stream:
        assert stream.link.state is UP


async def test_the_data_stream_asks_for_msgpack_subscribes_and_changes_while_it_runs() -> None:
    sink, server = RecordingSink(), StreamServer()
    server.scripts = [after_market_login(server, server.subscriptions)]
    async with serve_stream(server, "/v2/iex") as url:
        stream = market(url, sink)
        await stream.watch(["UVXY"])
        async with running(stream):
            await stream.watch(["UVXY", "SPY"])
            await stream.watch(["SPY"])
            await stream.watch(["SPY"])
    assert server.requests[0].headers["Content-Type"] == "application/msgpack"
    assert server.received[0] == {
        "action": "auth",
        "key": CREDENTIALS.key_id,
        "secret": CREDENTIALS.secret,
    }
    asked = [(m["action"], m["trades"], m["quotes"], m["statuses"]) for m in server.received[1:]]
    assert asked == [
        ("subscribe", ["UVXY"], ["UVXY"], ["UVXY"]),
        ("subscribe", ["SPY"], ["SPY"], ["SPY"]),
        ("unsubscribe", ["UVXY"], ["UVXY"], ["UVXY"]),
    ]


async def test_a_data_stream_that_speaks_json_is_answered_in_json() -> None:
    sink, server = RecordingSink(), StreamServer()

    async def in_json(connection: ServerConnection) -> None:
        await connection.send(as_json([{"T": "success", "msg": "connected"}]).decode())
        assert isinstance(await connection.recv(), str)
        await connection.send(as_json([{"T": "success", "msg": "authenticated"}]).decode())
        await connection.send(as_json([trade(t="2026-11-20T15:00:00Z")]).decode())
        await until_closed(connection)

    server.scripts = [in_json]
    async with serve_stream(server) as url, running(market(url, sink)) as stream:
        assert stream.link.state is UP
        await sink.until(lambda: sink.market)


async def test_symbols_are_subscribed_again_after_a_reconnect() -> None:
    sink, server = RecordingSink(), StreamServer()

    async def subscribe_and_drop(connection: ServerConnection) -> None:
        await server.receive(connection)
        await acknowledge(connection, {"UVXY"})
        await asyncio.sleep(0.02)
        await abort(connection)

    server.scripts = [
        after_market_login(server, subscribe_and_drop),
        after_market_login(server, server.subscriptions),
    ]
    async with serve_stream(server) as url:
        stream = market(url, sink)
        await stream.watch(["UVXY"])
        async with running(stream):
            await sink.until(lambda: stream.link.reconnected)
    assert [m["quotes"] for m in server.received if "quotes" in m] == [["UVXY"], ["UVXY"]]


async def test_what_is_wanted_during_the_handshake_is_subscribed_after_it() -> None:
    sink, server, go, done = RecordingSink(), StreamServer(), asyncio.Event(), asyncio.Event()

    async def slow(connection: ServerConnection) -> None:
        await server.receive(connection)
        go.set()
        await asyncio.sleep(0.02)
        await acknowledge(connection, {"UVXY"})
        await server.receive(connection)
        done.set()
        await acknowledge(connection, {"UVXY", "SPY"})
        await until_closed(connection)

    server.scripts = [after_market_login(server, slow)]
    async with serve_stream(server) as url:
        stream = market(url, sink)
        await stream.watch(["UVXY"])
        starting = asyncio.create_task(stream.start())
        await go.wait()
        await stream.watch(["UVXY", "SPY"])
        await starting
        await asyncio.wait_for(done.wait(), CAP)
        await stream.stop()
    assert server.received[-1]["quotes"] == ["SPY"]


async def test_too_many_symbols_are_refused_and_the_earlier_ones_stay() -> None:
    sink, server = RecordingSink(), StreamServer()

    async def limited(connection: ServerConnection) -> None:
        await server.receive(connection)
        await acknowledge(connection, {"UVXY"})
        await server.receive(connection)
        await send_packed(connection, {"T": "error", "code": 405, "msg": "symbol limit exceeded"})
        await until_closed(connection)

    server.scripts = [after_market_login(server, limited)]
    async with serve_stream(server) as url:
        stream = market(url, sink)
        await stream.watch(["UVXY"])
        async with running(stream):
            with pytest.raises(Refusal, match="no more symbols"):
                await stream.watch(["UVXY", "SPY"])
            await stream.watch(["UVXY"])  # nothing to ask for
            assert stream.link.state is UP


async def test_a_subscription_refused_at_the_start_is_up_with_a_note() -> None:
    sink, server = RecordingSink(), StreamServer()

    async def refuse(connection: ServerConnection) -> None:
        await server.receive(connection)
        await send_packed(connection, {"T": "error", "code": 405, "msg": "symbol limit exceeded"})
        await until_closed(connection)

    server.scripts = [after_market_login(server, refuse)]
    async with serve_stream(server) as url:
        stream = market(url, sink)
        await stream.watch(["UVXY"])
        async with running(stream):
            assert stream.link.state is UP
            assert stream.link.detail == "This feed allows no more symbols (405)"


async def test_a_feed_without_statuses_is_subscribed_without_them() -> None:
    sink, server = RecordingSink(), StreamServer()

    async def refuse_statuses(connection: ServerConnection) -> None:
        await server.receive(connection)
        await send_packed(
            connection, {"T": "error", "code": 410, "msg": "invalid subscribe action"}
        )
        await server.subscriptions(connection)

    server.scripts = [after_market_login(server, refuse_statuses)]
    async with serve_stream(server) as url:
        stream = market(url, sink)
        await stream.watch(["UVXY"])
        async with running(stream):
            assert stream.link.state is UP
            assert stream.link.detail == "This feed does not tell of trading halts"
            await stream.watch(["UVXY", "SPY"])
    assert ["statuses" in m for m in server.received[1:]] == [True, False, False]


async def test_a_subscription_without_an_answer_costs_the_connection_not_the_wish() -> None:
    sink, server = RecordingSink(), StreamServer()

    async def deaf(connection: ServerConnection) -> None:
        await server.receive(connection)
        await until_closed(connection)

    server.scripts = [
        after_market_login(server, deaf),
        after_market_login(server, server.subscriptions),
    ]
    async with serve_stream(server) as url, running(market(url, sink)) as stream:
        await stream.watch(["UVXY"])
        await sink.until(lambda: stream.link.reconnected)
    assert [m["quotes"] for m in server.received if "quotes" in m] == [["UVXY"], ["UVXY"]]


async def test_a_connection_lost_under_a_subscription_lets_the_caller_go() -> None:
    sink, server = RecordingSink(), StreamServer()

    async def drop(connection: ServerConnection) -> None:
        await server.receive(connection)
        await abort(connection)

    server.scripts = [
        after_market_login(server, drop),
        after_market_login(server, server.subscriptions),
    ]
    pace = Pace(handshake=PATIENT, backoff=0.01)
    async with serve_stream(server) as url, running(market(url, sink, pace)) as stream:
        async with asyncio.timeout(CAP):
            await stream.watch(["UVXY"])
        await sink.until(lambda: stream.link.reconnected)


@pytest.mark.parametrize(
    ("code", "state", "words"),
    [
        (402, LinkState.REFUSED, "its stream does not accept them"),
        (408, LinkState.REFUSED, "no access to its stream"),
        (409, LinkState.REFUSED, "Your plan has no IEX quotes, so nothing has a price."),
        (411, LinkState.REFUSED, "not allowed to read it"),
        (406, LinkState.LIMITED, "Connection limit"),
        (404, DOWN, "did not get our login in time"),
        (500, DOWN, "internal error"),
        (499, DOWN, "reports error 499: something ***"),
    ],
)
async def test_the_data_streams_errors_at_login(code: int, state: LinkState, words: str) -> None:
    sink, server = RecordingSink(), StreamServer()

    async def refuse(connection: ServerConnection) -> None:
        await send_packed(connection, {"T": "success", "msg": "connected"})
        await server.receive(connection)
        message = f"something {CREDENTIALS.secret}"
        await send_packed(connection, {"T": "error", "code": code, "msg": message})
        await until_closed(connection)

    server.scripts = [refuse]
    async with serve_stream(server) as url, running(market(url, sink)) as stream:
        failed = next(link for link in sink.links if link.state is state)
        assert words in failed.detail
        if state is LinkState.REFUSED:
            await asyncio.sleep(5 * BRISK.backoff_cap)
            assert server.connections == 1
        del stream


@pytest.mark.scenario(93)
async def test_a_flood_leaves_the_loop_to_others_and_loses_nothing() -> None:
    sink, server, count = RecordingSink(), StreamServer(), 3000

    async def flood(connection: ServerConnection) -> None:
        for _ in range(count):
            await connection.send(packed(quote()))
        await until_closed(connection)

    server.scripts = [after_market_login(server, flood)]
    async with serve_stream(server) as url, running(market(url, sink)):
        await sink.until(lambda: len(sink.market) == count)
