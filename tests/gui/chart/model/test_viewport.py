"""Which time the chart shows when it follows, when it is left and when it is zoomed."""

import pytest

from core.market.time import NS
from gui.chart.model.viewport import LONGEST_NS, SHORTEST_NS, Viewport
from tests.gui.chart.samples import T0


def test_leaving_now_keeps_the_view_and_its_scale() -> None:
    viewport = Viewport()
    view = viewport.time(T0, 900, [5 * NS], 150)
    viewport.leave(view)
    later = viewport.time(T0 + 60 * NS, 900, [], 150)
    assert abs(later.start_ns - view.start_ns) <= view.width_ns
    assert later.width_ns == view.width_ns
    viewport.rejoin()
    assert viewport.time(T0 + 60 * NS, 900, [], 150).start_ns > view.stop_ns - 40 * NS


def test_zooming_the_past_keeps_the_time_under_the_pointer() -> None:
    viewport = Viewport()
    viewport.leave(viewport.time(T0, 900, [], 150))
    before = viewport.time(T0, 900, [], 150)
    pointed = before.start_ns + (before.stop_ns - before.start_ns) // 4
    viewport.set_span(viewport.span_ns // 2, share=0.25)
    after = viewport.time(T0, 900, [], 150)
    assert after.x(pointed) == pytest.approx(225, abs=2)
    assert after.width_ns == pytest.approx(before.width_ns / 2, rel=0.01)


def test_a_span_beyond_reason_is_cut() -> None:
    viewport = Viewport()
    viewport.set_span(1)
    assert viewport.span_ns == SHORTEST_NS
    viewport.set_span(10**18)
    assert viewport.span_ns == LONGEST_NS
