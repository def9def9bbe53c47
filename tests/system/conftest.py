"""What the tests of whole processes share."""

from collections.abc import Iterator

import pytest

from tests.support.commands import Commands


@pytest.fixture(scope="session")
def commands() -> Iterator[Commands]:
    """Touchline commands as real processes."""
    started = Commands()
    yield started
    started.close()
