"""Touchline's tests, laid out as the program is.

The tests of core/market/prices.py are tests/core/market/test_prices.py, and so on. Beside that:
`scenarios`, `simulation`, `system` and `fuzz` try to break the whole; `contributing` and the
files here hold pages to the program; `benchmarks` and `pictures` measure and show; `support` is
what several need. Begin at tests/scenarios/test_a_cancel_against_fill.py: what must never happen.
"""
