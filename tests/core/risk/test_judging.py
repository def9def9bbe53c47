"""The table of controls as a whole: refused, asked, confirmed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Confirmation, Refusal
from core.market.prices import Side
from core.market.quotes import Unusable
from core.orders.plan import DEFAULTS
from core.risk import judging, pre_trade_context
from core.risk.pre_trade_context import PreTradeContext
from core.risk.pre_trade_controls import CONFIRMABLE, CONTROLS, Severity
from tests.core.risk.samples import (
    FINE,
    SELL,
    SHARES,
    SITUATIONS,
    D,
    account,
    asset,
    limits,
    sent,
    with_,
)


def test_what_asks_is_sent_once_every_name_is_confirmed() -> None:
    now = with_(settings=limits(large_notional=D(1), duplicate_window=D(10)), recent=(sent(2),))
    asked = pre_trade_context.proposed_order(SELL, D(100), DEFAULTS[SELL], now)
    with pytest.raises(Confirmation) as asks:
        judging.judge(asked, ())
    assert asks.value.names == ("large", "duplicate")
    assert "The same order was sent 2 s ago." in asks.value.sentence
    with pytest.raises(Confirmation) as asks:
        judging.judge(asked, ("large",))
    assert asks.value.names == ("duplicate",)
    assert judging.judge(asked, ("large", "duplicate"))[1].price == D("15.24")


def test_no_confirmation_sends_what_is_refused() -> None:
    now = with_(connected=False, disconnected="Connection limit", settings=limits())
    asked = pre_trade_context.proposed_order(SELL, D(100), DEFAULTS[SELL], now)
    with pytest.raises(Refusal, match=r"not connected \(Connection limit\)") as refused:
        judging.judge(asked, [control.name for control in CONTROLS])
    assert not isinstance(refused.value, Confirmation)


def test_the_first_to_tell_is_the_first_that_refuses_else_the_first_that_asks() -> None:
    def first(now: PreTradeContext) -> str | None:
        finding = judging.first(pre_trade_context.proposed_order(SELL, D(100), DEFAULTS[SELL], now))
        return finding.name if finding else None

    asks = limits(large_notional=D(1), price_band_percent=D("0.1"))
    assert first(FINE) is None
    assert first(with_(settings=asks)) == "price-band"
    assert first(with_(settings=asks, killed="Killed.")) == "killed"
    assert first(with_(settings=asks, account=account(blocked=True), position=None)) == "account"


def test_an_asset_is_judged_before_there_is_a_quote() -> None:
    judging.check_asset(SELL, D("1.5"), DEFAULTS[SELL], asset())
    with pytest.raises(Refusal, match=r"whole shares only, so not 1\.5"):
        judging.check_asset(SELL, D("1.5"), DEFAULTS[SELL], asset(fractionable=False))
    with pytest.raises(Refusal, match="cannot be traded"):
        judging.check_asset(SELL, D(1), DEFAULTS[SELL], asset(tradable=False))


@given(SITUATIONS, st.sampled_from(list(Side)), SHARES)
def test_what_is_sent_breaks_no_limit_whatever_the_situation(
    now: PreTradeContext, side: Side, qty: Decimal
) -> None:
    asked = pre_trade_context.proposed_order(side, qty, DEFAULTS[side], now)
    finding = judging.first(asked)
    if finding is not None and finding.severity is Severity.REFUSE:
        with pytest.raises(Refusal) as refused:  # the engine says what the ticket says
            judging.judge(asked, CONFIRMABLE)
        assert refused.value.sentence.startswith(finding.sentence)
        return
    _, price = judging.judge(asked, CONFIRMABLE)
    assert now.connected
    assert now.unusable is None
    assert qty <= now.settings.max_shares
    assert qty * price.price <= now.settings.max_notional
    held = now.position.qty if now.position else D(0)
    if side is SELL and not now.settings.short_sales:
        assert qty <= held
    after = held - qty if side is SELL else held + qty
    assert held * after >= 0  # never from long to short or back in one order


def test_quotes_that_the_venue_keeps_back_are_refused_in_its_words_and_not_waited_for() -> None:
    kept_back = "Your plan has no SIP quotes, so nothing has a price."

    def said(now: PreTradeContext) -> str:
        finding = judging.first(pre_trade_context.proposed_order(SELL, D(100), DEFAULTS[SELL], now))
        return finding.sentence if finding else ""

    missing = with_(quote=None, unusable=Unusable.MISSING)
    assert said(missing) == "There is no quote for UVXY yet."
    assert said(with_(quote=None, unusable=Unusable.MISSING, no_quotes=kept_back)) == kept_back
    halted = with_(unusable=Unusable.HALTED, no_quotes=kept_back)
    assert said(halted) == Unusable.HALTED.sentence("UVXY")
