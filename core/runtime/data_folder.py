"""Where Touchline keeps its files, and that only one of it works on them."""

from collections.abc import Mapping
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_data_path

from core.errors import Refusal
from core.runtime.atomic_files import reason
from core.runtime.private_files import PRIVATE_FILE, make_folder, owner, unwritable


class DataFolder:
    """The folder of one user's journals. `TOUCHLINE_HOME` overrides the platform's place.

    Raises Refusal when the folder cannot be made.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self.path = folder(env)
        make_folder(self.path)

    def journal(self, venue: str) -> Path:
        """The journal of one venue; accounts, and so real and paper money, are never mixed."""
        return self.path / f"journal-{venue}.sqlite"

    def settings(self) -> Path:
        """What the person set, for every venue."""
        return self.path / "settings.json"

    def kill_file(self) -> Path:
        """While a file of this name is there, no order is taken on any venue."""
        return self.path / "KILL"

    def control(self, venue: str) -> Path:
        """Where a running Touchline says how to reach it."""
        return self.path / f"control-{venue}.json"

    def exchange_note(self, venue: str) -> Path:
        """Where the exchange of our own that runs for this venue is named."""
        return self.path / f"{venue}.json"

    def exchange_log(self, venue: str) -> Path:
        """What that exchange says when it cannot start."""
        return self.path / f"{venue}.log"

    def lock(self, venue: str) -> FileLock:
        """The lock that the one Touchline on this venue's journal holds."""
        return FileLock(self.path / f"journal-{venue}.lock", mode=PRIVATE_FILE)

    def take(self, venue: str) -> FileLock:
        """Take the lock, or raise Refusal because another Touchline has it."""
        lock = self.lock(venue)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise Refusal(
                "instance",
                f"Another Touchline is already working on the {venue} account. Use that one, or "
                f"'touchline cancel' to cancel its orders; this one sent nothing.",
                venue,
            ) from None
        except PermissionError as error:
            held = Path(lock.lock_file)
            whose = owner(held.stat().st_uid) if held.exists() else "another user"
            raise Refusal(
                "home", f"The lock {held} belongs to {whose}: {reason(error)}.", str(held)
            ) from error
        except (OSError, NotImplementedError) as error:
            raise unwritable(self.path, error) from error
        return lock

    def taken(self, venue: str) -> bool:
        """Whether a Touchline works on this venue's journal now."""
        try:
            self.take(venue).release()
        except Refusal as refusal:
            if refusal.rule == "instance":
                return True
            raise
        return False


def folder(env: Mapping[str, str]) -> Path:
    """The data folder, which may not exist yet."""
    given = env.get("TOUCHLINE_HOME")
    try:
        return Path(given).expanduser() if given else user_data_path("touchline", "touchline")
    except RuntimeError as error:  # a ~user that there is not
        raise Refusal("home", f"TOUCHLINE_HOME leads nowhere: {error}.", given) from error
