"""Licences and known advisories of what is installed. Offline: it knows what stands in two tables.

A licence is accepted by its SPDX name; of `A OR B` one must be, of `A AND B` both. The advisories
are facts written by hand from published records, with the date on which that was last done; what
was published since is not known here, and the report says so.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path

from packaging.specifiers import SpecifierSet

ADVISORIES = Path(__file__).with_name("advisories.json")
LONGEST_NAME = 60  # what is longer is the licence itself

PERMISSIVE = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0",
        "PSF-2.0", "Zlib",
    }
)  # fmt: skip
# Copyleft, and why it binds nothing of ours: each is used as it comes, and can be replaced.
COPYLEFT = {
    "certifi": ("MPL-2.0", "a list of certificates, its files unchanged"),
    "hypothesis": ("MPL-2.0", "for tests only, its files unchanged"),
    "pathspec": ("MPL-2.0", "for tools only, its files unchanged"),
    "pyside6-essentials": ("LGPL-3.0-only", "linked as a shared library, replaceable, unchanged"),
    "shiboken6": ("LGPL-3.0-only", "linked as a shared library, replaceable, unchanged"),
}
# Its metadata say less than its LICENSE file does, which was read.
_READ = {("python-dateutil", "Dual License"): "Apache-2.0 OR BSD-3-Clause"}
_SPDX = {
    "apache 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache software license v2": "Apache-2.0",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd license": "BSD-3-Clause",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}


@dataclass(frozen=True, slots=True)
class Advisory:
    """One known flaw: versions of `name` within `affected` have it (PEP 440)."""

    id: str
    name: str
    affected: str


def licence_of(found: Distribution) -> str:
    """Its licence as an SPDX expression, as far as its metadata tells; empty: they do not."""
    said = _field(found, "License-Expression")
    if not said:
        given = _field(found, "License")
        said = given if given and "\n" not in given and len(given) <= LONGEST_NAME else ""
    if not said:
        classes = found.metadata.get_all("Classifier") or ()
        licences = [c.rpartition("::")[2].strip() for c in classes if c.startswith("License ::")]
        said = licences[0] if licences else ""
    return _READ.get((found.name, said)) or _SPDX.get(said.lower(), said)


def _field(found: Distribution, name: str) -> str:
    return found.metadata[name].strip() if name in found.metadata else ""


def accepted(name: str, licence: str) -> bool:
    """Whether the expression leaves a choice of licences all of which are accepted for `name`."""
    known = PERMISSIVE | ({COPYLEFT[name][0]} if name in COPYLEFT else set())
    bare = licence.replace("(", " ").replace(")", " ").strip()
    if "(" in licence and " OR " in licence and " AND " in licence:
        return False  # read by a person
    choices = [choice.split(" AND ") for choice in bare.split(" OR ")]
    return bool(bare) and any(all(part.strip() in known for part in each) for each in choices)


def unlicensed(installed: Mapping[str, Distribution]) -> list[str]:
    """A sentence for each whose licence is not accepted, or not known."""
    return [
        f"{name} {found.version} has the licence {licence or 'that its metadata do not tell'}, "
        "which is not among those accepted: look at it, then name it in tests/supply/audit.py."
        for name, found in sorted(installed.items())
        if not accepted(name, licence := licence_of(found))
    ]


def advisories() -> tuple[str, str, tuple[Advisory, ...]]:
    """The date of what is known, where it comes from, and the advisories."""
    kept = json.loads(ADVISORIES.read_text(encoding="utf-8"))
    return kept["as_of"], kept["source"], tuple(Advisory(*each) for each in kept["advisories"])


def affected(versions: Mapping[str, Iterable[str]], known: Iterable[Advisory]) -> list[str]:
    """A sentence for each version that a known advisory names."""
    return [
        f"{a.name} {version} is affected by {a.id} ({a.affected}): take a later version."
        for a in known
        for version in sorted(versions.get(a.name, ()))
        if SpecifierSet(a.affected).contains(version, prereleases=True)
    ]
