"""Tests of `core.exchange.api`."""
