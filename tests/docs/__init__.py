"""What the pages in `docs` say of the code: written from it by commands, held to it by tests."""
