"""Whole trading days in virtual time from one seed: engine, journal, exchange, network, person.

The engine's own code runs; only time, disk and wire are made up. No example may enter that is
about one fault: those are scenarios. Begin at `day`; `weather` is what goes wrong, `oracle` judges
by the exchange's own books, `planted` proves that it would notice.
"""
