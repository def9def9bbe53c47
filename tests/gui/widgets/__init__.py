"""Tests of `gui.widgets`."""
