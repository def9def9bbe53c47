"""Alpaca's REST and WebSocket protocols on loopback, before an `Exchange`.

The only place of the exchange with sockets, in `server` and `connection`; routes, stream
protocols and views have none. No rule of trading enters: what may be sent and what executes is
in `matching`. Begin at `server`, and at `routes` for what a call answers.
"""
