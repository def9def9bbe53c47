"""What the two streams say, message by message, and their bytes on a real socket."""

import json
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect

from core.exchange.api.server import serve
from core.exchange.api.stream_protocol import Codec, MarketDataConversation, TradeUpdateConversation
from core.exchange.options import DEFAULT_KEY, DEFAULT_SECRET, ExchangeOptions
from core.market.time import NS

OPTIONS = ExchangeOptions()
LOGIN = {"action": "auth", "key": DEFAULT_KEY, "secret": DEFAULT_SECRET}
BOTH_FORMS = (
    LOGIN,
    {
        "action": "authenticate",
        "data": {"key_id": DEFAULT_KEY, "secret_key": DEFAULT_SECRET},
    },
)
LISTEN = {"action": "listen", "data": {"streams": ["trade_updates", "nonsense"]}}


def data_conversation(*, full: bool = False, feed: str = "iex") -> MarketDataConversation:
    return MarketDataConversation(OPTIONS, feed, lambda: full)


@pytest.mark.parametrize("login", BOTH_FORMS)
def test_the_trading_stream_takes_both_forms_of_login(login: dict[str, object]) -> None:
    conversation = TradeUpdateConversation(OPTIONS)
    data = {"status": "authorized", "action": "authenticate"}
    assert conversation.receive(login) == [{"stream": "authorization", "data": data}]
    listening = {"stream": "listening", "data": {"streams": ["trade_updates"]}}
    assert conversation.receive(LISTEN) == [listening]
    assert conversation.listening


def test_listening_before_the_login_or_with_wrong_keys_is_unauthorized() -> None:
    conversation = TradeUpdateConversation(OPTIONS)
    refusal = {"status": "unauthorized", "action": "listen"}
    assert conversation.receive(LISTEN) == [{"stream": "authorization", "data": refusal}]
    [reply] = conversation.receive({"action": "auth", "key": "x", "secret": "y"})
    assert reply["data"]["status"] == "unauthorized"
    assert not conversation.listening


def test_the_list_of_a_listen_replaces_the_one_before() -> None:
    conversation = TradeUpdateConversation(OPTIONS)
    conversation.receive(LOGIN)
    conversation.receive(LISTEN)
    conversation.receive({"action": "listen", "data": {"streams": []}})
    assert not conversation.listening


def test_a_data_conversation_logs_in_once_and_adds_and_removes_symbols() -> None:
    conversation = data_conversation()
    assert conversation.receive(LOGIN) == [{"T": "success", "msg": "authenticated"}]
    assert conversation.receive(LOGIN) == [
        {"T": "error", "code": 403, "msg": "already authenticated"}
    ]
    [echo] = conversation.receive({"action": "subscribe", "trades": ["IBM"], "quotes": ["IBM"]})
    assert next(iter(echo)) == "T"
    assert (echo["trades"], echo["quotes"], echo["bars"]) == (["IBM"], ["IBM"], [])
    assert echo["corrections"] == echo["cancelErrors"] == ["IBM"]
    conversation.receive({"action": "subscribe", "quotes": ["*"]})
    assert conversation.wants("quotes", "UVXY")
    conversation.receive({"action": "unsubscribe", "quotes": ["*", "IBM"]})
    assert not conversation.wants("quotes", "IBM")
    assert conversation.wants("trades", "IBM")


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("not an object", 400),
        ({"action": "dance"}, 400),
        ({"action": "subscribe", "quotes": ["IBM"]}, 401),
        ({"action": "auth", "key": "x", "secret": "y"}, 402),
    ],
)
def test_a_data_conversation_answers_mistakes_with_alpacas_codes(
    message: object, code: int
) -> None:
    assert data_conversation().receive(message)[0]["code"] == code


def test_a_full_feed_answers_406_and_too_many_symbols_405() -> None:
    assert data_conversation(full=True).receive(LOGIN)[0]["code"] == 406
    conversation = data_conversation()
    conversation.receive(LOGIN)
    many = [f"S{n}" for n in range(31)]
    assert conversation.receive({"action": "subscribe", "quotes": many})[0]["code"] == 405
    assert not conversation.wants("quotes", "S0")
    assert conversation.receive({"action": "subscribe", "quotes": ["B AD"]})[0]["code"] == 400


def test_msgpack_times_are_extension_minus_one_to_the_nanosecond() -> None:
    codec, ns = Codec("application/msgpack"), 1_790_000_000_123_456_789
    packed = msgspec.msgpack.decode(
        codec.encode({"t": codec.stamp(ns)}), type=dict[str, msgspec.Raw]
    )["t"]
    head, body = bytes(packed)[:2], int.from_bytes(bytes(packed)[2:])
    assert head == b"\xd7\xff"
    assert (body & (1 << 34) - 1) * NS + (body >> 34) == ns


async def receive(socket: ClientConnection) -> Any:
    frame = await socket.recv()
    return msgspec.json.decode(frame) if isinstance(frame, str) else msgspec.msgpack.decode(frame)


async def test_updates_come_as_json_in_binary_frames() -> None:
    async with serve() as running, connect(running.trading_stream_url) as socket:
        await socket.send(json.dumps(LOGIN))
        frame = await socket.recv()
        assert isinstance(frame, bytes)
        assert json.loads(frame)["data"]["status"] == "authorized"


@pytest.mark.parametrize("kind", ["application/json", "application/msgpack"])
async def test_the_data_stream_greets_first_in_the_codec_of_the_handshake(kind: str) -> None:
    url_headers = {"Content-Type": kind}
    async with (
        serve() as running,
        connect(running.data_stream_url("sip"), additional_headers=url_headers) as socket,
    ):
        assert await receive(socket) == [{"T": "success", "msg": "connected"}]
        codec = Codec(kind)
        send = codec.encode if codec.binary else json.dumps
        await socket.send(send(LOGIN))
        assert await receive(socket) == [{"T": "success", "msg": "authenticated"}]
        # One message in fragments, as the SDK sends it.
        whole = send({"action": "subscribe", "quotes": ["UVXY", "BAC"]})
        await socket.send([whole[:9], whole[9:]])
        [echo] = await receive(socket)
        assert echo["quotes"] == ["BAC", "UVXY"]
        points = await receive(socket)
        assert {p["T"] for p in points} == {"q"}
        assert all(next(iter(p)) == "T" for p in points)
        assert points[0]["bp"] < points[0]["ap"]


async def test_a_login_in_the_handshake_headers_is_enough() -> None:
    headers = {"APCA-API-KEY-ID": DEFAULT_KEY, "APCA-API-SECRET-KEY": DEFAULT_SECRET}
    async with (
        serve() as running,
        connect(running.data_stream_url(), additional_headers=headers) as socket,
    ):
        said = [await receive(socket), await receive(socket)]
        assert [m[0]["msg"] for m in said] == ["connected", "authenticated"]


async def test_a_client_that_never_logs_in_is_told_404_and_closed() -> None:
    options = ExchangeOptions(auth_timeout=0.05)
    async with serve(options) as running, connect(running.data_stream_url()) as socket:
        said = [message async for message in socket]
        assert json.loads(said[-1]) == [{"T": "error", "code": 404, "msg": "auth timeout"}]
