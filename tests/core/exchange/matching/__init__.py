"""Tests of `core.exchange.matching`."""
