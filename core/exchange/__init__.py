"""The embedded exchange: a process of its own that speaks Alpaca's protocols on loopback.

For trying, showing and testing without a broker. Qt, the engine and the venue's client do not
enter: exchange and client meet on the wire only. `market` brings quotes and prints, `matching`
is the exchange without I/O, `faults` is what can be made to go wrong, `api` puts it on sockets;
`factory` puts one together and `main` is the command. Begin at `matching.exchange`.
"""
