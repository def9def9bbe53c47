"""Nothing shows keys."""

import copy
import pickle

import pytest

from core.venue.credentials import Credentials


def test_nothing_shows_or_stores_keys() -> None:
    keys = Credentials("PKVISIBLE", "TOPSECRET")
    shown = f"{keys} {keys!r} {keys:} {[keys]} {vars(type(keys))}"
    assert "PKVISIBLE" not in shown
    assert "TOPSECRET" not in shown
    for store in (pickle.dumps, copy.deepcopy, copy.copy):
        with pytest.raises(TypeError, match="not to be stored"):
            store(keys)


def test_an_echo_is_blotted_out() -> None:
    assert Credentials("PKX", "sss").scrub("bad key PKX with sss") == "bad key *** with ***"
