"""Quotes, orders and columns that the chart's tests share."""

from decimal import Decimal as D

from core.market.prices import Side
from core.market.quotes import Quote, Trade
from core.market.time import NS
from core.orders.facts import Execution
from core.orders.plan import Fallback, Instruction, Plan
from core.orders.state import Cause, ChildKind, ChildOrder, Liveness, ParentOrder, State

T0 = 1_787_248_000 * NS  # 13:46:40 in New York, so that round seconds are round columns
BID, ASK = D("15.23"), D("15.32")


def quote(at_ns: int, bid: D = BID, ask: D = ASK, symbol: str = "UVXY") -> Quote:
    return Quote(symbol, bid, ask, 1200, 900, at_ns, at_ns, "test")


def trade(at_ns: int, price: D = BID, size: int = 100, symbol: str = "UVXY") -> Trade:
    return Trade(symbol, price, size, at_ns, at_ns)


def fill(at_ns: int, qty: int, price: str = "15.24", name: str = "x") -> Execution:
    return Execution(name, D(qty), D(price), at_ns)


def limit_child(
    liveness: Liveness = Liveness.WORKING,
    *,
    price: str = "15.24",
    qty: int = 1000,
    acked_at: int | None = T0 - 4 * NS,
    cancel_sent_at: int | None = None,
    dead_at: int | None = None,
    executions: tuple[Execution, ...] = (),
) -> ChildOrder:
    done = sum((e.qty for e in executions), D(0))
    return ChildOrder(
        client_id="tl-a-1",
        kind=ChildKind.LIMIT,
        qty=D(qty),
        limit_price=D(price),
        liveness=liveness,
        filled=done,
        explained=done,
        avg_price=D(price) if done else None,
        executions=executions,
        posts=1,
        as_of=T0,
        acked_at=acked_at,
        cancel_sent_at=cancel_sent_at,
        dead_at=dead_at,
    )


def order(
    *children: ChildOrder,
    side: Side = Side.SELL,
    state: State = State.WORKING,
    cause: Cause = Cause.NONE,
    deadline_ns: int | None = T0 + 6 * NS,
    started_ns: int = T0 - 4 * NS,
    ended_ns: int | None = None,
    price: str = "15.24",
    symbol: str = "UVXY",
    name: str = "a",
) -> ParentOrder:
    plan = Plan(D("0.85"), D(10), Fallback.MARKET)
    return ParentOrder(
        id=name,
        instruction=Instruction(name, symbol, side, D(1000), plan),
        quote=quote(started_ns),
        limit_price=D(price),
        ticks_better=1,
        venue="embedded",
        account="1",
        started_ns=started_ns,
        deadline_ns=deadline_ns,
        grace_ns=60 * NS,
        children=children or (limit_child(price=price),),
        state=state,
        cause=cause,
        ended_ns=ended_ns,
    )
