"""More than anybody needs: huge frames and bodies, deep nesting, a million fields.

Each is bounded by a cap, in memory and in time, and is counted and named.
"""

import gzip
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.asyncio.server import ServerConnection

from core.app import limits_file
from core.errors import Refusal, VenueUnreachable
from core.market.links import LinkName
from core.market.quotes import Quote
from core.orders.facts import Source
from core.venue.alpaca import account_wire
from core.venue.alpaca.market_wire import MarketDecoder, latest_quote
from core.venue.alpaca.order_wire import (
    MAX_FRAME,
    BadFrame,
    order_report,
    order_reports,
    trading_message,
)
from core.venue.alpaca.sdk import MOST_BYTES
from core.venue.interface import Unanswered
from tests.core.venue.alpaca.frames import as_json, packed, quote, update
from tests.core.venue.alpaca.recording_sink import RecordingSink
from tests.core.venue.alpaca.rest_server import FLOOD, FLOOD_BYTES, Answer, RestServer
from tests.core.venue.alpaca.stream_server import StreamServer, serve_stream, until_closed
from tests.core.venue.alpaca.test_rest import SELL, rest_on
from tests.core.venue.alpaca.test_streams import after_login, running, trading

MB = 1 << 20
DEEP = 100_000
MANY = 1_000_000

NESTED = {
    "lists": b"[" * DEEP + b"]" * DEEP,
    "objects": b'{"data":' * DEEP + b"1" + b"}" * DEEP,
    "packed lists": b"\x91" * DEEP + b"\x00",
    "packed maps": b"\x81\xa1d" * DEEP + b"\x00",
}
FIELDS = msgspec.json.encode({f"f{n}": n for n in range(MANY)})


@contextmanager
def at_most(megabytes: int) -> Iterator[None]:
    """Python allocates no more than this within."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1] / MB
    finally:
        tracemalloc.stop()
    assert peak <= megabytes, f"{peak:.0f} MB"


# ---- frames -------------------------------------------------------------------------------------


@pytest.mark.parametrize("nested", NESTED.values(), ids=NESTED)
def test_a_frame_that_nests_deeply_is_one_bad_frame(nested: bytes) -> None:
    inside = as_json(update())[:-1] + b',"more":' + nested + b"}"
    with at_most(64):
        for frame in (nested, inside):
            with pytest.raises(BadFrame) as bad:
                trading_message(frame)
            assert bad.value.reason
        found, refused = MarketDecoder("iex").frame(nested, 1)
    assert (found, len(refused)) == ([], 1)


@pytest.mark.parametrize("read", [trading_message, lambda b: order_report(b, Source.READ)])
def test_a_frame_of_a_million_fields_is_refused_by_its_size(read: Callable[[bytes], Any]) -> None:
    with at_most(8), pytest.raises(BadFrame, match=f"of {len(FIELDS)} bytes"):
        read(FIELDS)
    _, bad = MarketDecoder("iex").frame(FIELDS, 1)
    assert f"of {len(FIELDS)} bytes" in bad[0].reason


def test_a_frame_of_as_many_messages_as_fit_is_read_within_bounds() -> None:
    one = packed(quote())[1:]
    count = MAX_FRAME // len(one) - 1
    whole = b"\xdd" + count.to_bytes(4) + one * count
    with at_most(32):
        found, bad = MarketDecoder("iex").frame(whole, 1)
    assert (len(found), bad) == (count, [])
    assert all(isinstance(message, Quote) for message in found)


async def test_a_frame_too_large_for_the_socket_ends_the_connection_and_is_named() -> None:
    sink, server = RecordingSink(), StreamServer()

    async def too_large(connection: ServerConnection) -> None:
        await connection.send(b" " * (MAX_FRAME + 1))
        await connection.wait_closed()

    async def well(connection: ServerConnection) -> None:
        await connection.send(as_json(update()))
        await until_closed(connection)

    server.scripts = [after_login(server, too_large), after_login(server, well)]
    async with serve_stream(server) as url, running(trading(url, sink)) as stream:
        await sink.until(lambda: sink.reports)
        assert stream.counts.bad_frames == 1
    assert [(link, reason) for link, reason, _ in sink.bad] == [
        (LinkName.ORDERS, "a frame of more than 1 MB")
    ]
    assert any("a frame of more than 1 MB" in link.detail for link in sink.links)


# ---- bodies -------------------------------------------------------------------------------------

BOMB = gzip.compress(b"[" * (100 * MB), 9)


@pytest.mark.slow
@pytest.mark.parametrize(
    "answer", [FLOOD, Answer(200, BOMB, Content_Encoding="gzip")], ids=["plain", "packed"]
)
async def test_a_body_of_a_hundred_megabytes_is_not_taken_in(answer: Answer | str) -> None:
    server = RestServer(answer)
    async with rest_on(server) as client:
        client.rest._timeouts = msgspec.structs.replace(client.rest._timeouts, read=5, total=30)
        with at_most(3 * MOST_BYTES // MB):
            reply = await client.rest.post(SELL)
        assert reply == Unanswered("the answer has more than 1 MB")
        with pytest.raises(VenueUnreachable, match="more than 16 MB"):
            await client.rest.assets()
    assert server.flooded < FLOOD_BYTES / 2
    assert "more than 16 MB" in client.links[-1].detail


READERS: dict[str, Callable[[bytes], Any]] = {
    "order": lambda body: order_report(body, Source.READ),
    "orders": order_reports,
    "account": account_wire.account,
    "positions": account_wire.positions,
    "assets": account_wire.assets,
    "clock": account_wire.clock,
    "quote": lambda body: latest_quote(body, "UVXY", 1, "iex"),
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize("body", [*NESTED.values(), FIELDS], ids=[*NESTED, "a million fields"])
def test_a_body_that_nests_deeply_or_has_a_million_fields_is_refused_in_words(
    read: Callable[[bytes], Any], body: bytes
) -> None:
    with at_most(64), pytest.raises(BadFrame) as bad:
        read(body)
    assert 0 < len(bad.value.reason) <= 200


@pytest.mark.parametrize("body", [*NESTED.values(), FIELDS, b"<" * MB, b"x" * MB])
def test_an_error_of_any_size_becomes_one_short_line(body: bytes) -> None:
    with at_most(8):
        assert len(account_wire.error_body(body).message) <= 300


# ---- files --------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [*NESTED.values(), FIELDS])
def test_a_settings_file_that_is_far_too_long_or_deep_is_refused(
    tmp_path: Path, body: bytes
) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(body)
    with at_most(16), pytest.raises(Refusal, match="settings"):
        limits_file.load(path)
