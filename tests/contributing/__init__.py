"""The worked examples of CONTRIBUTING.md, done as they are printed there.

Each is done in a copy of the tree and shown to work in processes of its own. Begin at
`worked_example`, which does them; `window_on` and `table_with` say what a person would see.
"""
