"""Tests of the execution engine; none of them needs Qt.

Begin at tests/core/orders: examples of every rule, then a machine that invents sequences of them.
"""
