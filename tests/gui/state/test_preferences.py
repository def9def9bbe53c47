"""Preferences: one typed record, tolerant of a damaged file."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wording.setting_spec import specs_of
from gui.state.preferences import USUAL, Preferences, checked, parse

EARLIER = Path(__file__).resolve().parents[2] / "earlier"


def test_every_preference_says_what_it_is_and_its_usual_value_is_one_it_may_have() -> None:
    for name, about in specs_of(Preferences).items():
        assert about.title, name
        assert about.group, name
        assert about.description.endswith("."), name
        usual = getattr(USUAL, name)
        assert not about.choices or usual in dict(about.choices), name
    assert checked(USUAL) == USUAL


@given(st.binary(max_size=200))
def test_no_bytes_whatever_can_stop_the_window_from_opening(data: bytes) -> None:
    read = parse(data)
    assert checked(read.values) == read.values


@pytest.mark.parametrize("text", ["[]", "null", "[" * 9999, '{"theme": {"a": 1}}', "1e999"])
def test_odd_json_gives_the_usual(text: str) -> None:
    read = parse(text.encode())
    assert read.values == USUAL
    assert read.bad


def test_a_file_of_an_earlier_version_is_read_whole() -> None:
    earlier = (EARLIER / "window.json").read_bytes()
    read = parse(earlier)
    assert (read.bad, read.unknown) == ((), {})
    expected = json.loads(earlier)
    expected["keys"]["pause"] = expected["keys"].pop("hold")
    assert json.loads(json.dumps(msgspec.to_builtins(read.values))) == expected
