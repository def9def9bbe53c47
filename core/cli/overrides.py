"""The overrides from the command line: they reach the Touchline that runs, or work by themselves.

Cancel, kill, market now and flatten need nobody to run; pause, more time and another price are
for an order that somebody works.
"""

from collections.abc import Sequence
from dataclasses import replace

from core.app.session import SessionOptions, open_session
from core.cli.commands import journaled, opened
from core.cli.printer import ATTENTION, Printer, exit_code
from core.errors import Refusal
from core.orders.plan_input import parse_end
from core.orders.state import ParentOrder, State
from core.remote import client, server
from core.runtime.data_folder import DataFolder
from core.wording.kill_report import KillReport
from core.wording.next_step import OrderAction

_ASKER = "command line"


async def cancel(options: SessionOptions, what: str, printer: Printer) -> int:
    """Cancel one order or all ("*"), through the Touchline that runs or by ourselves.

    What ended without proof is read again. 0 when all of them have ended, 3 when one needs a
    person.
    """
    home = DataFolder(options.env)
    if home.taken(options.venue):
        lines = await client.ask_cancel(home.control(options.venue), what)
        for line in lines:
            printer.line(line)
        return ATTENTION if any(n["state"] == State.ATTENTION for n in lines) else 0
    asked = _to_cancel(journaled(options), what)
    if not asked:
        printer.say("There is no open order to cancel.")
        return 0
    ids = frozenset(o.id for o in asked if not o.done)
    if ids:
        async with opened(replace(options, only=ids, cancel=True), printer) as session:
            asked = await session.engine.finals(o.id for o in asked)
            asked = await server.proven_soon(session.engine, [o.id for o in asked])
    for order in asked:
        printer.done(order)
    return ATTENTION if ids and any(o.state is State.ATTENTION for o in asked) else 0


def _to_cancel(orders: list[ParentOrder], what: str) -> tuple[ParentOrder, ...]:
    if what == "*":
        return tuple(o for o in orders if not o.done)
    return (_known(orders, what),)


def _known(orders: list[ParentOrder], order_id: str) -> ParentOrder:
    for order in orders:
        if order.id == order_id:
            return order
    raise Refusal("order", f"There is no order {order_id[:40]}.", order_id)


async def kill(options: SessionOptions, printer: Printer) -> int:
    """The kill switch, through the Touchline that runs or by ourselves; positions stay.

    0 when the venue proves that nothing can fill any more, 3 when that is not proven.
    """
    home = DataFolder(options.env)
    if home.taken(options.venue):
        told = await client.ask_kill(home.control(options.venue))
    else:
        told = await _kill_alone(options)
    printer.killed(told)
    return ATTENTION if told.unproven else 0


async def _kill_alone(options: SessionOptions) -> KillReport:
    session = await open_session(replace(options, cancel=True))
    try:
        return await session.engine.kill(by=_ASKER, stays=False)
    finally:
        await session.close()


async def ask(
    options: SessionOptions,
    action: OrderAction,
    order_id: str,
    value: str,
    printer: Printer,
    confirmed: Sequence[str] = (),
) -> int:
    """Ask `action` of one order and say what is proven; `value` is its seconds or price.

    Raises Confirmation like the engine.
    """
    home = DataFolder(options.env)
    if home.taken(options.venue):
        line = await client.ask_order(
            home.control(options.venue), action, order_id, value, confirmed
        )
        printer.asked(line)
        return 0
    order = _known(journaled(options), order_id)
    if action is OrderAction.ENDED:
        async with opened(replace(options, only=frozenset()), printer) as session:
            printer.done(await session.engine.end_seen(order_id, *parse_end(value)))
        return 0
    if order.final:
        printer.done(order)
        return exit_code(order)
    if action is not OrderAction.MARKET_NOW:
        raise Refusal(
            "instance",
            f"No Touchline runs, so nobody works {order_id}. 'touchline resume' takes it up, "
            "'touchline cancel' and 'touchline market-now' end it.",
        )
    async with opened(replace(options, only=frozenset([order_id])), printer) as session:
        await session.engine.watch([order.symbol])
        await session.engine.market_now(order_id)
        (ended,) = await session.engine.finals([order_id])
    printer.done(ended)
    return exit_code(ended)


async def flatten(
    options: SessionOptions, symbol: str, printer: Printer, confirmed: Sequence[str] = ()
) -> int:
    """Flatten `symbol` (empty: all) and wait a while for the fills.

    0 when all that was held has filled, else 3. Raises Confirmation before anything is done.
    """
    home = DataFolder(options.env)
    if home.taken(options.venue):
        told = await client.ask_flatten(home.control(options.venue), symbol, confirmed)
        for done in told.flattened:
            printer.flattened(done)
        for line in told.orders:
            printer.line(line)
        left = any(done.in_doubt for done in told.flattened)
        return ATTENTION if left or any(n["state"] != State.FILLED for n in told.orders) else 0
    ids = [o.id for o in journaled(options) if not o.done and symbol in ("", o.symbol)]
    only = frozenset(ids if confirmed else ())
    async with opened(replace(options, only=only), printer) as session:
        engine = session.engine
        held = {p.symbol for p in engine.positions.values() if p.qty}
        await engine.watch({symbol} if symbol else held)
        results = await engine.flatten(symbol, confirmed, by=_ASKER)
        ended = await server.ended_soon(engine, [done.order for done in results if done.order])
    for done in results:
        printer.flattened(done)
    for order in ended:
        printer.done(order)
    left = any(done.in_doubt for done in results)
    return ATTENTION if left or any(o.state is not State.FILLED for o in ended) else 0
