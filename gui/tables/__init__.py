"""Sorted tables of many records."""
