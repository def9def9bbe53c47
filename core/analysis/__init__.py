"""What an order may cost beforehand, and what it came to. Pure.

It never decides what is sent: the engine does not import it. Begin at `preview`, what stands on
the ticket before a click; `benchmark` sets one order against crossing the spread, `scorecard`
adds up many.
"""
