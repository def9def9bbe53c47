"""Orders, book and account of the embedded exchange. Pure; chance is passed in."""
