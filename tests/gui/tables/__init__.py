"""Tests of `gui.tables`."""
