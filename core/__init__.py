"""The execution engine of Touchline: no Qt, nothing of the window."""
