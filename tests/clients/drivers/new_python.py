"""Today's `alpaca-py`, unmodified, pointed at the exchange by its own overrides."""

import asyncio
import os
import sys
import threading
import time

from alpaca.data.enums import DataFeed
from alpaca.data.historical import StockHistoricalDataClient
from alpaca.data.live import StockDataStream
from alpaca.data.requests import (
    StockBarsRequest,
    StockLatestBarRequest,
    StockLatestQuoteRequest,
    StockLatestTradeRequest,
    StockQuotesRequest,
    StockSnapshotRequest,
    StockTradesRequest,
)
from alpaca.data.timeframe import TimeFrame
from alpaca.trading.client import TradingClient
from alpaca.trading.enums import OrderSide, QueryOrderStatus, TimeInForce
from alpaca.trading.requests import (
    ClosePositionRequest,
    CreateWatchlistRequest,
    GetAssetsRequest,
    GetCalendarRequest,
    GetOrdersRequest,
    GetPortfolioHistoryRequest,
    LimitOrderRequest,
    MarketOrderRequest,
    ReplaceOrderRequest,
)
from alpaca.trading.stream import TradingStream
from report import Report

URL = sys.argv[1]
KEY, SECRET = os.environ["APCA_API_KEY_ID"], os.environ["APCA_API_SECRET_KEY"]
WS = URL.replace("http", "ws", 1)

client = TradingClient(KEY, SECRET, paper=True, url_override=URL)
data = StockHistoricalDataClient(KEY, SECRET, url_override=URL)
report = Report()
call = report.call
SIP = {"symbol_or_symbols": "UVXY", "feed": DataFeed.SIP}

told, quotes = [], []
orders = TradingStream(KEY, SECRET, paper=True, url_override=f"{WS}/stream")
market = StockDataStream(KEY, SECRET, feed=DataFeed.SIP, url_override=f"{WS}/v2/sip")


async def on_update(update):
    told.append(str(getattr(update.event, "value", update.event)))


async def on_quote(quote):
    quotes.append(quote.symbol)


orders.subscribe_trade_updates(on_update)
market.subscribe_quotes(on_quote, "UVXY")
for stream in (orders, market):
    threading.Thread(target=lambda s=stream: asyncio.run(s._run_forever()), daemon=True).start()
time.sleep(1.5)

call("get_account", client.get_account)
configured = call("get_account_configurations", client.get_account_configurations)
if configured is not None:
    call("set_account_configurations", lambda: client.set_account_configurations(configured))
call("get_clock", client.get_clock)
call(
    "get_calendar",
    lambda: client.get_calendar(GetCalendarRequest(start="2026-11-20", end="2026-12-04")),
)
call("get_all_assets", lambda: client.get_all_assets(GetAssetsRequest()))
call("get_asset", lambda: client.get_asset("UVXY"))
call("get_all_positions", client.get_all_positions)
call("get_open_position", lambda: client.get_open_position("UVXY"))
sell = {"symbol": "UVXY", "side": OrderSide.SELL, "time_in_force": TimeInForce.DAY}
made = call(
    "submit_order limit",
    lambda: client.submit_order(LimitOrderRequest(qty=10, limit_price=99, **sell)),
)
if made is not None:
    call("get_order_by_id", lambda: client.get_order_by_id(made.id))
    call("get_order_by_client_id", lambda: client.get_order_by_client_id(made.client_order_id))
    time.sleep(0.3)
    new = call(
        "replace_order_by_id",
        lambda: client.replace_order_by_id(made.id, ReplaceOrderRequest(limit_price=98)),
    )
    time.sleep(0.3)
    call("cancel_order_by_id", lambda: client.cancel_order_by_id((new or made).id))
call("submit_order market", lambda: client.submit_order(MarketOrderRequest(qty=10, **sell)))
call(
    "get_orders",
    lambda: client.get_orders(GetOrdersRequest(status=QueryOrderStatus.ALL, limit=10)),
)
call("close_position", lambda: client.close_position("UVXY", ClosePositionRequest(qty="1")))
time.sleep(0.5)
call("cancel_orders", client.cancel_orders)
call(
    "get_portfolio_history",
    lambda: client.get_portfolio_history(GetPortfolioHistoryRequest(timeframe="1Min", period="1D")),
)
listed = call(
    "create_watchlist",
    lambda: client.create_watchlist(CreateWatchlistRequest(name="new", symbols=["UVXY"])),
)
call("get_watchlists", client.get_watchlists)
if listed is not None:
    call(
        "add_asset_to_watchlist_by_id",
        lambda: client.add_asset_to_watchlist_by_id(listed.id, "IBM"),
    )
    call(
        "remove_asset_from_watchlist_by_id",
        lambda: client.remove_asset_from_watchlist_by_id(listed.id, "IBM"),
    )
    call("delete_watchlist_by_id", lambda: client.delete_watchlist_by_id(listed.id))
call("get_stock_latest_quote", lambda: data.get_stock_latest_quote(StockLatestQuoteRequest(**SIP)))
call("get_stock_latest_trade", lambda: data.get_stock_latest_trade(StockLatestTradeRequest(**SIP)))
call("get_stock_latest_bar", lambda: data.get_stock_latest_bar(StockLatestBarRequest(**SIP)))
call("get_stock_snapshot", lambda: data.get_stock_snapshot(StockSnapshotRequest(**SIP)))
call("get_stock_quotes", lambda: data.get_stock_quotes(StockQuotesRequest(limit=5, **SIP)))
call("get_stock_trades", lambda: data.get_stock_trades(StockTradesRequest(limit=5, **SIP)))
call(
    "get_stock_bars",
    lambda: data.get_stock_bars(StockBarsRequest(timeframe=TimeFrame.Minute, limit=5, **SIP)),
)
until = time.monotonic() + 10
while not ({"new", "fill", "canceled"} <= set(told) and quotes) and time.monotonic() < until:
    time.sleep(0.1)
report.say(
    "stream of orders", {"new", "fill", "canceled"} <= set(told), f"told {sorted(set(told))}"
)
report.say("stream of quotes", bool(quotes), f"{len(quotes)} quotes")
os._exit(0)
