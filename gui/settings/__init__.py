"""The settings: one row each for preferences, limits and keys, whatever keeps them.

A row asks its `sources.SettingsSource` for the value, the bounds and whether to ask first; it
knows no file and no engine. Begin with `sources`, then `setting_row`.
"""
