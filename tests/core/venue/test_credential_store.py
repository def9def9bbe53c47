"""Where keys come from and where they are kept, and that no refusal shows them."""

from collections.abc import Iterator

import keyring
import pytest

from core.errors import Refusal
from core.venue.credential_store import forget, keep, load_credentials, stored_credentials
from core.venue.credentials import KEY_ID, SECRET, Credentials
from tests.support.key_ring import Ring, ring_of_our_own


@pytest.fixture
def ring() -> Iterator[Ring]:
    with ring_of_our_own() as ours:
        yield ours


def test_the_environment_comes_first() -> None:
    found = load_credentials("paper", {KEY_ID: " PKX \n", SECRET: "s3cret"})
    assert (found.key_id, found.secret) == ("PKX", "s3cret")


def test_the_key_ring_of_the_account_is_second(ring: Ring) -> None:
    ring.words = {("touchline-live", KEY_ID): "AKX", ("touchline-live", SECRET): "sss"}
    assert load_credentials("live", {}).key_id == "AKX"
    with pytest.raises(Refusal):
        load_credentials("paper", {})


def test_without_keys_both_ways_are_named(ring: Ring) -> None:
    with pytest.raises(Refusal) as caught:
        load_credentials("paper", {})
    assert f"set {KEY_ID} and {SECRET}" in caught.value.sentence
    assert f"keyring set touchline-paper {KEY_ID}" in caught.value.sentence


def test_a_key_ring_that_fails_is_said_in_the_sentence(
    ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*words: str) -> str:
        raise LookupError("no session bus")

    monkeypatch.setattr(ring, "get_password", fail)
    with pytest.raises(Refusal, match="The system's key ring can't be read"):
        load_credentials("paper", {})


def test_half_a_pair_is_refused_without_showing_it() -> None:
    with pytest.raises(Refusal) as caught:
        load_credentials("paper", {SECRET: "s3cret"})
    assert caught.value.sentence == f"{SECRET} is set but {KEY_ID} is not; Alpaca needs both."


@pytest.mark.parametrize("secret", ["s3\r\ncret", "s3 cret", "s3créto", "x" * 300])
def test_a_key_that_can_not_be_one_is_refused_without_showing_it(secret: str) -> None:
    with pytest.raises(Refusal) as caught:
        load_credentials("paper", {KEY_ID: "PKX", SECRET: secret})
    assert secret[:3] not in caught.value.sentence.replace(SECRET, "")


def test_the_embedded_exchange_gets_harmless_keys_unless_others_are_given() -> None:
    assert load_credentials("embedded", {}).key_id == "embedded"
    assert load_credentials("embedded", {KEY_ID: "a", SECRET: "b"}).key_id == "a"


def test_keys_that_are_kept_are_found_again_and_gone_when_forgotten(ring: Ring) -> None:
    keep("paper", Credentials("PKX", "s3cret"))
    found = stored_credentials("paper")
    assert found is not None
    assert (found.key_id, found.secret) == ("PKX", "s3cret")
    assert stored_credentials("live") is None
    forget("paper")
    assert stored_credentials("paper") is None
    forget("paper")  # nothing there is nothing wrong


def test_a_ring_that_takes_no_keys_is_refused_without_showing_them(
    ring: Ring, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*words: str) -> None:
        raise LookupError(" ".join(words))

    monkeypatch.setattr(ring, "set_password", fail)
    with pytest.raises(Refusal, match="kept nowhere") as caught:
        keep("paper", Credentials("PKVISIBLE", "TOPSECRET"))
    told = caught.value.sentence + caplog.text
    assert "PKVISIBLE" not in told
    assert "TOPSECRET" not in told


def test_a_ring_that_does_not_let_go_is_said(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*words: str) -> None:
        raise LookupError

    monkeypatch.setattr(ring, "delete_password", fail)
    with pytest.raises(Refusal, match="did not let go"):
        forget("paper")


def test_a_key_ring_that_is_a_plain_file_gets_no_keys(ring: Ring) -> None:
    plain = type("PlaintextKeyring", (Ring,), {"__module__": "keyrings.alt.file"})
    keyring.set_keyring(plain())
    with pytest.raises(Refusal, match="puts keys into no file"):
        keep("paper", Credentials("PKX", "s3cret"))
