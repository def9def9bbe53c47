"""Tests of `core.exchange.market.tapes`."""
