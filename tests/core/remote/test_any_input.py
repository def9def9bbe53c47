"""Anything at all to and from a Touchline that runs, in its notes, and as the KILL file."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.app import embedded_exchange
from core.errors import Refusal
from core.orders.state import State
from core.remote.client import ask_cancel, ask_kill
from core.remote.protocol import ANSWER_S, REQUEST_BYTES
from core.remote.server import ControlServer
from core.runtime.private_files import MOST_NOTE
from tests.support.trading import Trading, instruction, play

DEEP = b"[" * 100_000
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = st.sampled_from(("token", "cancel", "kill", "port", "pid", "arguments", "orders", "refused"))
OBJECTS = st.dictionaries(KEYS | st.text(max_size=6), VALUES, max_size=5)
BODIES = st.one_of(
    st.binary(max_size=200),
    OBJECTS.map(lambda o: json.dumps(o).encode()),
    VALUES.map(lambda v: json.dumps(v).encode()),
    st.sampled_from((b"", DEEP, b'{"port":' + b"9" * 5000 + b"}", b" " * (MOST_NOTE + 1))),
)
LINES = st.lists(BODIES, max_size=3).map(b"\n".join)


# ---- what is asked of a Touchline that runs ------------------------------------------------------


def test_whatever_is_asked_without_the_token_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    async def scenario(t: Trading) -> None:
        order = await t.working()
        before = t.engine.orders[order.id]
        server = ControlServer(t.engine, tmp_path / "control.json")

        async def asked(line: bytes) -> None:
            reader = asyncio.StreamReader(limit=REQUEST_BYTES)
            reader.feed_data(line)
            reader.feed_eof()
            answer = await server._answer(reader)
            assert answer.refused in ("The request could not be read.", "The token is wrong.")
            assert (answer.orders, answer.killed) == ([], None)

        lines = drawn()
        for line in lines:
            await asked(line)
        assert len(lines) > 100
        assert (t.engine.orders[order.id], t.engine.killed) == (before, "")
        await t.engine.cancel(order.id)
        await t.until_final(order)

    play(scenario, tmp_path)


def drawn() -> list[bytes]:
    """What Hypothesis thinks of, to be asked within a loop that it knows nothing of."""
    into: list[bytes] = []

    @settings(max_examples=300, database=None)
    @given(line=LINES)
    def draw(line: bytes) -> None:
        into.append(line)

    draw()
    return into


# ---- what a Touchline that runs answers ----------------------------------------------------------


def refusal_of(path: Path, answer: bytes | None) -> list[str]:
    """The sentences of a cancel and of a kill asked of whoever answers this; None: nobody."""

    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        assert answer is not None
        writer.write(answer)
        writer.close()

    async def ask() -> list[str]:
        said: list[str] = []
        server = None
        if answer is not None:
            server = await asyncio.start_server(answering, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            await asyncio.to_thread(path.write_text, f'{{"port":{port},"token":"t","pid":1}}')
        try:
            for asking in (ask_cancel(path, "*"), ask_kill(path)):
                try:
                    await asyncio.wait_for(asking, ANSWER_S)
                except Refusal as refusal:
                    said.append(refusal.sentence)
        finally:
            if server is not None:
                server.close()
        return said

    return asyncio.run(ask())


def test_one_that_takes_a_request_and_hangs_is_not_said_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.remote.client.KILL_S", 0.2)
    path = tmp_path / "control.json"

    async def ask() -> str:
        heard = asyncio.Event()

        async def hanging(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            heard.set()
            await reader.read()
            writer.close()

        server = await asyncio.start_server(hanging, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        await asyncio.to_thread(path.write_text, f'{{"port":{port},"token":"t","pid":77}}')
        with pytest.raises(Refusal) as refused:
            await ask_kill(path)
        assert heard.is_set()
        server.close()
        return refused.value.sentence

    said = asyncio.run(ask())
    assert "(process 77) was asked, but has not answered for 0.2 s" in said
    assert "nothing of it is proven" in said
    assert "Check open orders at the broker" in said


@settings(max_examples=60, deadline=None)
@given(answer=BODIES)
def test_whatever_answers_is_read_or_said_not_to_have_answered(
    tmp_path_factory: pytest.TempPathFactory, answer: bytes
) -> None:
    for sentence in refusal_of(tmp_path_factory.getbasetemp() / "control.json", answer + b"\n"):
        assert sentence


@settings(max_examples=200, deadline=None)
@given(note=BODIES, port=st.integers() | st.floats() | st.text(max_size=5))
def test_whatever_a_note_says_nobody_is_found_and_a_sentence_says_so(
    tmp_path_factory: pytest.TempPathFactory, note: bytes, port: object
) -> None:
    path = tmp_path_factory.getbasetemp() / "note.json"
    dead = {"token": "t", "pid": 1, "arguments": []}
    for data in (note, json.dumps(dead | {"port": port}).encode()):
        if b'"port": ' in data and json.loads(data).get("port") in range(1, 65536):
            continue  # somebody may listen there
        path.write_bytes(data)
        assert embedded_exchange._find(path) is None
        said = refusal_of(path, None)
        assert len(said) == 2
        assert all("did not answer" in sentence for sentence in said)


# ---- the KILL file -------------------------------------------------------------------------------


def unreadable(path: Path) -> None:
    path.touch(mode=0)


def loop(path: Path) -> None:
    path.symlink_to(path)


def rubbish(path: Path) -> None:
    path.write_bytes(os.urandom(4096))


def nowhere(path: Path) -> None:
    path.symlink_to("nowhere")


@pytest.mark.skipif(os.name != "posix", reason="links and pipes are made otherwise here")
@pytest.mark.parametrize(
    "make", [Path.touch, rubbish, Path.mkdir, nowhere, loop, os.mkfifo, unreadable]
)
def test_a_kill_file_of_any_kind_cancels_and_refuses(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    async def scenario(t: Trading) -> None:
        t.run.kill_file = tmp_path / "KILL"
        await t.restart()
        order = await t.working()
        make(tmp_path / "KILL")
        with pytest.raises(Refusal, match="Remove it to trade again"):
            await t.engine.submit(instruction())
        assert (await t.until_final(order, within=3)).state is State.CANCELED

    play(scenario, tmp_path)
