"""Tests of `gui.style`."""
