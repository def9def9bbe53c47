"""What is asked and shown beside the window: accounts, closing, confirmation, prices, help.

No dialog is modal, so that Cancel all and Kill always work; none does what it asks about: it
says what was chosen. No panel and no engine may enter. Begin with `confirmation`.
"""
