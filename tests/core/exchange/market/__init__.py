"""Tests of `core.exchange.market`."""
