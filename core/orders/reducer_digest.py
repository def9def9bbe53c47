"""Which rules made a state: one word that differs when any module that `reduce` runs through does.

What other rules made of the same facts may be another state, so kept ends of orders carry it
(`core.journal`). It is written by `make digest`, and a test refuses one that is not today's.
"""

RULES = "61297d427f04a9bb"
