"""What the tests of whole processes share."""

from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from core.runtime.core_thread import CoreThread
from tests.support.commands import CAP, Commands
from tests.system.standing_still import Came, all_stand_still, others_ended


@pytest.fixture(scope="session")
def commands() -> Iterator[Commands]:
    """Touchline commands as real processes."""
    started = Commands()
    yield started
    started.close()


@pytest.fixture(scope="session")
def thirty_seconds(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Future[dict[str, Came]]]":
    """Processes that stand still for half a minute, on a thread of their own."""
    thread = CoreThread()
    thread.start()
    coming = thread.call(all_stand_still(tmp_path_factory.mktemp("standing-still")))
    yield coming
    coming.cancel()
    thread.call(others_ended()).result(CAP)
    thread.stop()


@pytest.fixture(scope="session", autouse=True)
def begin_early(request: pytest.FixtureRequest) -> None:
    """The half minute begins with the first test here, if any of those to come waits for it."""
    if any("thirty_seconds" in getattr(i, "fixturenames", ()) for i in request.session.items):
        request.getfixturevalue("thirty_seconds")
