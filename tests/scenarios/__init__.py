"""The 93 fault scenarios of docs/proof/scenarios.md, by the real engine, journal and decoders.

Each says by its mark which row it proves. Time is virtual, and no socket or process may enter: for
those there is `tests.system`. Begin at `test_a_cancel_against_fill`; `tests.support.oracle` looks
on at every event.
"""
