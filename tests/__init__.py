"""Touchline's tests, laid out as the program is.

The tests of core/risk/controls.py are tests/core/risk/test_controls.py, and so on. Beside this
mirror `scenarios`, `simulation`, `system` and `fuzz` try to break the whole; `contributing` and
`docs` hold pages to the program; `benchmarks` and `pictures` measure and show; `support` is what
several need. Begin at tests/scenarios/test_a_cancel_against_fill.py: what must never happen.
"""
