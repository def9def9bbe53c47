"""Rows of a table as text for other programs: the clipboard and CSV files. No Qt.

A cell that a spreadsheet would take for a formula is made harmless by a leading
apostrophe (OWASP, "CSV Injection"); a plain negative number is left a number.
"""

import csv
import io
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import Refusal
from core.runtime.atomic_files import drafted, reason
from gui.tables.columns import Column

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_BREAKS = re.compile(r"[\t\r\n]+")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows as they are shown, and the columns to write of them. `name`: "orders", "fills"..."""

    name: str
    columns: Sequence[Column[Any]]
    rows: Sequence[Any]

    def lines(self) -> Iterator[list[str]]:
        """Titles, then the cells of every row, harmless to a spreadsheet."""
        yield [column.title for column in self.columns]
        for row in self.rows:
            yield [harmless(column.raw(row)) for column in self.columns]


def harmless(text: str) -> str:
    """`text` as a cell that no spreadsheet calculates."""
    if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def tab_separated(sheet: Sheet) -> str:
    """For the clipboard: a line a row, tabs between the cells and nowhere else."""
    return "".join(
        "\t".join(_BREAKS.sub(" ", cell) for cell in line) + "\n" for line in sheet.lines()
    )


def comma_separated(sheet: Sheet) -> str:
    """As RFC 4180 has it."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(sheet.lines())
    return text.getvalue()


def save(path: Path, sheet: Sheet) -> None:
    """Write the sheet as CSV, whole or not at all. Raises Refusal.

    With a byte order mark: without one Excel reads UTF-8 as something else.
    """
    try:
        with drafted(path) as draft, draft.open("w", encoding="utf-8-sig", newline="") as file:
            file.write(comma_separated(sheet))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise Refusal(
            "export",
            f"The {sheet.name} could not be saved as {path}: {reason(error)}.",
            str(path),
        ) from error
