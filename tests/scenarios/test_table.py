"""The page that maps scenarios to tests can't drift from the tests."""

from tests.scenarios.table import complaints, found


def test_every_scenario_has_a_test_or_a_reason_and_the_page_says_so() -> None:
    assert complaints(found()) == []
