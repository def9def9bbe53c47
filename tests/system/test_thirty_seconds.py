"""A process that stood still for half a minute, over its deadline: what it does when it goes on.

The venue is asked first; the fallback follows only within the grace that the person set.
"""

from concurrent.futures import Future

import pytest

from tests.system.standing_still import SECONDS, Came

CAP = SECONDS + 100


@pytest.fixture
def came(thirty_seconds: "Future[dict[str, Came]]") -> dict[str, Came]:
    """What each of the ways came to, once all have."""
    return thirty_seconds.result(CAP)


@pytest.mark.slow
@pytest.mark.timeout(CAP + 60)
@pytest.mark.scenario(68)
@pytest.mark.parametrize(
    ("name", "state", "filled", "rest_to_market"),
    [
        ("within its grace", "filled", 100, "100"),
        ("after its grace", "canceled", 0, ""),
        ("partly filled meanwhile", "filled", 100, "60"),
        ("filled meanwhile", "filled", 100, ""),
    ],
)
def test_a_process_stopped_for_thirty_seconds_ends_where_the_venue_proves(
    came: dict[str, Came], name: str, state: str, filled: int, rest_to_market: str
) -> None:
    its = came[name]
    assert its.stood >= SECONDS
    assert (its.done["state"], its.done["filled_qty"]) == (state, str(filled)), its.said
    assert (its.sold, its.live) == (filled, [])
    assert its.orders_while_still == 1
    market = [order["qty"] for order in its.orders if order["type"] == "market"]
    assert market == ([rest_to_market] if rest_to_market else [])
    assert "Traceback" not in its.said
