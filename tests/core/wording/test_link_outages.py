"""What a lost link means for orders that work."""

import pytest

from core.market.links import LinkName
from core.wording.link_outages import back, lost


@pytest.mark.parametrize("name", LinkName)
def test_a_lost_link_says_what_still_happens_to_working_orders(name: LinkName) -> None:
    assert "works on" not in lost(name, 0)
    assert "1 order works on" in lost(name, 1)
    assert "3 orders work on" in lost(name, 3)


@pytest.mark.parametrize("name", LinkName)
def test_a_link_that_is_back_takes_back_what_was_said(name: LinkName) -> None:
    assert back(name)
    assert "lost" not in back(name)
    assert "no answer" not in back(name)


def test_without_rest_a_person_is_told_that_nothing_can_be_cancelled() -> None:
    assert "cancelled now" in lost(LinkName.REST, 1)
    assert "repeated until the venue answers" in lost(LinkName.REST, 1)
