"""What stands where: the main window, its docks, the strip that never goes away, the status line.

Panels are placed here and not joined: nothing connects two of them or asks the engine; that is for
`gui.controllers`. Begin with `main_window`; `docks` has the places, `layouts` what is kept of them.
"""
