"""Tests of `core.runtime`."""
