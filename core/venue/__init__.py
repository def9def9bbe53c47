"""Venues: what a broker looks like to the engine, and Alpaca behind it."""
