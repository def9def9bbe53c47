"""Tests of `gui.state`."""
