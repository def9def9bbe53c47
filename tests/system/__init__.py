"""The real program in real processes over real sockets, and everything that can happen to them."""
