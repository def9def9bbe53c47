"""The embedded exchange: a process of its own that speaks Alpaca's protocols on loopback.

For trying, showing and testing without a broker. Nothing here imports Qt, the
engine or the venue client. Sockets are in `server` and `connection`, the process in `main`,
tape files in `tape`; everything else is pure, or handed its time and chance.
"""
