"""Makes the pictures of docs/cockpit.md from the real program, by mouse and keys.

Nothing is drawn or staged in the program itself: it sees a screen, a mouse and an exchange. Begin
at `stories`, what is done before the camera; `__main__` says which picture is which story's.
"""
