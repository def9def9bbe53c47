"""The embedded exchange: a process of its own that speaks Alpaca's protocols on loopback.

For trying, showing and testing without a broker. Nothing here imports Qt, the
engine or the venue client, and nothing but `server` and `main` does I/O.
"""
