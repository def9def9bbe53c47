"""Tests of `core.engine.requests`."""
