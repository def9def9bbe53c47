"""What the pages in `docs` say of the code: written from it by commands, held to it by tests.

No page may say what the program does not: names, links, sentences, settings, layers and states are
compared. Begin at `test_names`.
"""
