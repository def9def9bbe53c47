"""May it be sent? Pre-trade controls, the gate before each POST, limits. Pure."""
