"""The two words that let us in. Where they come from: `credential_store`.

They leave this object only towards the venue. Nothing prints, pickles or logs them.
"""

from typing import NoReturn

from core.errors import Refusal

KEY_ID = "APCA_API_KEY_ID"
SECRET = "APCA_API_SECRET_KEY"  # noqa: S105  the name of the variable, not a secret
HARMLESS = "embedded"
_HIDDEN = "***"


class Credentials:
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
        return "Credentials(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Credentials are not to be stored.")


def checked(key_id: str, secret: str) -> Credentials:
    """Both words as keys. Raises Refusal, naming neither, for one that no Alpaca key can be."""
    for name, word in ((KEY_ID, key_id), (SECRET, secret)):
        if not (word.isascii() and word.isprintable() and len(word) <= 256 and " " not in word):
            raise Refusal("keys", f"{name} holds characters that no Alpaca key has.")
    return Credentials(key_id, secret)
