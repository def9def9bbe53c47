"""Tests of `core.app`."""
