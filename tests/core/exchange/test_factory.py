"""An exchange put together: tapes take the place of generated symbols, and no two are one."""

from pathlib import Path

import pytest

from core.errors import Refusal
from core.exchange.api import routes
from core.exchange.factory import build_exchange
from core.exchange.options import ExchangeOptions
from tests.core.exchange.market.tapes.test_tape import write
from tests.core.exchange.virtual_clock import VirtualTime


def test_a_tape_takes_its_symbol_from_its_name_and_the_others_stay_generated(
    tmp_path: Path,
) -> None:
    time = VirtualTime()
    options = ExchangeOptions(tapes=(write(tmp_path),), speed=2.0)
    exchange = build_exchange(options, time.now_ns, time.call_later)
    exchange.start()
    assert "XYZ" in exchange.assets
    assert "UVXY" in exchange.assets
    assert exchange.account.shares("XYZ") == 1000
    start = time.now_ns()
    assert exchange.ticker.quotes["XYZ"].event.touch.bid == 1_818_000
    time.run_for(0.75)
    assert exchange.ticker.quotes["XYZ"].at == start + 750_000_000
    assert exchange.ticker.quotes["XYZ"].event.touch.bid == 1_819_000


def test_two_tapes_of_one_symbol_are_refused(tmp_path: Path) -> None:
    path, time = write(tmp_path), VirtualTime()
    with pytest.raises(Refusal, match="two tapes of XYZ"):
        build_exchange(ExchangeOptions(tapes=(path, path)), time.now_ns, time.call_later)


def test_two_exchanges_never_share_an_account_number_or_an_order_id() -> None:
    ids = []
    for _ in range(2):
        time = VirtualTime()
        exchange = build_exchange(ExchangeOptions(seed="same"), time.now_ns, time.call_later)
        exchange.start()
        body = b'{"symbol":"UVXY","side":"sell","qty":1,"type":"market","time_in_force":"day"}'
        reply = routes.call(exchange, "POST", "/v2/orders", {}, body)
        ids.append((exchange.options.account_number, reply.body["id"]))
    assert len({number for number, _ in ids}) == 2
    assert len({order_id for _, order_id in ids}) == 2
