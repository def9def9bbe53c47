"""What a journal comes to, as plain JSON: worked out here, and kept from whoever wrote it.

`tests/earlier/` holds journals of each kind that an order can have, written by version bdc3d1f
(three by still older ones), with what that version made of them: `expected.json.gz`. Every value
is a word, a whole number, yes or no, None, or a decimal written plainly. The old names of fields
are kept there, so a renaming is mended here in one place.
"""

import gzip
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from core.errors import Refusal
from core.journal.file import JournalFile
from core.journal.reader import JournalReader
from core.journal.recovery import recover
from core.journal.replay import replay
from core.market.quotes import Quote
from core.orders.facts import AnyFact, Execution
from core.orders.plan import Instruction, Plan, Preview
from core.orders.refused_instruction import RefusedInstruction
from core.orders.state import ChildOrder, ParentOrder


def plain(value: Decimal | None) -> str | None:
    """A decimal without exponent and idle zeros; None stays None."""
    if value is None:
        return None
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def expected_of(order: ParentOrder) -> dict[str, Any]:
    """Everything that is known about one order, its children included."""
    return {
        "id": order.id,
        "symbol": order.symbol,
        "side": order.side.value,
        "qty": plain(order.qty),
        "asked": asked_of(order.instruction),
        "quote": quote_of(order.quote),
        "limit_price": plain(order.limit_price),
        "ticks_better": order.ticks_better,
        "venue": order.venue,
        "account": order.account,
        "started_ns": order.started_ns,
        "deadline_ns": order.deadline_ns,
        "window_ns": order.grace_ns,
        "state": order.state.value,
        "cause": order.cause.value,
        "cancel_asked": order.cancel_asked,
        "resumed": order.resumed,
        "short": order.short,
        "extended": order.extended,
        "collar_until_ns": order.collar_until_ns,
        "hold_retries": order.reserved_retries,
        "step": order.step,
        "own_price": plain(order.own_price),
        "times_set": order.times_set,
        "unpriced": order.unpriced,
        "busted": order.busted,
        "alarm": order.alarm,
        "reason": order.reason,
        "ended_ns": order.ended_ns,
        "final": order.final,
        "done": order.done,
        "filled": plain(order.filled),
        "avg_price": plain(order.avg_price),
        "rest": plain(order.rest),
        "exposure": plain(order.exposure),
        "reserved": plain(order.reserved),
        "unproven": plain(order.unproven),
        "present_limit": plain(order.present_limit),
        "fell_back": order.fell_back,
        "at_market": order.at_market,
        "live_children": [child.client_id for child in order.live_children],
        "children": [child_of(child) for child in order.children],
    }


def child_of(child: ChildOrder) -> dict[str, Any]:
    """Everything that is known about one order at the venue."""
    return {
        "client_id": child.client_id,
        "kind": child.kind.value,
        "qty": plain(child.qty),
        "limit_price": plain(child.limit_price),
        "liveness": child.liveness.value,
        "broker_id": child.broker_id,
        "status": child.status,
        "filled": plain(child.filled),
        "avg_price": plain(child.avg_price),
        "executions": [execution_of(each) for each in child.executions],
        "execution_ids": sorted(child.execution_ids),
        "explained": plain(child.explained),
        "source": child.source.value,
        "as_of": child.as_of,
        "posts": child.posts,
        "cancels": child.cancels,
        "reads": child.reads,
        "misses": child.misses,
        "doubt": child.doubt,
        "cancels_refused": child.cancels_refused,
        "busted": child.busted,
        "held": child.shares_reserved,
        "acked_at": child.acked_at,
        "cancel_sent_at": child.cancel_sent_at,
        "dead_at": child.dead_at,
        "error": child.error,
        "step": child.step,
        "by_hand": child.by_hand,
        "replaces": child.replaces,
        "replaced_by": child.replaced_by,
        "unread": child.unread,
        "made_ns": child.made_ns,
        "dead": child.dead,
        "leaves": plain(child.leaves),
        "ended_by_us": child.ended_by_us,
    }


def execution_of(each: Execution) -> list[Any]:
    """One fill: its id, shares, dollars a share, and when."""
    return [each.id, plain(each.qty), plain(each.price), each.at_ns]


def quote_of(quote: Quote | None) -> dict[str, Any] | None:
    """A quote."""
    if quote is None:
        return None
    return {
        "symbol": quote.symbol,
        "bid": plain(quote.bid),
        "ask": plain(quote.ask),
        "bid_size": quote.bid_size,
        "ask_size": quote.ask_size,
        "exchange_ns": quote.exchange_ns,
        "received_ns": quote.received_ns,
        "feed": quote.feed,
    }


def asked_of(asked: Instruction) -> dict[str, Any]:
    """What the trader asked for."""
    return {
        "id": asked.id,
        "symbol": asked.symbol,
        "side": asked.side.value,
        "qty": plain(asked.qty),
        "plan": plan_of(asked.plan),
        "preview": None if asked.preview is None else preview_of(asked.preview),
    }


def plan_of(plan: Plan) -> dict[str, Any]:
    """How it was to be worked."""
    return {
        "fraction": plain(plan.fraction),
        "timeout": plain(plan.timeout),
        "fallback": plan.fallback.value,
        "window": plain(plan.grace),
        "steps": [[plain(each.fraction), plain(each.seconds)] for each in plan.steps],
        "limit": plain(plan.limit),
        "collar": [plan.collar.ticks, plain(plan.collar.bps)],
        "at_market": plan.at_market,
    }


def preview_of(shown: Preview) -> dict[str, Any]:
    """What stood on the screen at the click."""
    return {
        "bid": plain(shown.bid),
        "ask": plain(shown.ask),
        "limit_price": plain(shown.limit_price),
        "ticks_better": shown.ticks_better,
        "gain": plain(shown.gain),
        "fees": plain(shown.fees),
        "fallback_cost": plain(shown.fallback_cost),
        "position_after": plain(shown.position_after),
        "lines": list(shown.lines),
        "moved_ticks": shown.moved_ticks,
    }


def turned_away_of(record: RefusedInstruction) -> dict[str, Any]:
    """One order that was not taken."""
    return {
        "at": record.at,
        "asked": asked_of(record.instruction),
        "controls": list(record.controls),
        "sentence": record.sentence,
        "asks": record.asks,
        "quote": quote_of(record.quote),
        "venue": record.venue,
        "account": record.account,
    }


def kinds_of(facts: Iterable[AnyFact]) -> dict[str, int]:
    """How many facts of each kind, by the tag that stands in the journal itself."""
    counted = Counter(msgspec.to_builtins(fact)["type"] for fact in facts)
    return dict(sorted(counted.items()))


def unpack(fixtures: Path, name: str, mark: str | None, folder: Path) -> Path:
    """The journal NAME in `folder`, with the log and the mark (hexadecimal) it had beside it."""
    path = folder / "journal.sqlite"
    path.write_bytes(gzip.decompress((fixtures / f"{name}.journal.gz").read_bytes()))
    log = fixtures / f"{name}.wal.gz"
    if log.exists():
        (folder / "journal.sqlite-wal").write_bytes(gzip.decompress(log.read_bytes()))
    if mark is not None:
        (folder / "journal.sqlite-mark").write_bytes(bytes.fromhex(mark))
    return path


def journal_of(path: Path) -> dict[str, Any]:
    """What a journal says to one who only looks: nothing is repaired and nothing written.

    With damage, `orders` is what the facts before it add up to.
    """
    reader = JournalReader(path)
    try:
        found = reader.scan()
        orders = replay(found.facts)
        said: dict[str, Any] = {
            "schema": reader.schema,
            "facts": len(found.facts),
            "kinds": kinds_of(found.facts),
            "checksum": f"{found.crc:08x}",
            "damage": None,
            "turned_away": [turned_away_of(record) for record in reader.turned_away()]
            if reader.schema > 1  # the first version kept none
            else [],
            "orders": {name: expected_of(order) for name, order in orders.items()},
        }
        if found.damage is not None:
            said["damage"] = {
                "seq": found.damage.seq,
                "tail": found.damage.tail,
                "missing": found.damage.missing,
                "what": found.damage.what,
            }
        return said
    finally:
        reader.close()


def recovered_of(path: Path, now_ns: int) -> dict[str, Any]:
    """What the next start makes of a journal at `now_ns`. It may repair the file: give it a copy.

    `refused` is the number of the record for which it would not trade on it.
    """
    file = JournalFile(path)
    try:
        try:
            orders, told = recover(file, now_ns)
        except Refusal as refusal:
            return {"now_ns": now_ns, "refused": refusal.value}
        return {
            "now_ns": now_ns,
            "told": told,
            "facts": file.written,
            "orders": {name: expected_of(order) for name, order in orders.items()},
        }
    finally:
        file.close()
