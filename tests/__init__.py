"""Touchline's tests, laid out as the program is.

The tests of core/x/y.py are tests/core/x/test_y.py, and those of gui likewise. Beside the mirror:
`scenarios`, `simulation`, `system` and `fuzz` try to break the whole; `contributing` and the
files here hold pages to the program; `benchmarks` and `pictures` measure and show; `support` is
what several need. Begin at tests/scenarios/test_a_cancel_against_fill.py: what must never happen.
"""
