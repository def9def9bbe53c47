"""What the colour table is turned into."""

import pytest

from gui.style.palette import DARK, LIGHT, Palette
from gui.style.style import venue_colour


@pytest.mark.parametrize("palette", [DARK, LIGHT])
def test_where_one_trades_has_a_colour_and_what_nobody_knows_that_of_real_money(
    palette: Palette,
) -> None:
    assert venue_colour(palette, "embedded") == palette.embedded
    assert venue_colour(palette, "paper") == palette.paper
    assert venue_colour(palette, "live") == palette.live
    assert venue_colour(palette, "robinhood") == palette.live
