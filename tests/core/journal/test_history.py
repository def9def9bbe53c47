"""Orders of earlier days, read from the journal a page at a time."""

from pathlib import Path

import pytest

from core.errors import Refusal
from core.journal import history
from core.journal.file import JournalFile
from core.journal.recovery import recover
from core.journal.replay import replay
from core.market.time import NS
from core.orders.facts import CancelAsked
from tests.core.journal.conftest import change
from tests.support.many_orders import OPEN, told, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal of five ended orders and an open one, opened by a start."""
    path = tmp_path / "journal.sqlite"
    write(path, [*told(1), *told(2), *told(6, OPEN), *told(3), *told(4), *told(5)])
    start(path)
    return path


def start(path: Path) -> None:
    file = JournalFile(path)
    recover(file, 0)
    file.close()


def names(page: history.Page) -> list[str]:
    return [order.id for order in page.orders]


def test_pages_go_back_from_the_order_that_ended_last(path: Path) -> None:
    first = history.ended(path, most=2)
    assert names(first) == ["o5", "o4"]
    second = history.ended(path, first.before, most=2)
    assert names(second) == ["o3", "o2"]
    third = history.ended(path, second.before, most=2)
    assert names(third) == ["o1"]
    assert third.before is None
    assert first.orders == tuple(replay([*told(5), *told(4)]).values())


def test_a_page_that_is_just_full_is_followed_by_an_empty_one(path: Path) -> None:
    page = history.ended(path, most=5)
    assert history.ended(path, page.before, most=5) == history.Page((), None)


def test_a_late_word_brings_an_order_back_to_the_first_page(path: Path) -> None:
    file = JournalFile(path)
    file.load()
    file.append((CancelAsked(order_id="o1", at=NS),))
    file.close()
    assert names(history.ended(path)) == ["o5", "o4", "o3", "o2", "o1"]
    start(path)
    assert names(history.ended(path)) == ["o1", "o5", "o4", "o3", "o2"]


def test_one_order_is_found_with_its_facts(path: Path) -> None:
    facts = history.facts(path, "o6")
    assert [fact for _, fact in facts] == list(told(6, OPEN))
    assert [seq for seq, _ in facts] == [31, 32, 33, 34]
    assert history.order(path, "o6") == replay(told(6, OPEN))["o6"]


def test_an_order_that_the_journal_does_not_know_is_a_sentence(path: Path) -> None:
    with pytest.raises(Refusal, match="There is no order o77"):
        history.facts(path, "o77")


def test_a_journal_that_is_not_there_holds_no_orders(tmp_path: Path) -> None:
    assert history.ended(tmp_path / "none") == history.Page((), None)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE facts SET body = substr(body, 2) WHERE seq = 33",
        "UPDATE facts SET body = 'text' WHERE seq = 33",
        "UPDATE facts SET crc = crc + 1 WHERE seq = 32",
        "UPDATE facts SET order_id = 'o6' WHERE seq = 35",
    ],
)
def test_a_damaged_record_is_not_shown_as_if_it_were_whole(path: Path, damage: str) -> None:
    change(path, damage)
    with pytest.raises(Refusal, match=r"Record 3\d is damaged"):
        history.facts(path, "o6")
