"""The one place with side effects: runs the order state machine against venue and journal.

Every fact comes in by one door, `Engine.apply`. Nothing is decided here: what follows from a fact
is for `core.orders`, what may be sent for `core.risk`, how a venue speaks for `core.venue`. No Qt
and no second thread may enter: all of it runs on one asyncio loop.

Begin with `engine`, what it is. Then `requests`, what a person may ask for; `dispatcher`, what
goes out; `inbound`, what comes in. `wiring` lists all parts and who knows whom.
"""
