"""What talks to a venue: one row for each adapter that a profile in `core.market.venues` names.

A row says how the venue of the engine is built, and how an account is asked for once. The
embedded exchange speaks as Alpaca does, so today the rows differ in their addresses only.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from core.market.account import Account
from core.market.links import Link
from core.market.venues import VenueProfile
from core.runtime.clock import Clock
from core.venue.alpaca.endpoints import Endpoints, check_hosts, endpoints_of
from core.venue.alpaca.rest import Rest, Timeouts
from core.venue.alpaca.venue import AlpacaVenue
from core.venue.credentials import HARMLESS, Credentials
from core.venue.interface import Venue


@dataclass(frozen=True, slots=True)
class Connection:
    """What is needed to reach a venue. `port`: where an exchange of our own listens, if one does.

    `env` may override addresses. It may hold keys, so it is in no repr. `hosts` are those
    that a person trusts with the keys, beside the venue's own.
    """

    profile: VenueProfile
    env: Mapping[str, str] = field(repr=False)
    credentials: Credentials
    clock: Clock
    port: int | None = None
    hosts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Adapter:
    """How one kind of venue is reached.

    `build` raises Refusal for an address that cannot be. `login` opens no stream; it raises
    Refusal when the account does not answer. Both raise UnknownHost.
    """

    build: Callable[[Connection], Venue]
    login: Callable[[Connection], Awaitable[Account]]


def _endpoints(to: Connection) -> Endpoints:
    where = endpoints_of(to.profile.name, to.env, embedded_port=to.port)
    if to.credentials.secret != HARMLESS:
        check_hosts(where, to.hosts)
    return where


def _alpaca_venue(to: Connection) -> Venue:
    where = _endpoints(to)
    return AlpacaVenue(where, to.credentials, to.clock)


async def _alpaca_login(to: Connection) -> Account:
    where = _endpoints(to)
    rest = Rest(where, to.credentials, to.clock, Timeouts(), _unheard, _bad)
    try:
        return await rest.login()
    finally:
        await rest.close()


def _unheard(link: Link) -> None:
    """What the link is like, is in the answer or the refusal."""


def _bad(reason: str, client_id: str | None) -> None:
    """An answer that cannot be read is refused by itself."""


_ALPACA = Adapter(_alpaca_venue, _alpaca_login)
ADAPTERS: Mapping[str, Adapter] = {
    "embedded-exchange": _ALPACA,
    "alpaca-paper": _ALPACA,
    "alpaca-live": _ALPACA,
}
