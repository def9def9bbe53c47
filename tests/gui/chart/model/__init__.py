"""Tests of `gui.chart.model`."""
