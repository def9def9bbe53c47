"""The ticket."""
