"""Starts and ends the window: Qt, its loop, the core's thread, one account after another.

Nothing about orders may enter, and nothing heavy before the first paint: what is slow to load is
imported where it is used. Begin with `app.run`; `core_start` puts the core behind the
window, `headless` is what happens where there is no display.
"""
