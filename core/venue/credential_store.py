"""Where keys are found and kept: both environment variables, else the system's key ring.

The key ring of the operating system is the only place that we ever put them; one that
writes a plain file is none.
"""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.errors import Refusal
from core.market.venues import profile_of
from core.venue.credentials import HARMLESS, KEY_ID, SECRET, Credentials, checked

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

log = logging.getLogger(__name__)

_NO_RINGS = ("keyrings.alt", "keyring.backends.null", "keyring.backends.fail")


def load_credentials(venue: str, env: Mapping[str, str]) -> Credentials:
    """Find the keys for a venue: both environment variables, else the system's key ring.

    A venue that needs none gets harmless ones. Raises Refusal when
    there are none, only one, or one that can't be a key.
    """
    given = from_environment(env)
    if given is not None:
        return given
    if not profile_of(venue).needs_keys:
        return Credentials(HARMLESS, HARMLESS)
    trouble = ""
    try:
        kept = stored_credentials(venue)
    except Refusal as refusal:
        kept, trouble = None, f" {refusal.sentence}"
    if kept is not None:
        return kept
    raise Refusal(
        "keys",
        f"There are no keys for the {venue} account: enter them in the window under Accounts, set "
        f"{KEY_ID} and {SECRET}, or store them with 'keyring set {_service(venue)} {KEY_ID}' and "
        f"'keyring set {_service(venue)} {SECRET}'.{trouble}",
    )


def from_environment(env: Mapping[str, str]) -> Credentials | None:
    """The keys that the environment names; None for none. Raises Refusal for half of them."""
    key_id, secret = env.get(KEY_ID, "").strip(), env.get(SECRET, "").strip()
    if bool(key_id) != bool(secret):
        given, missing = (KEY_ID, SECRET) if key_id else (SECRET, KEY_ID)
        raise Refusal("keys", f"{given} is set but {missing} is not; Alpaca needs both.")
    return checked(key_id, secret) if key_id else None


def stored_credentials(venue: str) -> Credentials | None:
    """The keys that the key ring holds for an account; None when it holds none.

    Raises Refusal when there is no key ring, or it cannot be read.
    """
    ring = _ring()
    try:
        key_id = ring.get_password(_service(venue), KEY_ID)
        secret = ring.get_password(_service(venue), SECRET)
    except Exception as error:  # noqa: BLE001  every back end has errors of its own
        log.warning("the system's key ring can't be read (%s)", type(error).__name__)
        raise Refusal("key ring", "The system's key ring can't be read.") from None
    return checked(key_id.strip(), secret.strip()) if key_id and secret else None


def keep(venue: str, credentials: Credentials) -> None:
    """Put the keys of an account into the key ring, in the place of any before.

    Raises Refusal when there is no key ring that keeps secrets, or it takes none.
    """
    ring = _ring()
    try:
        ring.set_password(_service(venue), KEY_ID, credentials.key_id)
        ring.set_password(_service(venue), SECRET, credentials.secret)
    except Exception as error:  # noqa: BLE001  as above; a traceback might show the keys
        log.warning("the system's key ring took no keys (%s)", type(error).__name__)
        raise Refusal(
            "key ring", "The system's key ring did not take the keys; they are kept nowhere."
        ) from None


def forget(venue: str) -> None:
    """Take the keys of an account out of the key ring. Raises Refusal when that fails."""
    from keyring.errors import PasswordDeleteError

    ring = _ring()
    try:
        for name in (KEY_ID, SECRET):
            try:
                ring.delete_password(_service(venue), name)
            except PasswordDeleteError:  # it was not there
                log.info("the key ring held no %s for %s", name, venue)
    except Exception as error:  # noqa: BLE001  as above; a traceback might show the keys
        log.warning("the system's key ring kept its keys (%s)", type(error).__name__)
        raise Refusal(
            "key ring", f"The key ring did not let go of the keys of the {venue} account."
        ) from None


def _service(venue: str) -> str:
    return f"touchline-{venue}"


def _ring() -> "KeyringBackend":
    """The operating system's key ring. Raises Refusal for none, or one that is a plain file."""
    try:
        import keyring  # here, because it looks for its back ends when it is imported
    except ImportError:
        raise Refusal("key ring", "No key ring library is installed.") from None
    found = keyring.get_keyring()
    members = getattr(found, "backends", None) or (found,)
    for ring in members:
        if not type(ring).__module__.startswith(_NO_RINGS):
            return ring
    raise Refusal(
        "key ring",
        "This system has no key ring that keeps secrets, and Touchline puts keys into no file: "
        f"set {KEY_ID} and {SECRET} for it instead.",
    )
