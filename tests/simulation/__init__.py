"""Whole trading days in virtual time from one seed: engine, journal, exchange, network, person."""
