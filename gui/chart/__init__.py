"""The spread chart."""
