"""Tests of `gui.actions`."""
