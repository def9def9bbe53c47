"""Paints the chart: nothing is decided here, and nothing is known of mouse and keys."""
