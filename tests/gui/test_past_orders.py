"""Orders of earlier days in the window: they come from the journal by the page."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt

from core.journal import JournalFile
from core.recovery import recover
from gui.blotter import Tab
from gui.columns import Wanted
from gui.desk import Desk
from gui.order_lines import FILLED, TIME
from gui.past_orders import PAGE
from tests.core.test_journal_damage import change
from tests.gui.conftest import Story
from tests.gui.waiting import until
from tests.support.many_orders import told, write

Play = Callable[[Story], None]
FILLS = 5  # of each order


def journal(folder: Path, count: int) -> Path:
    path = folder / "journal.sqlite"
    write(path, [fact for number in range(1, count + 1) for fact in told(number)])
    file = JournalFile(path)
    recover(file, 0)
    file.close()
    return path


def test_pages_come_as_one_scrolls_and_no_sooner(play: Play, tmp_path: Path) -> None:
    path = journal(tmp_path, 3 * PAGE)

    async def story(desk: Desk) -> None:
        blotter = desk.window.blotter
        blotter.show_tab(Tab.ALL)
        model = blotter.all_orders.orders_model
        desk.past.begin(path)
        await until(lambda: model.held == PAGE)
        blotter.all_orders.scrollToBottom()
        await until(lambda: model.held == 2 * PAGE)
        assert model.has_more
        assert blotter.fills.fills.held == 2 * PAGE * FILLS
        blotter.all_orders.scrollToBottom()
        await until(lambda: model.held == 3 * PAGE)
        blotter.all_orders.scrollToBottom()
        await until(lambda: not model.has_more)

    play(story)


def test_a_filter_or_another_order_reads_all_of_them(play: Play, tmp_path: Path) -> None:
    path = journal(tmp_path, 3 * PAGE)

    async def story(desk: Desk) -> None:
        table = desk.window.blotter.all_orders
        model = table.orders_model
        desk.past.begin(path)
        await until(lambda: model.held == PAGE)
        table.show_wanted(Wanted("tl-o7-1"))
        await until(lambda: not model.has_more)
        assert model.held == 3 * PAGE
        assert [order.id for order in model.shown_records()] == ["o7"]

    play(story)


def test_an_order_of_an_earlier_day_tells_its_story(play: Play, tmp_path: Path) -> None:
    path = journal(tmp_path, 2)

    async def story(desk: Desk) -> None:
        table = desk.window.blotter.all_orders
        desk.past.begin(path)
        await until(lambda: table.orders_model.held == 2)
        table.choose("o1")
        entries = desk.window.detail.timeline.entries
        await until(lambda: entries.rowCount() == len(list(told(1))))
        assert entries.index(0, 0).data().split(" ", 1)[1].startswith("clicked at")

    play(story)


def test_a_damaged_page_is_told_and_the_rest_stays(play: Play, tmp_path: Path) -> None:
    path = journal(tmp_path, 2 * PAGE)
    change(path, "UPDATE facts SET body = x'00' WHERE seq = 3")

    async def story(desk: Desk) -> None:
        table = desk.window.blotter.all_orders
        desk.past.begin(path)
        await until(lambda: table.orders_model.held == PAGE)
        table.model_shown.sort(FILLED, Qt.SortOrder.AscendingOrder)
        await until(lambda: "damaged" in desk.window.notice.words.text())
        assert not table.orders_model.has_more
        assert table.orders_model.held == PAGE
        table.model_shown.sort(TIME, Qt.SortOrder.DescendingOrder)

    play(story)


def test_a_start_tells_the_last_days_orders_and_leaves_the_rest_to_the_journal(
    play: Play, home: Path
) -> None:
    home.mkdir()
    write(home / "journal-embedded.sqlite", [f for n in range(1, 31) for f in told(n)])

    async def story(desk: Desk) -> None:
        model = desk.window.blotter.all_orders.orders_model
        await until(lambda: model.held == 30)
        assert not desk.known.orders
        assert {order.id for order in desk.bridge.earlier} == {o.id for o in model.orders()}
        evidence = desk.known.evidence
        assert sum(len(told) for told in evidence.attempts.values()) == 30

    play(story)
