"""Limits: their bounds in one place, and what lets more through."""

from decimal import Decimal

from core.risk import limits
from core.risk.limits import DEFAULTS, Limits
from core.wording.setting_spec import specs_of

D = Decimal


def test_every_setting_has_a_title_a_description_and_a_default_within_its_bounds() -> None:
    for name, about in specs_of(Limits).items():
        default = getattr(DEFAULTS, name)
        assert about.title, name
        assert about.description.endswith("."), name
        if not isinstance(default, bool):
            assert about.lowest <= default <= about.highest, name
    limits.check(DEFAULTS)


def test_what_lets_more_through_is_told_from_what_lets_less() -> None:
    mine = Limits(max_shares=D(20_000), duplicate_window=D(5), price_band_percent=D(2))
    assert limits.widened(DEFAULTS, mine) == ("max_shares", "duplicate_window")
    assert limits.widened(mine, DEFAULTS) == ("price_band_percent",)
    assert limits.widened(DEFAULTS, Limits(short_sales=True)) == ("short_sales",)
    assert limits.widened(Limits(short_sales=True), DEFAULTS) == ()
    assert limits.widened(DEFAULTS, DEFAULTS) == ()


def test_changes_are_told_with_their_units() -> None:
    mine = Limits(max_shares=D(20_000), short_sales=True)
    assert limits.changes(DEFAULTS, mine) == (
        "Largest order from 10,000 shares to 20,000 shares; Short sales from off to on"
    )
    assert not limits.changes(mine, mine)
