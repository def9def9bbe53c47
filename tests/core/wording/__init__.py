"""Tests of `core.wording`."""
