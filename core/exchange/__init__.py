"""The embedded exchange: a process of its own that speaks Alpaca's protocols on loopback."""
