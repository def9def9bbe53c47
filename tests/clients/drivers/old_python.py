"""The old `alpaca-trade-api`, unmodified, told by its own variables where the exchange is."""

import asyncio
import os
import sys
import threading
import time

import alpaca_trade_api as old
from alpaca_trade_api.rest import TimeFrame
from alpaca_trade_api.stream import Stream
from report import Report

URL = sys.argv[1]
KEYS = {"key_id": os.environ["APCA_API_KEY_ID"], "secret_key": os.environ["APCA_API_SECRET_KEY"]}
os.environ["APCA_API_DATA_URL"] = URL

api = old.REST(base_url=URL, **KEYS)
report = Report()
call = report.call

told, quotes = [], []
stream = Stream(base_url=URL, data_stream_url=URL, data_feed="sip", **KEYS)


async def on_update(update):
    told.append(update.event)


async def on_quote(quote):
    quotes.append(quote.symbol)


stream.subscribe_trade_updates(on_update)
stream.subscribe_quotes(on_quote, "UVXY")
threading.Thread(target=lambda: asyncio.run(stream._run_forever()), daemon=True).start()
time.sleep(1.5)

call("get_account", api.get_account)
call("get_account_configurations", api.get_account_configurations)
call(
    "update_account_configurations",
    lambda: api.update_account_configurations(trade_confirm_email="none"),
)
call("get_clock", api.get_clock)
call("get_calendar", lambda: api.get_calendar(start="2026-11-20", end="2026-12-04"))
call("list_assets", lambda: api.list_assets(status="active"))
call("get_asset", lambda: api.get_asset("UVXY"))
call("list_positions", api.list_positions)
call("get_position", lambda: api.get_position("UVXY"))
made = call(
    "submit_order limit",
    lambda: api.submit_order(
        "UVXY", qty=10, side="sell", type="limit", time_in_force="day", limit_price=99
    ),
)
if made is not None:
    call("get_order", lambda: api.get_order(made.id))
    call(
        "get_order_by_client_order_id",
        lambda: api.get_order_by_client_order_id(made.client_order_id),
    )
    time.sleep(0.3)
    new = call("replace_order", lambda: api.replace_order(made.id, limit_price="98"))
    time.sleep(0.3)
    call("cancel_order", lambda: api.cancel_order((new or made).id))
call(
    "submit_order market",
    lambda: api.submit_order("UVXY", qty=10, side="sell", type="market", time_in_force="day"),
)
call("list_orders", lambda: api.list_orders(status="all", limit=10))
call("close_position", lambda: api.close_position("UVXY", qty=1))
time.sleep(0.5)
call("cancel_all_orders", api.cancel_all_orders)
call("get_activities", lambda: api.get_activities(activity_types="FILL"))
call("get_portfolio_history", lambda: api.get_portfolio_history(timeframe="1Min", period="1D"))
listed = call("create_watchlist", lambda: api.create_watchlist("old", symbols=["UVXY"]))
call("get_watchlists", api.get_watchlists)
if listed is not None:
    call("add_to_watchlist", lambda: api.add_to_watchlist(listed.id, "IBM"))
    call("delete_from_watchlist", lambda: api.delete_from_watchlist(listed.id, "IBM"))
    call("delete_watchlist", lambda: api.delete_watchlist(listed.id))
for name in ("quote", "trade", "bar"):
    call(
        f"get_latest_{name}",
        lambda name=name: getattr(api, f"get_latest_{name}")("UVXY", feed="sip"),
    )
call("get_snapshot", lambda: api.get_snapshot("UVXY", feed="sip"))
call("get_snapshots", lambda: api.get_snapshots(["UVXY", "IBM"], feed="sip"))
call("get_quotes", lambda: list(api.get_quotes_iter("UVXY", limit=5, feed="sip")))
call("get_trades", lambda: list(api.get_trades_iter("UVXY", limit=5, feed="sip")))
call("get_bars", lambda: list(api.get_bars_iter("UVXY", TimeFrame.Minute, limit=5, feed="sip")))
until = time.monotonic() + 10
while not ({"new", "fill", "canceled"} <= set(told) and quotes) and time.monotonic() < until:
    time.sleep(0.1)
report.say(
    "stream of orders", {"new", "fill", "canceled"} <= set(told), f"told {sorted(set(told))}"
)
report.say("stream of quotes", bool(quotes), f"{len(quotes)} quotes")
os._exit(0)
