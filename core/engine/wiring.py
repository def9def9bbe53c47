"""Puts one engine together: each part is given those it works with, made before it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.engine.account_refresher import AccountRefresher
from core.engine.account_state import AccountState
from core.engine.deadlines import Deadlines
from core.engine.dispatcher import Dispatcher
from core.engine.foreign_orders import ForeignOrders
from core.engine.inbound import InboundEvents
from core.engine.internal_errors import InternalErrors
from core.engine.listeners import Counters, Listeners
from core.engine.pricer import Pricer
from core.engine.requests.flatten import Flattening
from core.engine.requests.kill_switch import Kill, KillSwitch
from core.engine.requests.requests import NewOrders, Requests
from core.engine.risk_inputs import RiskInputs
from core.engine.stream_watchdog import StreamWatchdog
from core.journal.writer import Recorder
from core.orders.facts import AnyFact
from core.orders.ledger import Ledger
from core.orders.state import ParentOrder
from core.risk.limits import Limits
from core.runtime.clock import Clock
from core.runtime.tasks import Tasks
from core.venue.interface import Venue


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one engine that it works with itself."""

    counters: Counters
    listeners: Listeners
    internal_errors: InternalErrors
    tasks: Tasks
    ledger: Ledger
    account_state: AccountState
    kill_switch: KillSwitch
    risk_inputs: RiskInputs
    deadlines: Deadlines
    dispatcher: Dispatcher
    pricer: Pricer
    refresher: AccountRefresher
    watchdog: StreamWatchdog
    foreign_orders: ForeignOrders
    inbound: InboundEvents
    new_orders: NewOrders
    requests: Requests
    flattening: Flattening
    kill: Kill


def build(
    apply: Callable[[AnyFact], None],
    venue: Venue,
    recorder: Recorder,
    clock: Clock,
    orders: dict[str, ParentOrder],
    new_id: Callable[[], str],
    settings: Limits,
    kill_file: Path | None,
) -> Parts:
    """The parts around `apply`, the engine's one door for facts."""
    # who hears what happens
    counters = Counters()
    listeners = Listeners(counters, clock)
    internal_errors = InternalErrors(counters, listeners)
    tasks = Tasks(internal_errors.task_failed)
    # what is known
    ledger = Ledger(orders)
    account = AccountState(venue, listeners, counters, clock)
    switch = KillSwitch(kill_file, listeners)
    risk = RiskInputs(account, ledger, recorder, switch, clock, settings)
    # what follows from a fact
    deadlines = Deadlines(clock, apply)
    pricer = Pricer(account, ledger, recorder, risk, listeners, clock, apply)
    dispatcher = Dispatcher(
        venue,
        ledger,
        recorder,
        account,
        risk,
        counters,
        listeners,
        internal_errors,
        tasks,
        clock,
        apply,
    )
    # what the venue tells, and what is read of it
    refresher = AccountRefresher(venue, account, ledger, listeners, tasks, clock, apply)
    watchdog = StreamWatchdog(venue, account, dispatcher, listeners)
    foreign = ForeignOrders(venue, ledger, listeners, tasks, clock, apply)
    inbound = InboundEvents(
        account,
        ledger,
        dispatcher,
        pricer,
        refresher,
        watchdog,
        foreign,
        counters,
        listeners,
        clock,
        apply,
    )
    # what a person asks for
    new_orders = NewOrders(
        venue.name, account, ledger, recorder, risk, refresher, dispatcher, clock, new_id, apply
    )
    requests = Requests(
        account,
        ledger,
        recorder,
        risk,
        foreign,
        dispatcher,
        listeners,
        internal_errors,
        tasks,
        clock,
        apply,
    )
    flattening = Flattening(
        new_orders, requests, account, risk, dispatcher, ledger, listeners, clock
    )
    kill = Kill(switch, requests, foreign, account, ledger, listeners)
    return Parts(
        counters=counters,
        listeners=listeners,
        internal_errors=internal_errors,
        tasks=tasks,
        ledger=ledger,
        account_state=account,
        kill_switch=switch,
        risk_inputs=risk,
        deadlines=deadlines,
        dispatcher=dispatcher,
        pricer=pricer,
        refresher=refresher,
        watchdog=watchdog,
        foreign_orders=foreign,
        inbound=inbound,
        new_orders=new_orders,
        requests=requests,
        flattening=flattening,
        kill=kill,
    )
