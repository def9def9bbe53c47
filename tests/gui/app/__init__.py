"""Tests of `gui.app`."""
