"""The venues: what each is and can do. Whoever must know asks the profile, never the name.

Another venue is another profile in VENUES. Journals, key ring and command line hold a venue
by its name, so a name stays for good.
"""

from dataclasses import dataclass
from enum import Enum


class VenueColour(Enum):
    """The colour that warns where one trades; what it looks like is the window's business."""

    EMBEDDED = "embedded"
    PAPER = "paper"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class VenueProfile:
    """One venue. What is not said is what real money asks for.

    `about` is a sentence for who chooses; `results` the word that its results stand under.
    `adapter` names the row of `core.app.adapters` that talks to it. An `own_exchange` is
    started by Touchline: it takes a tape, a time, a speed, a seed and drills. Without a
    `lasting_account` each run has a new one, so account numbers tell nothing apart.
    `confirms_account`: the ending of the account's number is typed before anything is opened.
    """

    name: str
    title: str
    about: str
    results: str
    adapter: str
    colour: VenueColour = VenueColour.LIVE
    simulated: bool = False
    own_exchange: bool = False
    needs_keys: bool = True
    lasting_account: bool = True
    confirms_account: bool = True
    charges_fees: bool = True


VENUES = (
    VenueProfile(
        name="embedded",
        title="Embedded exchange",
        about="Touchline's own exchange on this machine: simulated shares and dollars under "
        "Alpaca's rules. It needs no keys.",
        results="simulated",
        adapter="embedded-exchange",
        colour=VenueColour.EMBEDDED,
        simulated=True,
        own_exchange=True,
        needs_keys=False,
        lasting_account=False,
        confirms_account=False,
        charges_fees=False,
    ),
    VenueProfile(
        name="paper",
        title="Paper account",
        about="Alpaca's paper account: real quotes, simulated shares and dollars.",
        results="paper",
        adapter="alpaca-paper",
        colour=VenueColour.PAPER,
        confirms_account=False,
        charges_fees=False,
    ),
    VenueProfile(
        name="live",
        title="Live account",
        about="Your account at Alpaca: real shares and real money.",
        results="live",
        adapter="alpaca-live",
    ),
)
VENUE_NAMES = tuple(venue.name for venue in VENUES)
DEFAULT_VENUE = VENUES[0].name  # where a first start trades

_BY_NAME = {venue.name: venue for venue in VENUES}


def profile_of(name: str) -> VenueProfile:
    """The profile of a venue.

    A name that is none of ours, from another version's journal for instance, stands for
    itself and counts as real money: its results are mixed with no other's.
    """
    return _BY_NAME.get(name) or VenueProfile(name, name, "", results=name, adapter="")
