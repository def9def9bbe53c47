"""A key ring in memory, in the place of the operating system's."""

from collections.abc import Iterator
from contextlib import contextmanager

import keyring
import keyring.backend
import keyring.errors


class Ring(keyring.backend.KeyringBackend):
    """Keeps passwords by service and name."""

    priority = 1

    def __init__(self) -> None:
        self.words: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.words.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.words[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.words.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError


@contextmanager
def ring_of_our_own() -> Iterator[Ring]:
    """The system's key ring is one in memory while the block runs."""
    before = keyring.get_keyring()
    ring = Ring()
    keyring.set_keyring(ring)
    try:
        yield ring
    finally:
        keyring.set_keyring(before)
