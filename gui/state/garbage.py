"""Keeps Python's collector from walking what lives as long as the window, again and again."""

import gc


def settle_memory() -> None:
    """Collect from here on, but never what is there now and no garbage: it lives to the end."""
    gc.collect()  # what is garbage now would never be collected once it is frozen
    gc.freeze()
    gc.enable()
