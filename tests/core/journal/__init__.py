"""Tests of `core.journal`."""
