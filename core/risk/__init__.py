"""May it be sent? Pre-trade controls, the gate before each POST, limits. Pure.

Engine and ticket ask the same tables, so both give the same reason. What is known is handed in as
one frozen picture; no file, venue or engine may enter. Begin at `controls`, the table before an
order is taken; `send_gate` is the one before each POST; `limits` is what a person sets.
"""
