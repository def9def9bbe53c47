"""The 93 fault scenarios of docs/proof/scenarios.md, by the real engine, journal and decoders."""
