"""Which assets what is typed may mean."""

from time import perf_counter

import pytest

from core.market.account import Asset
from core.market.asset_search import MOST, AssetIndex, marks


def asset(symbol: str, name: str = "", *, tradable: bool = True) -> Asset:
    return Asset(symbol, name, tradable, fractionable=True, shortable=False)


INDEX = AssetIndex(
    [
        asset("UVXY", "ProShares Ultra VIX Short-Term Futures ETF"),
        asset("UVIX", "2x Long VIX Futures ETF"),
        asset("IBM", "International Business Machines"),
        asset("V", "Visa Inc."),
        asset("VIXY", "ProShares VIX Short-Term Futures ETF"),
        asset("VIXO", "Gone", tradable=False),
    ]
)


@pytest.mark.parametrize(
    ("typed", "symbols"),
    [
        ("uv", ["UVIX", "UVXY"]),
        ("V", ["V", "VIXY", "UVIX", "UVXY"]),
        ("vix", ["VIXY", "UVIX", "UVXY"]),
        ("proshares ultra", ["UVXY"]),
        ("machines inter", ["IBM"]),
        ("  ibm ", ["IBM"]),
        ("", []),
        ("zzz", []),
        ("vix zebra", []),
        ("VIXO", []),
    ],
)
def test_symbols_that_begin_so_come_first_and_then_names_with_the_words(
    typed: str, symbols: list[str]
) -> None:
    assert [found.symbol for found in INDEX.find(typed)] == symbols


def test_twelve_thousand_assets_are_searched_within_a_frame() -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    many = [
        asset(f"{a}{b}{c}", f"{a}{b}{c} Holdings Corporation Common Stock")
        for a in letters
        for b in letters
        for c in letters[:18]
    ]
    index = AssetIndex(many)
    assert len(index) == 12_168
    worst = 0.0
    for typed in ("a", "ab", "common", "stock hold", "holdings corporation zz"):
        begun = perf_counter()
        assert len(index.find(typed)) <= MOST
        worst = max(worst, perf_counter() - begun)
    assert worst < 0.1  # a frame is 16 ms; a busy machine gets more before this fails


def test_a_mark_says_what_may_be_done() -> None:
    assert marks(asset("UVXY")) == "fractions, no shorts"
    whole = Asset("PNNY", "", tradable=True, fractionable=False, shortable=True)
    assert marks(whole, halted=True) == "halted, whole shares, shortable"
