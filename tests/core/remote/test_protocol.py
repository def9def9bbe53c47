"""What is said between two versions: names that have changed are understood both ways."""

import json

import msgspec
import pytest

from core.remote.protocol import Request, confirmed, encoded
from core.wording.next_step import OrderAction


def test_a_request_says_a_changed_name_as_an_earlier_version_knows_it() -> None:
    asked = Request("t", ask=OrderAction.PAUSE, order="a1", yes=("price-band", "large"))
    said = json.loads(encoded(asked))
    assert said["ask"] == "hold"
    assert said["yes"] == ["price-band", "large", "collar"]


@pytest.mark.parametrize("action", OrderAction)
def test_what_is_said_is_understood(action: OrderAction) -> None:
    asked = Request("t", ask=action, order="a1", value="10", yes=("price-band",))
    heard = msgspec.json.decode(encoded(asked), type=Request)
    assert heard.ask is action
    assert confirmed(heard.yes) == ("price-band",)
    assert msgspec.json.decode(encoded(Request("t", kill=True)), type=Request).kill


def test_an_earlier_version_s_names_are_understood() -> None:
    heard = msgspec.json.decode(b'{"token":"t","ask":"hold","yes":["collar"]}', type=Request)
    assert heard.ask is OrderAction.PAUSE
    assert confirmed(heard.yes) == ("price-band",)
