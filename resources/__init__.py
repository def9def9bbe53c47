"""Files the program reads with importlib.resources.

The icon, and short sounds for fills, ends and alarms. Data only: no code may enter, and nothing
that is written while the program runs.
"""
