"""The names of the places that orders go to."""

EMBEDDED = "embedded"  # our own exchange on this machine: simulated
PAPER = "paper"
LIVE = "live"
VENUES = (EMBEDDED, PAPER, LIVE)
