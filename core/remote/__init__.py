"""The overrides of another process on this machine."""
