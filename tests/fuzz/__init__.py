"""Bytes from outside, as many and as odd as can be found: `make fuzz`.

Every reader of bytes that we did not write ourselves has a row in `targets`, which says what it may
raise; begin there. `guided` runs one under atheris; what that found is kept as a test.
"""
