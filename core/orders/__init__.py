"""One order's life as a pure state machine: facts in, a new state and commands out."""
