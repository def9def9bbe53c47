"""Overrides from another process on this machine: cancel, flatten, kill and the order actions.

A line of JSON each way, on loopback, with a token. Nothing is decided here: the server asks its
engine, the client asks a server and never an engine. Begin at `protocol`.
"""
