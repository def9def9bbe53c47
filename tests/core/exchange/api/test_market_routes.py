"""REST on market data: what is there and what is not."""

from tests.core.exchange.virtual_exchange import SYMBOL, VirtualExchange


def test_unknown_symbols_are_absent_from_market_data() -> None:
    exchange = VirtualExchange()
    assert exchange.call("GET", "/v2/stocks/quotes/latest", symbols="NOPE").body == {"quotes": {}}
    assert exchange.call("GET", "/v2/stocks/NOPE/quotes/latest").status == 404
    assert exchange.call("GET", "/v2/stocks/snapshots", symbols=f"{SYMBOL},NOPE").body.keys() == {
        SYMBOL
    }
