"""The exchange itself: orders, books and the one account. Pure; time, delay and chance passed in.

Socket, file and clock do not enter, and nothing here knows who listens. Begin at `exchange`,
which takes orders; when one executes, and at what price, is in `rules`.
"""
