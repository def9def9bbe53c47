"""Puts one Touchline together."""
