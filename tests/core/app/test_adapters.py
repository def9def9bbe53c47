"""Every venue has an adapter behind it, and what reaches it names no key."""

import pytest

from core.app.adapters import ADAPTERS, Connection
from core.market.venues import VENUES, VenueProfile
from core.runtime.clock import Clock
from core.venue.credentials import KEY_ID, SECRET, Credentials


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
