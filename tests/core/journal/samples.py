"""Journals to look at and to spoil."""

import sqlite3
from decimal import Decimal
from pathlib import Path

from core.journal.file import JournalFile
from core.orders.facts import AnyFact, Resumed
from tests.support.trading import Trading, instruction, play, quotes

RISES = quotes((0, "15.23", "15.32"), (3, "15.24", "15.33"))
PARTLY = [
    *quotes((0, "15.23", "15.32")),
    *quotes((3, "15.24", "15.33"), size=40),
    *quotes((3.5, "15.22", "15.31")),
]


def facts_in(path: Path) -> list[AnyFact]:
    """What another process would read."""
    file = JournalFile(path)
    try:
        return file.load()
    finally:
        file.close()


def some_facts(number: int) -> list[AnyFact]:
    return [Resumed(order_id="a", at=n, grace=Decimal(60)) for n in range(number)]


def recorded(tmp_path: Path) -> Path:
    """A journal with a whole order in it."""

    async def scenario(t: Trading) -> None:
        await t.until_final(await t.engine.submit(instruction()))

    play(scenario, tmp_path)
    return tmp_path / "journal.sqlite"


def change(path: Path, statement: str, *values: object) -> None:
    """What a failing disk, or somebody with an editor, does to a journal."""
    db = sqlite3.connect(path)
    with db:
        db.execute(statement, values)
    db.close()
