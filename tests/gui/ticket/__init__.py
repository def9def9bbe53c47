"""Tests of `gui.ticket`."""
