"""The orders in a journal at a start, and what follows where its end is damaged or missing.

A damaged last record is put aside and the journal goes on without it; damage before that refuses
the start (`JournalReader.refuse`).
"""

from core.journal.file import JournalFile
from core.journal.replay import restore
from core.market.prices import ZERO
from core.orders.facts import Resumed
from core.orders.reducer import reduce
from core.orders.state import ParentOrder


def recover(file: JournalFile, now_ns: int) -> tuple[dict[str, ParentOrder], str]:
    """The state in `file`, and a sentence when a part of its end is missing.

    What was lost may have been a person's cancel, so none of the open orders falls back by
    itself; what else it may have been, the venue tells. After a run that went on without
    recording, nothing more is sent for them at all. Raises Refusal, JournalError.
    """
    orders = restore(file)
    if file.torn is None and not file.stopped:
        return orders, ""
    torn, stopped = file.torn, file.stopped
    still = [o.id for o in orders.values() if not o.final]
    caution = [
        Resumed(order_id=order_id, at=now_ns, grace=ZERO, unrecorded=stopped) for order_id in still
    ]
    if torn is not None:
        file.mend(caution, now_ns)
    elif caution:
        file.append(caution)
    for fact in caution:
        orders[fact.order_id] = reduce(orders[fact.order_id], fact)[0]
    told = []
    if torn is not None:
        told.append(f"{torn.what} at the end of the journal, which goes on without it.")
    if still:
        told.append(_after_a_stop(still) if stopped else _after_a_tear(still))
    return orders, " ".join(told)


def _after_a_tear(still: list[str]) -> str:
    return (
        f"Open orders are read at the venue ({', '.join(still)}); what was lost may have "
        "been your cancel, so none of them gets a fallback."
    )


def _after_a_stop(still: list[str]) -> str:
    return (
        "The journal could not record the end of the run before, so what you did to these orders "
        f"then is not known: {', '.join(still)}. What is live of them is cancelled, and nothing "
        "more is sent for them."
    )
