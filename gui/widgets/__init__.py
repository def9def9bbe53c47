"""Small parts that know nothing of trading."""
