"""`make audit`: the licences and the known advisories of what is installed and locked."""

import sys
from collections import Counter

from tests.supply.audit import COPYLEFT, advisories, affected, licence_of, unlicensed
from tests.supply.lock import installed, locked, unhashed


def main() -> int:
    """Say what was found; 1 when a person must look at something."""
    here, lock = installed(), locked()
    as_of, source, known = advisories()
    licences = Counter(licence_of(found) for found in here.values())
    say = sys.stdout.write
    say(f"{len(here)} distributions are installed, {len(lock)} names are locked.\n")
    say(f"Licences: {', '.join(f'{n} {name}' for name, n in licences.most_common())}.\n")
    for name, (licence, why) in COPYLEFT.items():
        if name in here:
            say(f"{name}: {licence}, {why}.\n")
    say(
        f"Advisories: {len(known)} are known, as of {as_of} ({source}). What was published later "
        "is not known here.\n"
    )
    wrong = [
        *unlicensed(here),
        *affected(lock, known),
        *affected({name: (found.version,) for name, found in here.items()}, known),
        *(f"{name} is installed and not in the lock." for name in sorted(here.keys() - lock)),
        *(f"The lock names a version without a hash: {line[:80]}." for line in unhashed()),
    ]
    for sentence in dict.fromkeys(wrong):
        say(f"{sentence}\n")
    say("Nothing to look at.\n" if not wrong else "")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
