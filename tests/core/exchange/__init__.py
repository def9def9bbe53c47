"""The embedded exchange: its rules in virtual time, its wire with real clients."""
