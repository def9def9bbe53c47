"""Every venue has an adapter behind it, and what reaches it names no key."""

from dataclasses import replace

import pytest

from core.app.adapters import ADAPTERS, Connection
from core.errors import UnknownHost
from core.market.venues import VENUES, VenueProfile
from core.runtime.clock import Clock
from core.venue.credentials import HARMLESS, KEY_ID, SECRET, Credentials


def to(profile: VenueProfile) -> Connection:
    env = {KEY_ID: "PKX", SECRET: "s3cret"}
    return Connection(profile, env, Credentials("PKX", "s3cret"), Clock(), port=4321)


@pytest.mark.parametrize("profile", VENUES, ids=lambda profile: profile.name)
def test_every_venue_is_built_by_the_adapter_that_its_profile_names(profile: VenueProfile) -> None:
    assert ADAPTERS[profile.adapter].build(to(profile)).name == profile.name


def test_a_connection_shows_no_key() -> None:
    shown = repr(to(VENUES[-1]))
    assert "PKX" not in shown
    assert "s3cret" not in shown


@pytest.mark.scenario(134)
@pytest.mark.parametrize("profile", VENUES, ids=lambda profile: profile.name)
async def test_neither_a_login_nor_a_session_sends_keys_to_a_host_nobody_named(
    profile: VenueProfile,
) -> None:
    meant = replace(to(profile), env={"TOUCHLINE_TRADING_URL": "https://broker.example"})
    with pytest.raises(UnknownHost):
        ADAPTERS[profile.adapter].build(meant)
    with pytest.raises(UnknownHost):
        await ADAPTERS[profile.adapter].login(meant)
    trusting = replace(meant, hosts=frozenset({"broker.example"}))
    assert ADAPTERS[profile.adapter].build(trusting).name == profile.name


@pytest.mark.scenario(134)
def test_an_exchange_that_needs_no_keys_may_be_anywhere() -> None:
    keyless = replace(
        to(VENUES[0]),
        env={"TOUCHLINE_TRADING_URL": "https://exchange.example"},
        credentials=Credentials(HARMLESS, HARMLESS),
    )
    assert ADAPTERS[VENUES[0].adapter].build(keyless).name == "embedded"
