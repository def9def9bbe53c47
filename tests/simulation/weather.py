"""What can go wrong on one day and how often, drawn from the seed.

Most days know only some of the faults, so that rare mixtures get their turn undisturbed.
"""

from dataclasses import dataclass, field
from random import Random

# Chance per request, frame or moment on a day that knows the fault.
RATES: dict[str, tuple[float, float]] = {
    # requests
    "request lost": (0.02, 0.25),
    "request late": (0.02, 0.2),
    "answer reset": (0.02, 0.25),
    "answer hangs": (0.02, 0.15),
    "answer slow": (0.05, 0.4),
    "answer garbled": (0.02, 0.2),
    "500 before": (0.02, 0.2),
    "500 after": (0.02, 0.2),
    "502 before": (0.02, 0.2),
    "504 after": (0.02, 0.25),
    "venue lags": (0.02, 0.3),
    "429": (0.02, 0.25),
    "429 bare": (0.02, 0.15),
    "HTML 403": (0.02, 0.15),
    "denied": (0.02, 0.2),
    "403 again": (0.3, 0.9),
    # frames
    "frame lost": (0.02, 0.4),
    "frame twice": (0.05, 0.5),
    "frame late": (0.05, 0.4),
    "frame garbled": (0.02, 0.2),
    # the exchange
    "new rejected": (0.02, 0.2),
    "cancel stuck": (0.05, 0.3),
    "cancel slow": (0.05, 0.5),
    "cancel rejected": (0.05, 0.3),
    "late fill": (0.1, 0.6),
    "bust": (0.02, 0.2),
    "correction": (0.02, 0.2),
    "cancel elsewhere": (0.05, 0.4),
    "replace elsewhere": (0.02, 0.2),
    # the machine
    "crash at a write": (0.005, 0.06),
    "crash at a moment": (0.005, 0.06),
    "crash while working": (0.05, 0.5),
    "crash in recovery": (0.1, 0.5),
    "pause": (0.005, 0.05),
    "slow disk": (0.05, 0.5),
}

# Times a day on a day that knows the fault.
COUNTS: dict[str, tuple[int, int]] = {
    "stream cut": (1, 4),
    "stream mute": (1, 3),
    "network down": (1, 2),
    "replay": (1, 3),
    "halt": (1, 2),
    "disk full": (1, 1),
    "crash": (1, 3),
    "long pause": (1, 2),
    "clock jump": (1, 1),
    "close": (1, 1),
}


@dataclass
class Weather:
    """Rates and counts of this day."""

    rates: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    person: float = 0.0  # chance that the person presses something at a delicate moment
    presses: int = 0  # and at any time

    @classmethod
    def draw(cls, chance: Random) -> "Weather":
        """The weather of a day."""
        weather = cls()
        known = chance.choice((0.0, 0.1, 0.25, 0.4, 0.6, 0.8))
        for kind, (least, most) in RATES.items():
            if chance.random() < known:
                weather.rates[kind] = chance.uniform(least, most)
        for what, (few, many) in COUNTS.items():
            if chance.random() < known * 0.8:
                weather.counts[what] = chance.randint(few, many)
        if chance.random() < 0.5:
            weather.person = chance.uniform(0.01, 0.25)
            weather.presses = chance.randint(0, 6)
        return weather
