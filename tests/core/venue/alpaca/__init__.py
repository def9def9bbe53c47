"""Tests of `core.venue.alpaca`."""
