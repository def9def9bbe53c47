"""Every number, time and sentence that a person reads. Pure.

What screen and command line say is worded here once, so that both say the same. Nothing is
decided, and no colour or widget may enter. Begin at `numbers`; `next_step` says what will happen
to an order, `fact_words` what happened to it.
"""
