"""Alpaca behind the interface: REST on worker threads, two streams on the engine's loop.

What its bytes mean is in the `..._wire` modules, `rest_replies` and `stream_protocol`, without
I/O; `rest`, `sdk` and `streams` do the input and output. The embedded exchange is reached
the same way, and nothing of it enters. Begin at `venue`, which puts the parts together.
"""
