"""Alpaca's own Python clients, unmodified, against the embedded exchange."""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from alpaca.common.exceptions import APIError
from alpaca.data.historical import StockHistoricalDataClient
from alpaca.data.live import StockDataStream
from alpaca.data.requests import (
    StockLatestBarRequest,
    StockLatestQuoteRequest,
    StockLatestTradeRequest,
    StockSnapshotRequest,
)
from alpaca.trading.client import TradingClient
from alpaca.trading.enums import OrderSide, OrderStatus, QueryOrderStatus, TimeInForce, TradeEvent
from alpaca.trading.models import Order, TradeUpdate
from alpaca.trading.requests import (
    ClosePositionRequest,
    GetCalendarRequest,
    GetOrdersRequest,
    LimitOrderRequest,
    MarketOrderRequest,
    ReplaceOrderRequest,
)
from alpaca.trading.stream import TradingStream

from core.exchange.options import DEFAULT_KEY, DEFAULT_SECRET
from core.market.time import NS
from tests.core.exchange.conftest import CAP, ExchangeThread

KEYS = (DEFAULT_KEY, DEFAULT_SECRET)
T = TypeVar("T")


@pytest.fixture
def client(exchange_thread: ExchangeThread) -> TradingClient:
    made = TradingClient(*KEYS, url_override=exchange_thread.running.url)
    made._session.trust_env = False
    return made


@pytest.fixture
def history(exchange_thread: ExchangeThread) -> StockHistoricalDataClient:
    made = StockHistoricalDataClient(*KEYS, url_override=exchange_thread.running.url)
    made._session.trust_env = False
    return made


def test_every_answer_is_dated_by_the_exchanges_own_clock_and_not_the_computers(
    client: TradingClient, exchange_thread: ExchangeThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = exchange_thread.running.exchange
    monkeypatch.setattr(exchange, "now_ns", lambda: 1_796_135_407 * NS + 900_000_000)
    answer = client._session.get(f"{exchange_thread.running.url}/v2/clock")
    assert answer.headers["Date"] == "Tue, 01 Dec 2026 14:30:07 GMT"


class Updates:
    """A TradingStream in its own thread; its updates come out of a queue."""

    def __init__(self, exchange_thread: ExchangeThread) -> None:
        self._exchange_thread = exchange_thread
        self.queue: queue.Queue[TradeUpdate] = queue.Queue()
        self.stream = TradingStream(*KEYS, url_override=exchange_thread.running.trading_stream_url)
        self.stream.subscribe_trade_updates(self._put)
        self._thread = threading.Thread(target=self.stream.run)

    async def _put(self, update: TradeUpdate) -> None:
        self.queue.put(update)

    def __enter__(self) -> "Updates":
        self._thread.start()
        wait_for(lambda: self._exchange_thread.do(self._listens))
        return self

    def _listens(self) -> bool:
        return any(s.listening for s in self._exchange_thread.running.trading.values())

    def __exit__(self, *_: object) -> None:
        finish(self.stream, self._exchange_thread, self._thread)

    def until(self, event: str) -> list[TradeUpdate]:
        """Updates up to and with the first `event`."""
        seen = [self.queue.get(timeout=CAP)]
        while seen[-1].event != event:
            seen.append(self.queue.get(timeout=CAP))
        return seen


def wait_for(true: Callable[[], bool], cap: float = CAP) -> None:
    """Look again and again until `true()`."""
    tick = threading.Event()
    for _ in range(int(cap / 0.01)):
        if true():
            return
        tick.wait(0.01)
    raise AssertionError("it never became true")


def finish(stream: Any, exchange_thread: ExchangeThread, thread: threading.Thread) -> None:
    """Ask the stream to stop, then wake it by cutting its connection."""
    asyncio.run_coroutine_threadsafe(stream.stop_ws(), stream._loop).result(CAP)
    exchange_thread.do(lambda: exchange_thread.running.do("cut"))
    thread.join(CAP)
    assert not thread.is_alive()


def limit(price: float, qty: int = 100, **more: Any) -> LimitOrderRequest:
    return LimitOrderRequest(
        symbol="UVXY",
        qty=qty,
        side=more.pop("side", OrderSide.SELL),
        time_in_force=TimeInForce.DAY,
        limit_price=price,
        **more,
    )


def market(qty: float = 100, symbol: str = "UVXY", side: OrderSide = OrderSide.SELL) -> Any:
    return MarketOrderRequest(symbol=symbol, qty=qty, side=side, time_in_force=TimeInForce.DAY)


def submit(client: TradingClient, request: Any) -> Order:
    order = client.submit_order(request)
    assert isinstance(order, Order)
    return order


def read(client: TradingClient, order: Order) -> Order:
    got = client.get_order_by_id(order.id)
    assert isinstance(got, Order)
    return got


def is_status(client: TradingClient, order: Order, status: OrderStatus) -> Callable[[], bool]:
    return lambda: read(client, order).status is status


def refused(call: Callable[[], object]) -> APIError:
    with pytest.raises(APIError) as caught:
        call()
    return caught.value


# REST


def test_account_clock_calendar_assets_and_positions_are_read(client: TradingClient) -> None:
    account: Any = client.get_account()
    assert account.account_number.startswith("EX")
    assert len(account.account_number) == 9
    assert float(account.cash) == 100_000
    assert client.get_account_configurations().no_shorting  # type: ignore[union-attr]
    clock: Any = client.get_clock()
    assert clock.is_open
    assert clock.timestamp < clock.next_close < clock.next_open
    days: Any = client.get_calendar(
        GetCalendarRequest(start=date(2026, 11, 20), end=date(2026, 11, 24))
    )
    assert [str(day.date) for day in days] == ["2026-11-20", "2026-11-23", "2026-11-24"]
    assets: Any = client.get_all_assets()
    assert [a.symbol for a in assets] == ["AIG", "BAC", "IBM", "PNNY", "UVXY"]
    uvxy: Any = client.get_asset("UVXY")
    assert client.get_asset(str(uvxy.id)) == uvxy
    positions: Any = client.get_all_positions()
    assert {p.symbol: p.qty for p in positions}["UVXY"] == "5000"
    position: Any = client.get_open_position("UVXY")
    assert (position.qty_available, position.avg_entry_price) == ("5000", "15.23")


def test_what_is_not_there_is_answered_with_404(client: TradingClient) -> None:
    error = refused(lambda: client.get_asset("NOPE"))
    assert (error.status_code, error.message) == (404, "asset not found for NOPE")
    error = refused(lambda: client.get_open_position("NOPE"))
    assert (error.code, error.message) == (40410000, "position does not exist")
    nobody = uuid4()
    error = refused(lambda: client.get_order_by_id(nobody))
    assert (error.status_code, error.message) == (404, f"order not found for {nobody}")
    assert refused(lambda: client.get_order_by_client_id("none")).status_code == 404
    assert refused(lambda: client.cancel_order_by_id(nobody)).status_code == 404


def test_wrong_keys_are_unauthorized_everywhere(exchange_thread: ExchangeThread) -> None:
    client = TradingClient("wrong", "keys", url_override=exchange_thread.running.url)
    client._session.trust_env = False
    error = refused(client.get_account)
    assert error.status_code == 401
    assert "unauthorized." in str(error)


def test_a_market_sell_fills_and_the_position_shrinks(client: TradingClient) -> None:
    order = submit(client, market(100))
    wait_for(is_status(client, order, OrderStatus.FILLED))
    done = read(client, order)
    assert (done.filled_qty, done.qty) == ("100", "100")
    assert 15 < float(done.filled_avg_price or 0) < 15.5
    position: Any = client.get_open_position("UVXY")
    assert position.qty == "4900"


def test_an_order_is_found_by_either_id_listed_and_canceled(client: TradingClient) -> None:
    order = submit(client, limit(20.0, client_order_id="tl-1-1"))
    assert isinstance(order.id, UUID)
    assert client.get_order_by_client_id("tl-1-1").id == order.id  # type: ignore[union-attr]
    listed: Any = client.get_orders(GetOrdersRequest(symbols=["UVXY"], limit=10))
    assert [o.id for o in listed] == [order.id]
    client.cancel_order_by_id(order.id)
    assert refused(lambda: client.cancel_order_by_id(order.id)).message == "order pending cancel"
    wait_for(is_status(client, order, OrderStatus.CANCELED))
    closed: Any = client.get_orders(GetOrdersRequest(status=QueryOrderStatus.CLOSED))
    assert [o.id for o in closed] == [order.id]
    assert client.get_orders() == []


def test_refusals_carry_alpacas_status_code_and_words(client: TradingClient) -> None:
    submit(client, limit(20.0, qty=4950, client_order_id="one"))
    again = refused(lambda: submit(client, limit(20.0, client_order_id="one")))
    assert (again.status_code, again.code) == (422, 40010001)
    assert again.message == "client_order_id must be unique"
    short = refused(lambda: submit(client, market(100)))
    assert (short.status_code, short.code) == (403, 40310000)
    assert "(requested: 100, available: 50)" in short.message
    penny = refused(lambda: submit(client, limit(15.245)))
    assert (penny.status_code, penny.code) == (422, 42210000)
    assert penny.message.startswith("invalid limit_price 15.245. sub-penny increment")
    wash = refused(lambda: submit(client, limit(20.0, side=OrderSide.BUY)))
    assert "potential wash trade detected" in wash.message
    nobody = refused(lambda: submit(client, market(1, symbol="NOPE")))
    assert (nobody.status_code, nobody.message) == (422, 'asset "NOPE" not found')


def test_a_filled_order_is_not_canceled(client: TradingClient) -> None:
    order = submit(client, market(10))
    wait_for(is_status(client, order, OrderStatus.FILLED))
    error = refused(lambda: client.cancel_order_by_id(order.id))
    assert (error.status_code, error.code) == (422, 42210000)
    assert error.message == 'order is already in "filled" state'


def test_an_order_is_replaced_by_a_new_one(client: TradingClient) -> None:
    old = submit(client, limit(20.0))
    wait_for(is_status(client, old, OrderStatus.NEW))
    new: Any = client.replace_order_by_id(old.id, ReplaceOrderRequest(limit_price=19.5, qty=50))
    assert (new.replaces, new.limit_price, new.qty) == (old.id, "19.5", "50")
    wait_for(is_status(client, old, OrderStatus.REPLACED))
    assert read(client, old).replaced_by == new.id


def test_all_orders_are_canceled_at_once(client: TradingClient) -> None:
    orders = [submit(client, limit(20.0 + n)) for n in range(3)]
    answers: Any = client.cancel_orders()
    assert [a.status for a in answers] == [200, 200, 200]
    for order in orders:
        wait_for(is_status(client, order, OrderStatus.CANCELED))


def test_positions_are_closed_in_part_and_all_together(client: TradingClient) -> None:
    part: Any = client.close_position("UVXY", ClosePositionRequest(percentage="50"))
    assert (part.qty, part.side) == ("2500", OrderSide.SELL)
    wait_for(is_status(client, part, OrderStatus.FILLED))
    answers: Any = client.close_all_positions(cancel_orders=True)
    assert {a.symbol: a.status for a in answers}["IBM"] == 200
    wait_for(lambda: client.get_all_positions() == [])


# Market data over REST


def test_quotes_prints_bars_and_snapshots_are_read(history: StockHistoricalDataClient) -> None:
    both = ["UVXY", "IBM"]
    quote: Any = history.get_stock_latest_quote(StockLatestQuoteRequest(symbol_or_symbols="UVXY"))
    assert 0.07 < quote["UVXY"].ask_price - quote["UVXY"].bid_price < 0.11
    assert quote["UVXY"].bid_size > 0
    trades: Any = history.get_stock_latest_trade(StockLatestTradeRequest(symbol_or_symbols=both))
    assert trades["IBM"].size > 0
    bars: Any = history.get_stock_latest_bar(StockLatestBarRequest(symbol_or_symbols=both))
    assert bars["IBM"].volume > 0
    shots: Any = history.get_stock_snapshot(StockSnapshotRequest(symbol_or_symbols=both))
    assert shots["UVXY"].latest_quote.bid_price < shots["UVXY"].latest_quote.ask_price


# The trading stream


def test_the_trading_stream_tells_an_orders_whole_life(
    exchange_thread: ExchangeThread, client: TradingClient
) -> None:
    with Updates(exchange_thread) as updates:
        order = submit(client, limit(20.0))
        assert [u.event for u in updates.until(TradeEvent.NEW)] == ["pending_new", "new"]
        client.cancel_order_by_id(order.id)
        ended = updates.until(TradeEvent.CANCELED)
        assert [u.event for u in ended] == ["pending_cancel", "canceled"]
        assert all(u.order.id == order.id for u in ended)
        submit(client, market(4000))
        filled = updates.until(TradeEvent.FILL)
        slices = [u for u in filled if u.qty]
        assert len(slices) > 1
        assert sum(u.qty or 0 for u in slices) == 4000
        assert len({u.execution_id for u in slices}) == len(slices)
        assert filled[-1].order.status is OrderStatus.FILLED
        assert filled[-1].position_qty == 1000


def test_a_trading_stream_that_was_cut_comes_back_and_hears_what_follows(
    exchange_thread: ExchangeThread, client: TradingClient
) -> None:
    with Updates(exchange_thread) as updates:
        exchange_thread.do(lambda: exchange_thread.running.do("cut", "orders"))
        wait_for(lambda: not exchange_thread.do(lambda: exchange_thread.running.trading))
        wait_for(lambda: exchange_thread.do(updates._listens))
        submit(client, market(10))
        assert updates.until(TradeEvent.FILL)[-1].qty == 10


# The data stream


@pytest.fixture
def points(exchange_thread: ExchangeThread) -> Iterator["queue.Queue[Any]"]:
    """Parsed quotes and prints of two symbols from a StockDataStream in its own thread."""
    stream = StockDataStream(*KEYS, url_override=exchange_thread.running.data_stream_url())
    came: queue.Queue[Any] = queue.Queue()

    async def put(point: Any) -> None:
        came.put(point)

    stream.subscribe_quotes(put, "UVXY", "BAC")
    stream.subscribe_trades(put, "UVXY", "BAC")
    stream.subscribe_trading_statuses(put, "UVXY")
    thread = threading.Thread(target=stream.run)
    thread.start()
    wait_for(lambda: exchange_thread.do(lambda: _subscribed(exchange_thread)))
    yield came
    finish(stream, exchange_thread, thread)


def _subscribed(exchange_thread: ExchangeThread) -> bool:
    return any(client.wants("quotes", "UVXY") for client in exchange_thread.running.data.values())


def test_the_data_stream_brings_quotes_prints_and_halts(
    exchange_thread: ExchangeThread, points: "queue.Queue[Any]"
) -> None:
    kinds: dict[str, Any] = {}
    while set(kinds) < {"Quote", "Trade"}:
        point = points.get(timeout=CAP)
        kinds[type(point).__name__] = point
    assert kinds["Quote"].symbol in ("UVXY", "BAC")
    assert kinds["Quote"].bid_price < kinds["Quote"].ask_price
    assert kinds["Quote"].timestamp.tzinfo is not None
    assert kinds["Trade"].size > 0
    exchange_thread.do(lambda: exchange_thread.running.do("halt", "UVXY"))
    while type(point).__name__ != "TradingStatus":
        point = points.get(timeout=CAP)
    assert (point.symbol, point.status_code) == ("UVXY", "2")
