"""Tests of `core.orders`."""
