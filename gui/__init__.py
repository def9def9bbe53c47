"""The window. Knows core; core does not know it."""
