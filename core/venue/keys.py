"""The two words that let us in, from the environment or the system's key ring.

They leave this object only towards the venue. Nothing prints, pickles or logs them.
"""

import logging
from collections.abc import Mapping
from typing import NoReturn

from core.errors import Refusal

log = logging.getLogger(__name__)

KEY_ID = "APCA_API_KEY_ID"
SECRET = "APCA_API_SECRET_KEY"  # noqa: S105  the name of the variable, not a secret
HARMLESS = "embedded"
_HIDDEN = "***"


class Keys:
    """Key id and secret of one account. Hidden in every representation."""

    __slots__ = ("_key_id", "_secret")

    def __init__(self, key_id: str, secret: str) -> None:
        self._key_id = key_id
        self._secret = secret

    @property
    def key_id(self) -> str:
        """The key's public half, which still is nobody's business."""
        return self._key_id

    @property
    def secret(self) -> str:
        """The secret half."""
        return self._secret

    def scrub(self, text: str) -> str:
        """`text` with both words blotted out, for what a server may have echoed."""
        for word in (self._secret, self._key_id):
            if word != HARMLESS:
                text = text.replace(word, _HIDDEN)
        return text

    def __repr__(self) -> str:
        return "Keys(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Keys are not to be stored.")


def load_keys(venue: str, env: Mapping[str, str]) -> Keys:
    """Find the keys for a profile: both environment variables, else the system's key ring.

    The embedded exchange takes any, so it gets harmless ones. Raises Refusal when
    there are none, only one, or one that can't be a key.
    """
    key_id, secret = env.get(KEY_ID, "").strip(), env.get(SECRET, "").strip()
    if bool(key_id) != bool(secret):
        given, missing = (KEY_ID, SECRET) if key_id else (SECRET, KEY_ID)
        raise Refusal("keys", f"{given} is set but {missing} is not; Alpaca needs both.")
    if key_id:
        return _checked(key_id, secret)
    if venue == "embedded":
        return Keys(HARMLESS, HARMLESS)
    return _from_ring(venue)


def _checked(key_id: str, secret: str) -> Keys:
    for name, word in ((KEY_ID, key_id), (SECRET, secret)):
        if not (word.isascii() and word.isprintable() and len(word) <= 256 and " " not in word):
            raise Refusal("keys", f"{name} holds characters that no Alpaca key has.")
    return Keys(key_id, secret)


def _from_ring(venue: str) -> Keys:
    service = f"touchline-{venue}"
    trouble = ""
    try:
        import keyring  # here, because it looks for its back ends when it is imported
    except ImportError:
        trouble = " (no key ring library is installed)"
    else:
        try:
            key_id = keyring.get_password(service, KEY_ID)
            secret = keyring.get_password(service, SECRET)
        except Exception:
            # Every back end has errors of its own, and without it the keys can still be set.
            log.warning("the system's key ring can't be read", exc_info=True)
            trouble = " (the system's key ring can't be read)"
        else:
            if key_id and secret:
                return _checked(key_id.strip(), secret.strip())
    raise Refusal(
        "keys",
        f"There are no keys for the {venue} account: set {KEY_ID} and {SECRET}, or store them with "
        f"'keyring set {service} {KEY_ID}' and 'keyring set {service} {SECRET}'{trouble}.",
    )
