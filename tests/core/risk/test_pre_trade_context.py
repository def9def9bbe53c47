"""What the controls look at."""

from typing import Any

from core.market.quote_board import QuoteBoard
from core.market.time import NS
from core.risk import pre_trade_context
from core.risk.pre_trade_context import Sent
from tests.core.risk.samples import NOW, D, limits
from tests.support.scripted_orders import ScriptedOrder


def test_of_the_orders_sent_before_only_those_of_the_last_minute_or_longer_window_count() -> None:
    def seen(**changed: Any) -> list[Sent]:
        ages = {"old": 61, "young": 60 - 0.001, "now": 0}
        orders = {n: ScriptedOrder(n, at=NOW - int(age * NS)).order for n, age in ages.items()}
        now = pre_trade_context.context_of(
            "UVXY",
            board=QuoteBoard(),
            links={},
            market=None,
            account=None,
            positions={},
            orders=orders,
            current=(),
            asset=None,
            settings=limits(**changed),
            now_ns=NOW,
        )
        assert [s.at_ns for s in now.recent] == sorted((s.at_ns for s in now.recent), reverse=True)
        return list(now.recent)

    assert len(seen()) == 2
    assert len(seen(duplicate_window=D(62))) == 3
