"""Tests of `core.cli`."""
