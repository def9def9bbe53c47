"""Tests of `gui.blotter`."""
