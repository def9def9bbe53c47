"""What the venues are, and that only their profiles are asked: no room knows a venue by name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.market.venues import DEFAULT_VENUE, VENUE_NAMES, VENUES, VenueColour, profile_of
from core.runtime.data_folder import DataFolder

ROOT = Path(__file__).resolve().parents[3]
ALLOWED = {ROOT / "core/market/venues.py", ROOT / "core/app/adapters.py"}
OFFERED = {"DEFAULT_VENUE", "VENUE_NAMES", "VENUES", "VenueColour", "VenueProfile", "profile_of"}
CONSTANTS = {"DEFAULT_VENUE", *(name.upper() for name in VENUE_NAMES)}


# ---- the profiles -------------------------------------------------------------------------------


def test_a_first_start_is_on_our_own_exchange_with_nothing_at_stake() -> None:
    profile = profile_of(DEFAULT_VENUE)
    assert (profile.name, profile.results) == ("embedded", "simulated")
    assert profile.simulated
    assert profile.own_exchange
    assert not any((profile.needs_keys, profile.confirms_account, profile.charges_fees))
    assert not profile.lasting_account


@pytest.mark.parametrize(("name", "real"), [("paper", False), ("live", True)])
def test_an_account_at_the_broker_needs_keys_and_real_money_its_number(
    name: str, real: bool
) -> None:
    profile = profile_of(name)
    assert profile.results == name
    assert profile.needs_keys
    assert profile.lasting_account
    assert not any((profile.simulated, profile.own_exchange))
    assert (profile.confirms_account, profile.charges_fees) == (real, real)


def test_a_venue_that_nobody_knows_stands_for_itself_and_counts_as_real_money() -> None:
    profile = profile_of("robinhood")
    assert profile.name == profile.title == profile.results == "robinhood"
    assert profile.colour is VenueColour.LIVE
    assert profile.confirms_account
    assert profile.charges_fees
    assert not profile.simulated


def test_every_venue_has_files_of_its_own(tmp_path: Path) -> None:
    home = DataFolder({"TOUCHLINE_HOME": str(tmp_path)})
    files = [
        home.settings(),
        home.kill_file(),
        *(tmp_path / f for f in ("window.json", "layouts.json", "touchline.log")),
    ]
    for name in VENUE_NAMES:
        assert re.fullmatch(r"[a-z][a-z0-9-]*", name)
        files += [
            home.journal(name),
            home.control(name),
            home.exchange_note(name),
            home.exchange_log(name),
        ]
    assert len({str(file).casefold() for file in files}) == len(files)
    assert len({venue.title for venue in VENUES}) == len({v.results for v in VENUES}) == len(VENUES)


# ---- who asks for a name ------------------------------------------------------------------------


def asks(tree: ast.AST) -> Iterator[str]:
    """Each place that decides by a venue's name instead of its profile."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "core.market.venues":
            yield from (alias.name for alias in node.names if alias.name not in OFFERED)
        else:
            yield from (ast.unparse(node) for each in decides(node) if names_one(each))


def decides(node: ast.AST) -> list[ast.expr]:
    """What a node holds something against, to do one thing or another."""
    match node:
        case ast.Compare():
            return [node.left, *node.comparators]
        case ast.Dict():
            return [key for key in node.keys if isinstance(key, ast.Constant)]
        case ast.Subscript():
            return [node.slice]
        case ast.MatchValue():
            return [node.value]
        case ast.Call(func=ast.Attribute(attr="get" | "startswith")):
            return node.args[:1]
        case _:
            return []


def names_one(each: ast.expr) -> bool:
    return any(
        (isinstance(part, ast.Constant) and part.value in VENUE_NAMES)
        or (isinstance(part, ast.Name) and part.id in CONSTANTS)
        or (isinstance(part, ast.Attribute) and part.attr in CONSTANTS)
        for part in ast.walk(each)
    )


def test_no_room_decides_by_the_name_of_a_venue() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {place}"
        for room in ("core", "gui")
        for path in sorted((ROOT / room).rglob("*.py"))
        if path not in ALLOWED
        for place in asks(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "from core.market.venues import LIVE",
        "order.venue == 'live'",
        "venue in ('', 'paper')",
        "venue != venues.EMBEDDED",
        "venue == DEFAULT_VENUE",
        "profile.colour is VenueColour.LIVE",
        "{'paper': 2}",
        "edges['paper']",
        "edges.get('paper')",
        "match venue:\n    case 'live':\n        pass",
    ],
)
def test_what_decides_by_a_name_is_found_however_it_is_written(source: str) -> None:
    assert list(asks(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "from core.market.venues import DEFAULT_VENUE, profile_of",
        "venue = now or DEFAULT_VENUE",
        "profile_of(venue).simulated and venue != self.venue",
        "{VenueColour.LIVE: 4}[profile.colour]",
    ],
)
def test_what_asks_the_profile_may(source: str) -> None:
    assert not list(asks(ast.parse(source)))
