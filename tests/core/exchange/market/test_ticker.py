"""Bars made of prints."""

from tests.core.exchange.virtual_exchange import SYMBOL, VirtualExchange, quote, trade


def test_prints_make_minute_bars_and_a_finished_one_is_told() -> None:
    prints = (trade(1, "15.30", 100), trade(2, "15.32", 300), trade(70, "15.28", 100))
    exchange = VirtualExchange((quote(0, "15.23", "15.32"), *prints))
    exchange.time.run_for(71)
    [bar] = exchange.bars
    assert (bar.open, bar.high, bar.low, bar.close) == (153_000, 153_200, 153_000, 153_200)
    assert (bar.volume, bar.trades, bar.vwap) == (400, 2, 15.315)
    shot = exchange.call("GET", f"/v2/stocks/{SYMBOL}/snapshot").body
    assert shot["dailyBar"]["v"] == 500
    assert shot["minuteBar"]["o"] == shot["latestTrade"]["p"] == 15.28
