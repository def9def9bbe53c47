"""Words from outside, made fit to be shown: they steer no terminal, no reading eye, no mark-up."""

_UNSEEN = "\N{REPLACEMENT CHARACTER}"
_TAG, _NO_TAG = "<", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}"


def printable(text: str) -> str:
    """`text` with another sign for each character that is not one to be seen.

    Control characters, line ends, marks of direction and of no width are not (`str.isprintable`).
    Nothing is left out, so that a name does not become another one that we know.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _UNSEEN for c in text)


def plain(text: str) -> str:
    """What the venue says, printable, and with nothing that a window takes for a tag."""
    return printable(text).replace(_TAG, _NO_TAG)
