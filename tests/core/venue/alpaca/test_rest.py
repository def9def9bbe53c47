"""What REST's answers, good and bad, become: against a real server on loopback."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from email.utils import formatdate
from typing import Any

import pytest

from core.errors import LoginRefused, Refusal, VenueUnreachable
from core.market.links import Link, LinkState
from core.market.prices import Side
from core.market.time import NS
from core.market.venue_time import Reading
from core.orders.facts import Source
from core.runtime.clock import Clock
from core.venue.alpaca import rest_replies
from core.venue.alpaca.rest import PAGE, Rest, Timeouts
from core.venue.interface import (
    Absent,
    CancelReply,
    OrderReport,
    PostReply,
    PostRequest,
    ReadReply,
    Refused,
    Taken,
    Unanswered,
)
from tests.core.venue.alpaca.frames import CLIENT_ID, ORDER_ID, STAMP, order, quote
from tests.core.venue.alpaca.recording_sink import CAP
from tests.core.venue.alpaca.rest_server import (
    CUT,
    DRIP,
    HANG,
    RESET,
    Answer,
    RestServer,
    serve_rest,
)
from tests.core.venue.alpaca.stream_server import CREDENTIALS
from tests.core.venue.alpaca.test_account_wire import ACCOUNT, ASSET, CLOCK, POSITION

SHORT = Timeouts(connect=1, read=0.15, total=0.4)
SELL = PostRequest(CLIENT_ID, "UVXY", Side.SELL, Decimal(100), Decimal("15.24"))
HTML = b"<html><head><title>Bad Gateway</title></head></html>"
RESERVED = {
    "available": "0",
    "code": 40310000,
    "existing_qty": "44",
    "held_for_orders": "44",
    "message": "insufficient qty available for order (requested: 44, available: 0)",
    "symbol": "UVXY",
}


class RecordedRest:
    """A Rest, and what it said of its link and of bad records."""

    def __init__(self) -> None:
        self.links: list[Link] = []
        self.bad: list[tuple[str, str | None]] = []
        self.times: list[Reading] = []
        self.rest: Rest


@asynccontextmanager
async def rest_on(server: RestServer, timeouts: Timeouts = SHORT) -> AsyncIterator[RecordedRest]:
    async with serve_rest(server) as endpoints:
        found = RecordedRest()
        found.rest = Rest(
            endpoints,
            CREDENTIALS,
            Clock(),
            timeouts,
            found.links.append,
            lambda reason, client_id: found.bad.append((reason, client_id)),
            found.times.append,
        )
        try:
            yield found
        finally:
            await found.rest.close()


async def post(*answers: Answer | str) -> PostReply:
    async with rest_on(RestServer(*answers)) as client:
        return await client.rest.post(SELL)


async def cancel(*answers: Answer | str) -> CancelReply:
    async with rest_on(RestServer(*answers)) as client:
        return await client.rest.cancel(ORDER_ID)


DATE = "Tue, 01 Dec 2026 14:30:07 GMT"
DATE_NS = 1_796_135_407 * NS


def test_every_answer_of_the_trading_api_tells_the_venues_time_to_a_second() -> None:
    async def ask() -> RecordedRest:
        async with rest_on(RestServer(Answer(200, ACCOUNT, Date=DATE))) as client:
            await client.rest.account()
            return client

    (reading,) = asyncio.run(ask()).times
    assert (reading.said_ns, reading.grain_ns) == (DATE_NS, NS)
    assert reading.sent_ns <= reading.received_ns


@pytest.mark.parametrize(
    "headers",
    [
        {"date": ""},
        {"date": "yesterday"},
        {"date": "Tue, 01 Dec 2026 14:30:07 -0000"},
        {"date": "Tue, 99 Dec 2026 14:30:07 GMT"},
        {"date": DATE, "age": "40"},
        {},
    ],
)
def test_an_answer_without_a_date_or_out_of_a_cache_tells_no_time(headers: dict[str, str]) -> None:
    assert rest_replies.time_of(rest_replies.Answer(200, b"", headers, 0.0)) is None
    assert rest_replies.time_of(rest_replies.Silence("the network is down")) is None


def test_a_computer_that_is_10_minutes_off_waits_no_longer_after_a_429() -> None:
    headers = {"date": DATE, "x-ratelimit-reset": str(DATE_NS // NS + 3)}
    for off in (-600, 600):
        answer = rest_replies.Answer(429, b"", headers, DATE_NS / NS + off)
        assert rest_replies.wait_of(answer) == 3


async def read(answer: Answer | str, broker_id: str | None = None) -> ReadReply:
    async with rest_on(RestServer(answer)) as client:
        return await client.rest.read(CLIENT_ID, broker_id)


def refusal(status: int, code: int, message: str, **more: Any) -> Answer:
    return Answer(status, {"code": code, "message": message} | more)


async def test_an_order_goes_out_in_strings_under_our_id_and_closes_only() -> None:
    server = RestServer(Answer(200, order()))
    async with rest_on(server) as client:
        reply = await client.rest.post(SELL)
    assert isinstance(reply, OrderReport)
    assert (reply.source, reply.broker_id, reply.status) == (Source.POST, ORDER_ID, "new")
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/v2/orders")
    assert request.headers["APCA-API-KEY-ID"] == CREDENTIALS.key_id
    assert request.body == {
        "symbol": "UVXY",
        "qty": "100",
        "side": "sell",
        "type": "limit",
        "time_in_force": "day",
        "client_order_id": CLIENT_ID,
        "limit_price": "15.24",
        "position_intent": "sell_to_close",
    }


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(HANG, id="no answer"),
        pytest.param(RESET, id="reset"),
        pytest.param(CUT, id="cut in the body"),
        pytest.param(DRIP, id="an answer that never ends"),
        pytest.param(Answer(500, {"code": 50010000, "message": "internal"}), id="500"),
        pytest.param(Answer(502, HTML), id="502 page"),
        pytest.param(Answer(503), id="503 empty"),
        pytest.param(Answer(504, {"message": "timeout"}), id="504"),
        pytest.param(Answer(403, HTML), id="403 from a gateway"),
        pytest.param(Answer(404, HTML), id="404 from a gateway"),
        pytest.param(Answer(408), id="408"),
        pytest.param(Answer(301, b"", Location="/elsewhere"), id="redirect"),
        pytest.param(Answer(200, b"junk"), id="200 with junk"),
        pytest.param(Answer(200, b""), id="200 empty"),
        pytest.param(Answer(200, b"[]"), id="200 with a list"),
        pytest.param(Answer(200, HTML), id="200 page"),
        pytest.param(Answer(200, order(filled_qty="NaN")), id="200 with NaN"),
        pytest.param(Answer(200, order(client_order_id="other")), id="200 for another"),
        pytest.param(Answer(204), id="204"),
        pytest.param(refusal(422, 40010001, "client_order_id must be unique"), id="used id"),
    ],
)
async def test_a_post_without_a_usable_answer_is_unanswered_and_sent_once(
    answer: Answer | str,
) -> None:
    server = RestServer(answer)
    async with rest_on(server) as client:
        reply = await client.rest.post(SELL)
    assert isinstance(reply, Unanswered)
    assert reply.reason
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "message", "code"),
    [
        (
            refusal(403, 40310000, "insufficient buying power"),
            "insufficient buying power",
            "40310000",
        ),
        (refusal(422, 42210000, "sub-penny increment"), "sub-penny increment", "42210000"),
        (refusal(400, 40010000, "bad"), "bad", "40010000"),
        (Answer(404, {"message": "nope"}), "nope", ""),
    ],
)
async def test_the_venues_own_no_is_definite(answer: Answer, message: str, code: str) -> None:
    assert await post(answer) == Refused(message, code)


async def test_an_order_that_would_meet_our_own_is_told_apart_from_other_refusals() -> None:
    wash = {
        "code": 40310000,
        "existing_order_id": "61e69015-8549-4bfd-b9c3-01e75843f47d",
        "message": "potential wash trade detected. use complex orders",
        "reject_reason": "opposite side limit order exists",
    }
    reply = await post(Answer(403, wash))
    assert reply == Refused(
        str(wash["message"]),
        "40310000",
        opposed=True,
        in_the_way="61e69015-8549-4bfd-b9c3-01e75843f47d",
    )


async def test_shares_still_reserved_are_told_apart_from_shares_not_owned() -> None:
    reply = await post(Answer(403, RESERVED))
    assert isinstance(reply, Refused)
    assert reply.shares_reserved
    assert reply.message.startswith("insufficient qty")
    reply = await post(Answer(403, RESERVED | {"held_for_orders": "0", "existing_qty": "9"}))
    assert isinstance(reply, Refused)
    assert not reply.shares_reserved


@pytest.mark.parametrize(
    "answer",
    [
        Answer(401, {"message": "unauthorized."}),
        Answer(403, {"message": "forbidden."}),
        Answer(401, b""),
    ],
)
async def test_refused_keys_are_a_refusal_in_words(answer: Answer) -> None:
    assert await post(answer) == Refused("Alpaca does not accept these keys.", "login")


@pytest.mark.parametrize(
    ("headers", "low", "high"),
    [
        ({"Retry_After": "7"}, 7, 7),
        ({"X_RateLimit_Reset": "{in5}"}, 3, 5.1),
        ({"Retry_After": "{date5}"}, 3, 5.1),
        ({"X_RateLimit_Reset": "12"}, 0, 0),
        ({"Retry_After": "99999"}, 90, 90),
        ({"Retry_After": "soon"}, 2, 2),
        ({}, 2, 2),
    ],
)
async def test_too_many_requests_say_when_to_come_back(
    headers: dict[str, str], low: float, high: float
) -> None:
    soon = time.time() + 5
    filled = {
        name: value.replace("{in5}", str(int(soon))).replace("{date5}", formatdate(soon))
        for name, value in headers.items()
    }
    server = RestServer(Answer(429, b"slow down", **filled))
    async with rest_on(server) as client:
        for reply in (await client.rest.post(SELL), await client.rest.cancel(ORDER_ID)):
            assert isinstance(reply, Refused)
            assert reply.retry_after is not None
            assert low <= reply.retry_after <= high
        assert client.links[-1].state is LinkState.UP
    assert len(server.requests) == 2


async def test_only_204_takes_a_cancel() -> None:
    server = RestServer(Answer(204))
    async with rest_on(server) as client:
        assert await client.rest.cancel("an/odd id") == Taken()
    assert server.requests[0].method == "DELETE"
    assert server.requests[0].path == "/v2/orders/an/odd id"  # decoded; it travelled as one part
    assert isinstance(await cancel(Answer(200, b"{}")), Unanswered)


async def test_a_cancel_of_a_filled_order_is_refused_and_of_an_unknown_one_absent() -> None:
    filled = 'order is already in "filled" state'
    assert await cancel(refusal(422, 42210000, filled)) == Refused(filled, "42210000")
    assert await cancel(refusal(404, 40410000, "order not found")) == Absent()


async def test_a_cancel_that_comes_too_fast_may_be_sent_again_after_a_while() -> None:
    reply = await cancel(Answer(429, {"code": 42910000, "message": "slow"}, Retry_After="3"))
    assert isinstance(reply, Refused)
    assert reply.retry_after == 3


@pytest.mark.parametrize(
    "answer",
    [HANG, RESET, Answer(500), Answer(502, HTML), Answer(404, HTML), Answer(401, b""), Answer(403)],
)
async def test_a_cancel_without_a_usable_answer_is_unanswered(answer: Answer | str) -> None:
    assert isinstance(await cancel(answer), Unanswered)


async def test_an_order_is_read_by_broker_id_else_by_client_id() -> None:
    server = RestServer(Answer(200, order(status="canceled", filled_qty="40")))
    async with rest_on(server) as client:
        by_client = await client.rest.read(CLIENT_ID, None)
        by_broker = await client.rest.read(CLIENT_ID, ORDER_ID)
    assert isinstance(by_client, OrderReport)
    assert by_client == by_broker
    assert (by_client.source, by_client.filled) == (Source.READ, Decimal(40))
    assert server.requests[0].path == "/v2/orders:by_client_order_id"
    assert server.requests[0].query == {"client_order_id": CLIENT_ID}
    assert server.requests[1].path == f"/v2/orders/{ORDER_ID}"


async def test_a_read_is_absent_only_in_the_venues_own_words() -> None:
    assert await read(refusal(404, 40410000, "order not found")) == Absent()
    for answer in (Answer(404, HTML), Answer(500), HANG, Answer(200, b"junk"), Answer(429)):
        assert isinstance(await read(answer), Unanswered)
    assert isinstance(await read(Answer(200, order(client_order_id="x"))), Unanswered)
    assert isinstance(await read(Answer(200, order()), broker_id="x"), Unanswered)


async def test_open_orders_are_listed_over_all_pages_and_bad_ones_are_named() -> None:
    first = [order(id=f"id{n}", client_order_id=f"c{n}") for n in range(PAGE)]
    second = [order(id="last", client_order_id="last"), order(id="b", client_order_id="b", qty="x")]
    server = RestServer(Answer(200, first), Answer(200, second))
    async with rest_on(server) as client:
        found = await client.rest.open_orders("UVXY")
        assert len(found) == PAGE + 1
        assert [client_id for _, client_id in client.bad] == ["b"]
    assert server.requests[0].query["status"] == "open"
    assert server.requests[0].query["symbols"] == "UVXY"
    assert server.requests[1].query["after_order_id"] == f"id{PAGE - 1}"


async def test_the_other_reads_are_parsed() -> None:
    server = RestServer(Answer(500))
    server.by_path = {
        "/account": Answer(200, ACCOUNT),
        "/positions": Answer(200, [POSITION]),
        "/clock": Answer(200, CLOCK),
        "/assets/UVXY": Answer(200, ASSET),
        "/assets": Answer(200, [ASSET]),
        "/stocks/quotes/latest": Answer(200, {"quotes": {"UVXY": quote(t=STAMP)}}),
    }
    async with rest_on(server) as client:
        assert (await client.rest.account()).number == "PA123456"
        assert (await client.rest.login()).number == "PA123456"
        assert (await client.rest.positions())[0].available == 60
        assert (await client.rest.clock()).is_open
        assert (await client.rest.asset("UVXY")).fractionable
        assert len(await client.rest.assets()) == 1
        seen = await client.rest.latest_quote("UVXY")
        assert seen is not None
        assert seen.bid == Decimal("15.23")
        assert await client.rest.latest_quote("NONE") is None
    assert server.requests[-1].query == {"symbols": "NONE", "feed": "iex"}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (HANG, VenueUnreachable),
        (RESET, VenueUnreachable),
        (Answer(500), VenueUnreachable),
        (Answer(429, b""), VenueUnreachable),
        (Answer(200, b"junk"), VenueUnreachable),
        (Answer(200, {"id": 1}), VenueUnreachable),
        (Answer(401, {"message": "unauthorized."}), LoginRefused),
        (Answer(403, {"message": "forbidden."}), LoginRefused),
        (refusal(403, 40310000, "account closed"), Refusal),
    ],
)
async def test_reads_raise_what_the_protocol_says(
    answer: Answer | str, error: type[Refusal]
) -> None:
    async with rest_on(RestServer(answer)) as client:
        for ask in (client.rest.account, client.rest.clock, client.rest.positions):
            with pytest.raises(error) as caught:
                await ask()
            assert type(caught.value) is error
            assert caught.value.sentence[-1:] != "\n"


async def test_an_unknown_symbol_is_refused_by_name() -> None:
    async with rest_on(RestServer(refusal(404, 40410000, "asset not found for ZZZZ"))) as client:
        with pytest.raises(Refusal, match="no symbol ZZZZ") as caught:
            await client.rest.asset("ZZZZ")
        assert caught.value.rule == "symbol"


async def test_the_link_tells_how_long_answers_take_and_when_there_are_none() -> None:
    async with rest_on(
        RestServer(Answer(200, CLOCK), RESET, Answer(502, HTML), Answer(200, CLOCK))
    ) as client:
        await client.rest.clock()
        for _ in range(2):
            with pytest.raises(VenueUnreachable):
                await client.rest.clock()
        await client.rest.clock()
        up, reset, sick, again = client.links
    assert (up.state, up.reconnected) == (LinkState.UP, False)
    assert up.rtt_ms is not None
    assert up.rtt_ms > 0
    assert (reset.state, reset.detail, reset.rtt_ms) == (
        LinkState.DOWN,
        "the connection failed",
        None,
    )
    assert (sick.detail, sick.attempt) == ("HTTP 502", 2)
    assert sick.since_ns == reset.since_ns
    assert (again.state, again.reconnected, again.attempt) == (LinkState.UP, True, 0)


async def test_a_cancel_never_waits_behind_hanging_reads_and_posts() -> None:
    server = RestServer(Answer(204))
    server.by_path = {"/assets": HANG, "/orders": HANG}
    async with rest_on(server, Timeouts(connect=1, read=1, total=2)) as client:
        slow = [asyncio.create_task(client.rest.post(SELL)) for _ in range(6)]
        slow += [asyncio.create_task(client.rest.assets()) for _ in range(6)]  # type: ignore[arg-type]
        await client.rest.warm_up()
        began = time.monotonic()
        assert await client.rest.cancel(ORDER_ID) == Taken()
        assert time.monotonic() - began < 0.5
        server.over.set()
        await asyncio.gather(*slow, return_exceptions=True)


async def test_closing_lets_go_of_everybody_who_waits() -> None:
    server = RestServer(HANG)
    async with rest_on(server, Timeouts(connect=1, read=0.3, total=5)) as client:
        waiting = [asyncio.create_task(client.rest.post(SELL)) for _ in range(5)]
        await asyncio.wait_for(server.arrived.wait(), CAP)
        await client.rest.close()
        replies = await asyncio.gather(*waiting, client.rest.post(SELL))
    assert all(isinstance(reply, Unanswered) for reply in replies)


async def test_an_echo_of_the_keys_is_blotted_out_everywhere() -> None:
    words = f"bad key {CREDENTIALS.key_id}/{CREDENTIALS.secret}"
    echo = Answer(422, {"code": 1, "message": words})
    async with rest_on(RestServer(echo)) as client:
        said = [repr(await client.rest.post(SELL)), repr(await client.rest.cancel(ORDER_ID))]
        said.append(repr(await client.rest.read(CLIENT_ID, None)))
        with pytest.raises(Refusal) as caught:
            await client.rest.account()
        said += [repr(caught.value), caught.value.sentence]
    assert "bad key ***/***" in said[0]
    assert not any(CREDENTIALS.secret in text or CREDENTIALS.key_id in text for text in said)


async def test_a_proxy_and_netrc_are_not_asked_for_loopback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server = RestServer(Answer(200, CLOCK))
    async with rest_on(server) as client:
        await client.rest.clock()
    assert "Authorization" not in server.requests[0].headers


def test_importing_the_venue_does_not_load_alpaca_or_pandas() -> None:
    code = (
        "import sys, core.venue.alpaca.venue, core.venue.credentials\n"
        "loaded = {'alpaca', 'pandas', 'requests', 'keyring'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(loaded)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


GATEWAYS = [
    Answer(404, b"404 page not found"),
    Answer(404, b""),
    Answer(404, {"error": "no route"}),
    Answer(404, {"message": "not found", "code": 5}),
    Answer(404, b"<html><title>Not Found</title></html>"),
    Answer(404, {"message": "order not found", "code": True}),
]


@pytest.mark.scenario(103)
@pytest.mark.parametrize("answer", GATEWAYS)
async def test_a_404_without_the_venues_own_code_proves_nothing(answer: Answer) -> None:
    async with rest_on(RestServer(answer, answer)) as client:
        assert isinstance(await client.rest.read(CLIENT_ID, None), Unanswered)
        assert isinstance(await client.rest.cancel("b1"), Unanswered)


@pytest.mark.scenario(103)
@pytest.mark.parametrize("answer", [Answer(403, b"Forbidden"), Answer(422, b""), Answer(400, b"-")])
async def test_a_no_that_is_not_the_venues_own_decides_nothing_about_a_post(answer: Answer) -> None:
    assert isinstance(await post(answer), Unanswered)


@pytest.mark.scenario(131)
@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"status": "filled", "filled_qty": "0"}, "filled, with no shares filled"),
        ({"symbol": "IBM"}, "another symbol"),
        ({"side": "buy"}, "another side"),
        ({"qty": "1000"}, "another quantity"),
    ],
)
async def test_an_answer_to_a_post_that_contradicts_what_was_asked_decides_nothing(
    said: dict[str, str], words: str
) -> None:
    reply = await post(Answer(200, order() | said))
    assert isinstance(reply, Unanswered)
    assert words in reply.reason


@pytest.mark.scenario(134)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_request_follows_a_redirect_so_that_the_keys_stay_where_they_were_sent(
    status: int,
) -> None:
    elsewhere = RestServer(Answer(200, {}))
    async with serve_rest(elsewhere) as other:
        away = Answer(status, b"", Location=f"{other.trading_url}/v2/account")
        async with rest_on(RestServer(away)) as client:
            assert isinstance(await client.rest.post(SELL), Unanswered)
            assert isinstance(await client.rest.cancel(ORDER_ID), Unanswered)
            assert isinstance(await client.rest.read(SELL.client_id, ORDER_ID), Unanswered)
            for asks in (client.rest.account, client.rest.positions, client.rest.clock):
                with pytest.raises(Refusal):
                    await asks()
    assert elsewhere.requests == []
