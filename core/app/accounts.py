"""The accounts that can be traded, and the keys to them, as the window and others see them.

No keys come out of here: they go in, are tried, and are kept in the key ring.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from core.app.adapters import ADAPTERS, Connection
from core.errors import Refusal
from core.market.venues import profile_of
from core.runtime.clock import Clock
from core.venue import credential_store
from core.venue.credentials import Credentials, checked

CONFIRM = 4  # characters of a live account's number that a person must give


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """Where the keys of an account are, if anywhere; `trouble` says why nobody can tell."""

    environment: bool = False
    ring: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class LoginResult:
    """What an account answered. `number` without the characters that confirm a live one."""

    number: str
    blocked: bool
    took_ms: float


async def key_status(venue: str, env: Mapping[str, str]) -> KeyStatus:
    """Where the keys of `venue` are. The key ring may ask its owner first, so it has a thread."""
    try:
        if credential_store.from_environment(env) is not None:
            return KeyStatus(environment=True)
        kept = await asyncio.to_thread(credential_store.stored_credentials, venue)
    except Refusal as refusal:
        return KeyStatus(trouble=refusal.sentence)
    return KeyStatus(ring=kept is not None)


async def keep(venue: str, key_id: str, secret: str) -> None:
    """Put keys into the key ring. Raises Refusal, which never names them."""
    await asyncio.to_thread(credential_store.keep, venue, checked(key_id.strip(), secret.strip()))


async def forget(venue: str) -> None:
    """Take them out again. Raises Refusal."""
    await asyncio.to_thread(credential_store.forget, venue)


async def try_login(
    venue: str, env: Mapping[str, str], key_id: str = "", secret: str = ""
) -> LoginResult:
    """Ask the venue for the account once, with these keys or those that are kept.

    Opens no stream: an account has one, and a Touchline at work may hold it. Raises Refusal.
    """
    credentials = await asyncio.to_thread(_credentials, venue, env, key_id.strip(), secret.strip())
    clock, profile = Clock(), profile_of(venue)
    began = clock.now_ns()
    account = await ADAPTERS[profile.adapter].login(Connection(profile, env, credentials, clock))
    shown = account.number[:-CONFIRM] + "\N{BULLET}" * CONFIRM
    return LoginResult(
        shown, account.blocked or bool(account.not_open), (clock.now_ns() - began) / 1e6
    )


def _credentials(venue: str, env: Mapping[str, str], key_id: str, secret: str) -> Credentials:
    if key_id or secret:
        return checked(key_id, secret)
    return credential_store.load_credentials(venue, env)
