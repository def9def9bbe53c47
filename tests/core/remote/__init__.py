"""Tests of `core.remote`."""
