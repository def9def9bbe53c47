"""Tests of `core.exchange.faults`."""
