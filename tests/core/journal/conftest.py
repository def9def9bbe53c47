"""A journal with one order in it, and copies of it to be damaged."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.journal.file import JournalFile
from core.journal.reader import JournalReader
from core.journal.recovery import recover
from core.market.time import NS
from core.orders.facts import AnyFact
from core.orders.state import ParentOrder
from tests.support.trading import Trading, play

NOW = 1_790_000_100 * NS


NAME = "journal.sqlite"


BESIDE = ("", "-wal", "-mark")


def written(folder: Path) -> list[AnyFact]:
    """The journal of one order that filled half and was cancelled, as a crash leaves it."""
    live = folder / "live"
    live.mkdir()

    async def scenario(t: Trading) -> None:
        order = await t.working()
        t.fill(order, 40)
        await t.until_child(order, lambda child: child.filled == 40)
        await t.engine.cancel(order.id)
        await t.until_final(order)
        copy(live, folder)  # while it is open: the log has not been taken into the file

    play(scenario, live)
    with closing(JournalReader(folder / NAME)) as reader:
        return reader.load()


def copy(source: Path, target: Path) -> Path:
    """The journal in `source`, byte by byte."""
    for end in BESIDE:
        (target / (NAME + end)).unlink(missing_ok=True)
        if (source / (NAME + end)).exists():
            shutil.copy(source / (NAME + end), target / (NAME + end))
    (target / f"{NAME}-shm").unlink(missing_ok=True)
    return target / NAME


def change(path: Path, statement: str, *values: object) -> None:
    """What a failing disk, or somebody with an editor, does to a journal."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(statement, values)


def opened(path: Path, now_ns: int = NOW) -> tuple[dict[str, ParentOrder], str]:
    """As the next start does it."""
    with closing(JournalFile(path)) as file:
        return recover(file, now_ns)


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[AnyFact]]:
    """A folder with a journal nobody may change, and its facts."""
    folder = tmp_path_factory.mktemp("journal")
    return folder, written(folder)


def still_open(journal: tuple[Path, list[AnyFact]], folder: Path, facts: int = 6) -> Path:
    """A copy that ends while the order works."""
    path = copy(journal[0], folder)
    with closing(JournalFile(path)) as file:
        whole = file.load()[:facts]
    for end in (*BESIDE, "-shm"):
        (folder / (NAME + end)).unlink(missing_ok=True)
    with closing(JournalFile(path)) as file:
        for fact in whole:
            file.append((fact,))
    return path
