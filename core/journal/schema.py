"""The journal's tables and checksums, version by version, and the way from each to the next.

Knows SQLite and bytes, not what a fact says. A step is applied with its number in one
transaction, so a crash leaves the old version or the new one, whole.
"""

import sqlite3
import zlib
from collections.abc import Callable

SCHEMA = 3
ENDED_SINCE = 3  # the version that first kept ended orders

Sum = Callable[[bytes, int], int]


def sum_of_one(body: bytes, before: int) -> int:
    """Version 1: the checksum of a record alone."""
    return zlib.crc32(body)


def sum_of_chain(body: bytes, before: int) -> int:
    """Version 2: a record's checksum covers the one before it, so none can change places."""
    return zlib.crc32(body, before)


SUMS: dict[int, Sum] = {1: sum_of_one, 2: sum_of_chain, 3: sum_of_chain}

_FACTS = (
    "CREATE TABLE facts (seq INTEGER PRIMARY KEY, order_id TEXT NOT NULL,"
    " at INTEGER NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL)"
)
_TURNED_AWAY = (  # beside the facts: what was turned away never became an order
    "CREATE TABLE IF NOT EXISTS turned_away (seq INTEGER PRIMARY KEY,"
    " at INTEGER NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL)"
)
_DROPPED = (  # damaged tails, kept for whoever wants to look at them
    "CREATE TABLE dropped (id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, crc INTEGER NOT NULL,"
    " at INTEGER NOT NULL, body BLOB)"
)
_ENDED = (  # what the facts of an ended order came to; `seq` is the last of them
    "CREATE TABLE ended (seq INTEGER PRIMARY KEY, order_id TEXT NOT NULL UNIQUE,"
    " body BLOB NOT NULL, crc INTEGER NOT NULL)"
)
_BY_ORDER = "CREATE INDEX facts_of_order ON facts (order_id)"


def version_of(db: sqlite3.Connection) -> int | None:
    """The version of the journal in `db`; None for an empty file, 0 for what is no journal."""
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return None
    if not {"meta", "facts"} <= tables:
        return 0
    row = db.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
    text = str(row[0]) if row else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def create(db: sqlite3.Connection) -> None:
    """Make an empty journal of this version, unless another program has just made one."""
    with _Transaction(db):
        if version_of(db) is None:
            db.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
            for part in (_FACTS, _TURNED_AWAY, _DROPPED, _ENDED, _BY_ORDER):
                db.execute(part)
            db.execute("INSERT INTO meta VALUES ('schema', ?)", (str(SCHEMA),))


def migrate(db: sqlite3.Connection) -> None:
    """Bring the journal in `db` to this version, step by step."""
    with _Transaction(db):
        version = version_of(db) or 0
        while version in _STEPS:
            _STEPS[version](db)
            version += 1
        db.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(version),))


def _chain(db: sqlite3.Connection) -> None:
    """1 to 2: checksums in a chain. A damaged record stays as damaged as it was."""
    before, sums = 0, []
    for seq, body, crc in db.execute("SELECT seq, body, crc FROM facts ORDER BY seq"):
        whole = isinstance(body, bytes) and sum_of_one(body, 0) == crc
        chained = sum_of_chain(body if isinstance(body, bytes) else b"", before)
        before = chained if whole else chained ^ 1
        sums.append((before, seq))
    db.executemany("UPDATE facts SET crc = ? WHERE seq = ?", sums)
    db.execute(_TURNED_AWAY)
    db.execute(_DROPPED)


def _keep_ended(db: sqlite3.Connection) -> None:
    """2 to 3: room for ended orders, which the next start fills, and a way to one order's facts."""
    db.execute(_ENDED)
    db.execute(_BY_ORDER)


_STEPS: dict[int, Callable[[sqlite3.Connection], None]] = {1: _chain, 2: _keep_ended}


class _Transaction:
    """Everything inside, or nothing of it; one writer at a time."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._db.execute("COMMIT")
        elif self._db.in_transaction:
            self._db.execute("ROLLBACK")
