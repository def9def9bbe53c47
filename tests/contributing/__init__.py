"""The worked examples of CONTRIBUTING.md, done as they are printed there."""
