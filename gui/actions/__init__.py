"""What can be done by key, button and menu: one table, and the keys for it."""
