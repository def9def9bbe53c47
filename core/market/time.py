"""Units of time: all instants and spans are whole nanoseconds. Pure."""

NS = 1_000_000_000
