"""Orders of earlier days in the window: they come from the journal by the page."""

import gc
from collections.abc import Callable
from pathlib import Path
from weakref import ref

from PySide6.QtCore import Qt

from core.journal.file import JournalFile
from core.journal.recovery import recover
from core.market.prices import Side
from core.orders.state import State
from core.wording.next_step import OrderAction
from gui.blotter.blotter import Tab
from gui.blotter.order_lines import FILLED, TIME
from gui.controllers.desk import Desk
from gui.controllers.past_orders import PAGE
from gui.order_detail.story import StoryEntry
from gui.tables.row_filter import RowFilter
from tests.core.journal.conftest import change
from tests.gui.conftest import Story, engine_of
from tests.gui.waiting import until
from tests.gui.window.test_at_work import arm, send
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
        desk.past_orders.begin(path)
        await until(lambda: model.record_count == PAGE)
        blotter.all_orders.scrollToBottom()
        await until(lambda: model.record_count == 2 * PAGE)
        assert model.has_more
        assert blotter.fills.fills.record_count == 2 * PAGE * FILLS
        blotter.all_orders.scrollToBottom()
        await until(lambda: model.record_count == 3 * PAGE)
        blotter.all_orders.scrollToBottom()
        await until(lambda: not model.has_more)

    play(story)


def test_a_filter_or_another_order_reads_all_of_them(play: Play, tmp_path: Path) -> None:
    path = journal(tmp_path, 3 * PAGE)

    async def story(desk: Desk) -> None:
        table = desk.window.blotter.all_orders
        model = table.orders_model
        desk.past_orders.begin(path)
        await until(lambda: model.record_count == PAGE)
        table.show_filtered(RowFilter("tl-o7-1"))
        await until(lambda: not model.has_more)
        assert model.record_count == 3 * PAGE
        assert [order.id for order in model.shown_records()] == ["o7"]

    play(story)


def test_an_order_of_an_earlier_day_tells_its_story(play: Play, tmp_path: Path) -> None:
    path = journal(tmp_path, 2)

    async def story(desk: Desk) -> None:
        table = desk.window.blotter.all_orders
        desk.past_orders.begin(path)
        await until(lambda: table.orders_model.record_count == 2)
        table.choose("o1")
        entries = desk.window.detail.timeline.entries
        await until(lambda: entries.rowCount() == len(list(told(1))) + 1)
        assert "clicked at" in entries.index(0, 0).data()
        last = entries.index(entries.rowCount() - 1).data()
        assert "filled \N{MIDDLE DOT} +$1.00 vs the bid at the click" in last

    play(story)


class Ring:
    """What only the collector can do away with."""

    def __init__(self) -> None:
        self.me = self


def test_a_page_keeps_no_garbage_for_ever(play: Play, tmp_path: Path) -> None:
    path = journal(tmp_path, 2)

    async def story(desk: Desk) -> None:
        gc.disable()
        dropped = ref(Ring())
        desk.past_orders.begin(path)
        await until(lambda: desk.window.blotter.all_orders.orders_model.record_count == 2)
        assert dropped() is None
        assert gc.isenabled()

    play(story)


def test_a_damaged_page_is_told_and_the_rest_stays(play: Play, tmp_path: Path) -> None:
    path = journal(tmp_path, 2 * PAGE)
    change(path, "UPDATE facts SET body = x'00' WHERE seq = 3")

    async def story(desk: Desk) -> None:
        table = desk.window.blotter.all_orders
        desk.past_orders.begin(path)
        await until(lambda: table.orders_model.record_count == PAGE)
        table.model_shown.sort(FILLED, Qt.SortOrder.AscendingOrder)
        await until(lambda: "damaged" in desk.window.notice.words.text())
        assert not table.orders_model.has_more
        assert table.orders_model.record_count == PAGE
        table.model_shown.sort(TIME, Qt.SortOrder.DescendingOrder)

    play(story)


def counted(desk: Desk) -> int:
    """Orders that tell how often such orders fill."""
    return sum(len(told) for told in desk.known.fill_history.attempts.values())


def test_a_start_tells_the_last_days_orders_and_leaves_the_rest_to_the_journal(
    play: Play, home: Path
) -> None:
    home.mkdir()
    write(home / "journal-embedded.sqlite", [f for n in range(1, 31) for f in told(n)])

    async def story(desk: Desk) -> None:
        model = desk.window.blotter.all_orders.orders_model
        await until(lambda: model.record_count == 30)
        assert not desk.known.orders
        assert set(engine_of(desk).orders) == {order.id for order in model.orders()}
        await until(lambda: counted(desk) == 30)

    play(story)


def test_a_restart_tells_the_same_story(play: Play) -> None:
    told: list[tuple[StoryEntry, ...]] = []

    async def first(desk: Desk) -> None:
        await arm(desk)
        order_id = await send(desk, Side.SELL)
        await until(lambda: desk.known.orders[order_id].state is State.WORKING)
        desk.orders.act(OrderAction.CANCEL, order_id)
        await until(lambda: desk.known.orders[order_id].done)
        told.append(desk.order_display.stories.of(order_id))

    async def second(desk: Desk) -> None:
        await until(lambda: bool(desk.known.orders))
        (order_id,) = desk.known.orders
        desk.window.blotter.show_tab(Tab.ALL)
        desk.window.blotter.all_orders.choose(order_id)
        entries = desk.window.detail.timeline.entries
        await until(lambda: desk.order_display.stories.story(order_id).whole)
        assert desk.order_display.stories.of(order_id) == told[0]
        assert entries.entries()[:-1] == told[0]
        assert "cancelled \N{MIDDLE DOT} You cancelled it." in entries.entries()[-1].sentence

    play(first)
    play(second)


def test_facts_that_cannot_be_read_are_told_in_the_story(play: Play, tmp_path: Path) -> None:
    path = journal(tmp_path, 2)

    async def story(desk: Desk) -> None:
        table = desk.window.blotter.all_orders
        desk.past_orders.begin(path)
        await until(lambda: table.orders_model.record_count == 2)
        change(path, "UPDATE facts SET body = x'00' WHERE seq = 3")
        table.choose("o1")
        entries = desk.window.detail.timeline.entries
        await until(lambda: entries.rowCount() == 2)
        assert "damaged" in entries.index(0, 0).data()
        assert "filled" in entries.index(1, 0).data(), "how it ended stands all the same"

    play(story)
