"""The chart in words: odd quotes, the caption of a picture, the summary that is heard."""

from decimal import Decimal as D

from core.market.time import NS
from gui.chart.model.description import caption, span_text, spread_text, summary, touch_words
from tests.gui.chart.samples import T0, order, quote


def test_odd_quotes_are_named() -> None:
    assert spread_text(quote(T0, D(0), D("15.32"))) == "one-sided"
    assert spread_text(quote(T0, D("15.40"), D("15.32"))) == "crossed"


def test_a_touch_that_is_not_there_has_no_size() -> None:
    assert touch_words(D("15.23"), 1200) == ("15.23", "× 1,200")
    assert touch_words(D(0), 1200) == ("none", "")


def test_a_span_is_told_in_seconds_and_from_two_minutes_on_in_minutes() -> None:
    assert [span_text(seconds) for seconds in (20, 119, 120, 300)] == [
        "20 s",
        "119 s",
        "2 min",
        "5 min",
    ]


def test_a_caption_names_quote_age_time_and_whose_orders_they_are() -> None:
    words = caption("UVXY", quote(T0), "as of 5 s ago", (order(),), T0)
    assert words.startswith("UVXY · bid 15.23 × 1,200 · ask 15.32 × 900 · spread 9¢")
    assert "as of 5 s ago · 2026-08-20 13:46:40" in words
    assert caption("", None, "", (), T0).startswith("no symbol · ")


def test_a_summary_says_what_is_missing() -> None:
    assert summary("", None, (), T0, losing=False) == "No symbol is shown."
    assert summary("UVXY", None, (), T0, losing=True) == (
        "UVXY: no quote yet. Quotes are being lost now."
    )
    heard = summary("UVXY", quote(T0), (order(),), T0 + 2 * NS, losing=False)
    assert heard.endswith("SELL 1,000 @ 15.24: cancel in 4.0 s, then 1,000 to market.")
