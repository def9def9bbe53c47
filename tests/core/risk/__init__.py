"""Tests of `core.risk`."""
