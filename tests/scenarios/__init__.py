"""The 93 fault scenarios of docs/scenarios.md, each by the real engine, journal and decoders."""
