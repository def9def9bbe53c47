"""Tests of `gui.chart`."""
