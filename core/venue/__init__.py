"""Venues: what a broker looks like to the engine, the keys to it, and Alpaca behind it.

The engine knows `interface` only. A venue translates and never decides: no retry, no guess, no
rule of trading enters. Begin at `interface`.
"""
