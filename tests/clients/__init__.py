"""Other people's clients, as they come, against the embedded exchange. `make clients`."""
