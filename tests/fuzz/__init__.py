"""Bytes from outside, as many and as odd as can be found: `make fuzz`."""
