"""Alpaca behind the interface: REST, the two streams, their words."""
