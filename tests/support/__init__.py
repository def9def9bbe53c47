"""Real parts put together for tests: virtual time, the exchange without sockets."""
