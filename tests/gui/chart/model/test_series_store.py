"""What is remembered of each symbol, and what falls out."""

from decimal import Decimal as D

from core.market.time import NS
from gui.chart.model.series import Gap
from gui.chart.model.series_store import MAX_SYMBOLS, SeriesStore
from tests.gui.chart.samples import T0, quote, trade


def test_a_quote_older_than_the_last_is_not_taken() -> None:
    store = SeriesStore()
    assert store.add_quote(quote(T0)) == T0
    assert store.add_quote(quote(T0 - NS, D("15.00"))) is None
    assert store.quote("UVXY") == quote(T0)
    assert len(store.series("UVXY").quotes[0]) == 1


def test_a_print_without_a_price_is_not_taken() -> None:
    store = SeriesStore()
    assert store.add_trade(trade(T0, D(0))) is None
    assert store.add_trade(trade(T0)) == T0


def test_of_many_symbols_the_oldest_fall_out_but_never_the_one_shown() -> None:
    store = SeriesStore()
    store.shown = "UVXY"
    for symbol in ("UVXY", "IBM", *(f"S{n}" for n in range(MAX_SYMBOLS))):
        store.add_quote(quote(T0, symbol=symbol))
    assert store.quote("UVXY") is not None
    assert store.quote("IBM") is None


def test_a_gap_holds_for_every_symbol_and_ends_for_each_with_its_next_quote() -> None:
    store = SeriesStore()
    for symbol in ("UVXY", "IBM"):
        store.add_quote(quote(T0, symbol=symbol))
    store.mark_gap(T0 + NS, None)
    assert store.losing("UVXY")
    store.add_quote(quote(T0 + 3 * NS))
    assert not store.losing("UVXY")
    assert store.losing("IBM")
    assert store.series("UVXY").gaps == [Gap(T0 + NS, T0 + 3 * NS)]
