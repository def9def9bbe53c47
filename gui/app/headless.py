"""What the program does where there is no display: works one order and paints its window.

The same window, the same engine, the same clicks; only the screen is a file.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from core.market.prices import Side
from core.market.time import NS
from core.orders.state import ParentOrder
from core.wording.numbers import price, qty
from core.wording.order_words import order_title
from gui.controllers.desk import Desk

WAIT_QUOTE_S = 30.0
WAIT_ORDER_S = 60.0
HISTORY_NS = 6 * NS
_QTY = Decimal(200)
_WAIT_S = Decimal(5)
_STEP_S = 0.05


async def run_headless(desk: Desk) -> int:
    """Sell once by the ticket's own button, wait for the end, write the picture. Exit status."""
    sell = desk.window.ticket.blocks[Side.SELL].button
    desk.window.ticket.choose_qty(_QTY)
    desk.window.ticket.choose_wait(_WAIT_S)
    desk.ticket.arm(True)
    begun = desk.clock.now_ns()
    ready = await _until(
        lambda: (
            desk.window.ticket.outlook(Side.SELL).ready
            and desk.window.guard.open
            and desk.clock.now_ns() - begun > HISTORY_NS
        ),
        WAIT_QUOTE_S,
    )
    if not ready:
        reason = desk.window.ticket.outlook(Side.SELL).refusal
        sys.stderr.write(f"No order could be worked: {reason}\n")
        return _save_picture(desk, 1)
    sell.click()
    ended = await _until(lambda: _ended(desk) is not None, WAIT_ORDER_S)
    await asyncio.sleep(0.3)  # the last frame reaches the screen
    order = _ended(desk)
    if order is not None:
        average = f" at {price(order.avg_price)}" if order.filled else ""
        words = f"{order_title(order)}: {order.state.value}, {qty(order.filled)} filled{average}.\n"
        sys.stderr.write(words)
    return _save_picture(desk, 0 if ended else 1)


def _ended(desk: Desk) -> ParentOrder | None:
    orders = tuple(desk.known.orders.values())
    return orders[-1] if orders and orders[-1].final else None


async def _until(happened: Callable[[], bool], seconds: float) -> bool:
    """Poll for `happened`; False when `seconds` passed first."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not happened():
        if loop.time() > end:
            return False
        await asyncio.sleep(_STEP_S)
    return True


def _save_picture(desk: Desk, status: int) -> int:
    path = Path(os.environ.get("TOUCHLINE_PICTURE") or "touchline.png")
    if not desk.window.grab().save(str(path)):
        sys.stderr.write(f"The picture could not be written to {path}.\n")
        return 1
    sys.stderr.write(f"The picture is in {path}.\n")
    return status
