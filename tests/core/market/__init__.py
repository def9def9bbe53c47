"""Tests of `core.market`."""
