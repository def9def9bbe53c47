"""The real program in real processes over real sockets, and everything that can happen to them.

Killed, cut off, asleep, out of disk: what virtual time cannot show. Slow, so nothing may enter that
a scenario can play. Begin at `test_kill_9`.
"""
