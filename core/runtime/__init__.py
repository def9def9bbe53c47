"""The ground: clock, loops, tasks, timers, files, logs. Knows nothing of orders."""
