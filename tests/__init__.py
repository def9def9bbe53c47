"""Touchline's tests, laid out as the program is.

The tests of core/risk/send_gate.py are tests/core/risk/test_send_gate.py, and so on. Beside this
mirror `scenarios`, `simulation`, `system` and `fuzz` try to break the whole; `contributing` and
`docs` hold pages to the program; `benchmarks` and `pictures` measure and show; `support` is what
several need. Begin at tests/scenarios/test_a_cancel_against_fill.py: what must never happen.
"""
