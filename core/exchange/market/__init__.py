"""What the market does: quotes and prints, from tape or invented, played at their time.

Knows nothing of our orders, of accounts or clients. Only `tapes.opening` reads files; time
and chance are passed in. Begin at `events`.
"""
