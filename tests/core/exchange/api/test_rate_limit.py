"""A minute's budget of requests."""

from core.exchange.api.rate_limit import Budget
from tests.core.exchange.virtual_clock import VirtualTime


def test_a_minutes_budget_is_used_up_and_comes_back() -> None:
    time = VirtualTime()
    budget = Budget(2, time.now_ns)
    assert [budget.take() for _ in range(3)] == [True, True, False]
    headers = budget.headers()
    assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"]) == ("2", "0")
    assert 0 < budget.seconds_left() <= 60
    time.run_for(budget.seconds_left())
    assert budget.take()
