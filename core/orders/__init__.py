"""One order's life as a pure state machine: facts in, a new state and commands out.

No I/O, no clock, no chance may enter: time is in the facts, so that a journal can be played again
to the same end. Words stop at an order's reason. Begin at `facts`, `state` and `commands`, the
three nouns; then `reducer`, the one door; `venue_answers` and `next_action` are what it does.
"""
