"""Real parts put together for tests: virtual time, the exchange without sockets.

For what several packages of tests need; no test may enter. Begin at `trading`, a whole Touchline in
virtual time; `scripted_orders` makes orders from facts, `commands` runs real processes, `oracle`
checks the invariants.
"""
