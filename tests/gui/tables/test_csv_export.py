"""Tables as text: what other programs read back, and that no cell is calculated there."""

import csv
import io
from pathlib import Path

import pytest

from core.errors import Refusal
from gui.tables.columns import Column
from gui.tables.csv_export import Sheet, comma_separated, harmless, save, tab_separated

NASTY = 'he said "no", then\r\nleft; é−'


def sheet(*cells: str) -> Sheet:
    column: Column[str] = Column("a", "first", str, str, str, 10)
    other: Column[str] = Column("b", "second", str, len, lambda text: str(len(text)), 10)
    return Sheet("orders", (column, other), cells)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+10", "'+10"),
        ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
        ("\t=1", "'\t=1"),
        ("-14.50", "-14.50"),
        ("-1E5", "'-1E5"),
        ("plain = text", "plain = text"),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula_and_negative_numbers_stay_numbers(text: str, cell: str) -> None:
    assert harmless(text) == cell


def test_csv_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    save(path, sheet(NASTY, "plain"))
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [["first", "second"], [NASTY, str(len(NASTY))], ["plain", "5"]]
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert list(tmp_path.iterdir()) == [path]


def test_the_clipboard_gets_one_line_a_row() -> None:
    text = tab_separated(sheet("a\tb\nc"))
    rows = list(csv.reader(io.StringIO(text), delimiter="\t"))
    assert rows == [["first", "second"], ["a b c", "5"]]


def test_a_file_that_cannot_be_written_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.mkdir()
    with pytest.raises(Refusal, match=r"The orders could not be saved as .*orders\.csv"):
        save(path, sheet("a"))
    assert list(tmp_path.iterdir()) == [path]


def test_an_old_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("x" * 10_000)
    save(path, sheet("a"))
    assert path.read_text("utf-8-sig") == comma_separated(sheet("a")).replace("\r\n", "\n")
