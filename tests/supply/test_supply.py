"""What is installed is what the lock names, under an accepted licence, and not known as bad."""

import base64
import hashlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.supply import audit, lock
from tests.supply.audit import Advisory
from tests.support.commands import ROOT

SETUP = (ROOT / ".ci" / "setup").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")


def test_every_line_of_the_lock_has_a_hash_and_no_address() -> None:
    assert list(lock.unhashed()) == []
    text = lock.LOCK.read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", text)


def test_what_pyproject_asks_for_is_locked_in_a_version_that_it_takes() -> None:
    for name, asked in lock.direct().items():
        assert name in lock.locked(), f"{name} is not locked"
        if asked.marker is None or asked.marker.evaluate():
            assert any(v in asked.specifier for v in lock.locked()[name]), asked


def test_the_lock_names_nothing_that_nobody_asks_for() -> None:
    asked_for = lock.direct().keys() | lock.wanted_by().keys()
    assert lock.locked().keys() - asked_for == set()


def _wheel(folder: Path) -> tuple[Path, str]:
    """A wheel of a made-up package, and its SHA-256."""
    path = folder / "touchline_probe-1.0-py3-none-any.whl"
    about = "Metadata-Version: 2.1\nName: touchline-probe\nVersion: 1.0\n"
    tags = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files = {
        "touchline_probe.py": "",
        "touchline_probe-1.0.dist-info/METADATA": about,
        "touchline_probe-1.0.dist-info/WHEEL": tags,
    }
    record = "".join(f"{name},{_digest(text)},{len(text)}\n" for name, text in files.items())
    files["touchline_probe-1.0.dist-info/RECORD"] = record
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


def _digest(text: str) -> str:
    raw = hashlib.sha256(text.encode()).digest()
    return f"sha256={base64.urlsafe_b64encode(raw).rstrip(b'=').decode()}"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a script of the shell")
def test_a_package_that_is_not_the_one_that_was_locked_is_not_installed(tmp_path: Path) -> None:
    given = re.search(r"pip install (-qq .*--require-hashes) -r requirements.lock", SETUP)
    assert given is not None, "the set-up enforces hashes"
    wheel, right = _wheel(tmp_path)
    pip = (sys.executable, "-m", "pip", "install", *given[1].split(), "--no-index", "--no-deps")
    codes = {}
    for kind, digest in (("right", right), ("wrong", right[::-1]), ("none", "")):
        asked = tmp_path / f"{kind}.txt"
        hashed = f" --hash=sha256:{digest}" if digest else ""
        asked.write_text(f"touchline-probe @ {wheel.as_uri()}{hashed}\n")
        target = tmp_path / kind
        argv = (*pip, "--target", str(target), "-r", str(asked))
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)
        codes[kind] = (done.returncode == 0, (target / "touchline_probe.py").exists())
    assert codes == {"right": (True, True), "wrong": (False, False), "none": (False, False)}


def test_the_project_itself_brings_nothing_with_it() -> None:
    (own,) = re.findall(r"pip install (.*) -e \.$", SETUP, re.MULTILINE)
    assert {"--no-deps", "--no-build-isolation"} <= set(own.split())
    assert "--only-binary :all:" in SETUP


def test_every_licence_here_is_accepted() -> None:
    assert audit.unlicensed(lock.installed()) == []


@pytest.mark.parametrize(
    ("name", "licence", "taken"),
    [
        ("a", "MIT", True),
        ("a", "GPL-3.0-only OR MIT", True),
        ("a", "MIT AND GPL-3.0-only", False),
        ("a", "AGPL-3.0-only", False),
        ("a", "MPL-2.0", False),
        ("certifi", "MPL-2.0", True),
        ("certifi", "AGPL-3.0-only", False),
        ("a", "MIT AND (BSD-3-Clause OR GPL-2.0-only)", False),
        ("a", "", False),
        ("a", "Proprietary", False),
    ],
)
def test_a_licence_is_taken_by_its_name_and_copyleft_only_where_it_was_looked_at(
    name: str, licence: str, taken: bool
) -> None:
    assert audit.accepted(name, licence) is taken


def test_nothing_that_is_locked_is_known_as_bad() -> None:
    as_of, source, known = audit.advisories()
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", as_of)
    assert "not complete" in source
    assert {a.name for a in known} <= lock.locked().keys(), "an advisory for what we do not use"
    assert audit.affected(lock.locked(), known) == []


def test_a_version_that_an_advisory_names_is_told_with_its_name() -> None:
    known = (Advisory("CVE-1", "urllib3", ">=2.0,<2.0.6"),)
    assert audit.affected({"urllib3": ["2.0.5"]}, known) == [
        "urllib3 2.0.5 is affected by CVE-1 (>=2.0,<2.0.6): take a later version."
    ]
    assert audit.affected({"urllib3": ["2.0.6"], "other": ["2.0.5"]}, known) == []


def test_the_page_says_of_each_dependency_what_it_is_for() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| (.+?) \|$", PAGE, re.MULTILINE)
    assert sorted(name.lower() for name, _ in rows) == sorted(lock.direct())
    assert all(len(words) > 8 for _, words in rows)
