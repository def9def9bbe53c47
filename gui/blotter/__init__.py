"""The blotter and its tabs."""
