"""Starts and ends the window."""
