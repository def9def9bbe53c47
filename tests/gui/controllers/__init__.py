"""Tests of `gui.controllers`."""
