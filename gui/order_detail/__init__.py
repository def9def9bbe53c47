"""One order in full: what happened to it, what the click promised, and how it compares.

`story` puts facts into words without Qt, whether they were heard or read from the journal;
`timeline` shows them, `detail` puts the panel together. Nothing is decided of the order here.
Begin with `story`.
"""
