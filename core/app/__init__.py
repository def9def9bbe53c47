"""Puts one Touchline together: exchange, keys, journal, engine and the overrides' server.

Opens and closes, and decides nothing about orders. No Qt and no printing may enter: the window and
the command line both start here. Begin with `session`: `open_session` is the list of what there is.
"""
