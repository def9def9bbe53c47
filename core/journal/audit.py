"""The journal as it is looked at: whole or not, the story of one order, all facts for a program.

Reads files only: no lock, no venue, no repair. A running Touchline is not disturbed.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from core.errors import Refusal
from core.journal.damage import Scan
from core.journal.reader import JournalReader
from core.market.time import NS
from core.orders.facts import AnyFact, OrderAccepted
from core.orders.reducer import reduce
from core.orders.state import ParentOrder
from core.wording.fact_words import fact_sentence, fact_source
from core.wording.order_words import order_title
from core.wording.times import MARKET_ZONE, clock_time


class Report(msgspec.Struct, frozen=True):
    """What `verify` found. `damage` is a sentence, empty for a whole journal.

    `checksum` stands for all whole records, as hexadecimal; `droppable` says that only
    the last record is damaged, which the next start drops.
    """

    path: str
    schema: int
    records: int
    orders: int
    open_orders: int
    checksum: str
    damage: str
    droppable: bool


def verify(path: Path) -> Report:
    """Read every record. Raises Refusal when there is no journal to read."""
    with closing(_reader(path)) as reader:
        found, schema = reader.scan(), reader.schema
    orders, strange = _state(found)
    damage, droppable = strange, False
    if found.damage is not None:
        damage, droppable = f"{found.damage.what}.", found.damage.tail
        damage += (
            " The next start drops it and reads open orders at the venue."
            if droppable
            else " Touchline will not trade on it. Move the file away and check open orders at "
            "the broker."
        )
    return Report(
        path=str(path),
        schema=schema,
        records=len(found.facts),
        orders=len(orders),
        open_orders=sum(not o.final for o in orders.values()),
        checksum=f"{found.crc:08x}",
        damage=damage,
        droppable=droppable,
    )


class Entry(msgspec.Struct, frozen=True):
    """One fact of one order: its number in the journal, when, who told it, what it says.

    `at` is UTC to the nanosecond, `clock` the market's own time.
    """

    seq: int
    at: str
    clock: str
    source: str
    sentence: str
    fact: AnyFact


def story(path: Path, order_id: str) -> tuple[str, list[Entry], str]:
    """The order's title, its facts in order, and what keeps us from seeing more (a sentence).

    Raises Refusal when the journal does not know the order.
    """
    with closing(_reader(path)) as reader:
        found = reader.scan()
    order: ParentOrder | None = None
    entries: list[Entry] = []
    for seq, fact in enumerate(found.facts, 1):
        if fact.order_id == order_id and (order is not None or isinstance(fact, OrderAccepted)):
            order, _ = reduce(order, fact)
            entries.append(_entry(seq, fact, order))
    if order is None:
        raise Refusal("order", f"There is no order {order_id[:40]} in {path}.", order_id)
    return order_title(order), entries, f"{found.damage.what}." if found.damage else ""


def _entry(seq: int, fact: AnyFact, order: ParentOrder) -> Entry:
    at = datetime.fromtimestamp(fact.at // NS, UTC)
    return Entry(
        seq=seq,
        at=f"{at:%Y-%m-%dT%H:%M:%S}.{fact.at % NS:09}Z",
        clock=f"{at.astimezone(MARKET_ZONE):%Y-%m-%d} {clock_time(fact.at)}",
        source=fact_source(fact),
        sentence=fact_sentence(fact, order),
        fact=fact,
    )


def export(path: Path) -> tuple[Iterator[dict[str, Any]], str]:
    """Every whole fact as a plain object with its number, and what damage follows (a sentence)."""
    with closing(_reader(path)) as reader:
        found = reader.scan()
    lines = ({"seq": n} | msgspec.to_builtins(fact) for n, fact in enumerate(found.facts, 1))
    return lines, f"{found.damage.what}." if found.damage else ""


def _reader(path: Path) -> JournalReader:
    if not path.exists():
        raise Refusal("journal", f"There is no journal {path} yet.", str(path))
    return JournalReader(path)


def _state(found: Scan) -> tuple[dict[str, ParentOrder], str]:
    """The orders, and what is strange about facts that are whole one by one."""
    orders: dict[str, ParentOrder] = {}
    for seq, fact in enumerate(found.facts, 1):
        order = orders.get(fact.order_id)
        if order is None and not isinstance(fact, OrderAccepted):
            return orders, f"Record {seq} tells of an order before that was accepted."
        orders[fact.order_id] = reduce(order, fact)[0]
    return orders, ""
