"""Tests of `gui.settings`."""
