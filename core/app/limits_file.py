"""The file that keeps the limits of the pre-trade controls.

Reading never guesses: what is damaged, or out of bounds, is refused in a sentence.
"""

from pathlib import Path

import msgspec

from core.errors import Refusal
from core.market.numerals import check_form
from core.risk.limits import DEFAULTS, FORMER_NAMES, Limits, check
from core.runtime.private_files import MAX_SETTINGS_BYTES, read_regular, write_private


def load(path: Path) -> Limits:
    """The settings in the file at `path`; the defaults where there is none.

    Keys that are not known are passed over. Raises Refusal when it cannot be read, is no
    JSON object, or holds a value of the wrong kind or out of its bounds.
    """
    try:
        data = read_regular(path, MAX_SETTINGS_BYTES)
    except FileNotFoundError:
        return DEFAULTS
    except OSError as error:
        raise _damaged(path, error.strerror or type(error).__name__) from error
    if len(data) > MAX_SETTINGS_BYTES:
        raise _damaged(path, "it is far too long")
    try:
        settings = msgspec.json.decode(_present_names(data), type=Limits)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise _damaged(path, str(error) or type(error).__name__) from error
    except Refusal as refusal:
        raise _damaged(path, refusal.sentence.removesuffix(".")) from refusal
    try:
        check(settings)
    except Refusal as refusal:
        raise _damaged(path, refusal.sentence.removesuffix(".")) from refusal
    return settings


def _present_names(data: bytes) -> bytes:
    """The same file with former names as they are now; a present name goes before its former."""
    found = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    for name in found.keys() & {*Limits.__struct_fields__, *FORMER_NAMES}:
        if bytes(found[name]).startswith(b'"'):
            check_form(msgspec.json.decode(found[name]), name)  # one rule for a person's digits
    former = {new: found.pop(old) for old, new in FORMER_NAMES.items() if old in found}
    return msgspec.json.encode(former | found)


def unknown(path: Path) -> tuple[str, ...]:
    """Names in the file at `path` that no setting has: misspelt, or of another version.

    They are kept out of what holds, so a person should hear of them. Reads what `load` has read.
    """
    try:
        found = msgspec.json.decode(read_regular(path, MAX_SETTINGS_BYTES))
    except FileNotFoundError:
        return ()
    return tuple(sorted(set(found) - set(Limits.__struct_fields__) - set(FORMER_NAMES)))


def save(path: Path, settings: Limits) -> None:
    """Write `settings` whole or not at all. Raises Refusal for a bad value or a failed write."""
    check(settings)
    body = msgspec.json.format(msgspec.json.encode(settings), indent=2)
    write_private(path, body.decode() + "\n")


def _damaged(path: Path, why: str) -> Refusal:
    return Refusal(
        "settings",
        f"The settings in {path} cannot be used: {why}. Mend the file or move it away.",
        str(path),
    )
