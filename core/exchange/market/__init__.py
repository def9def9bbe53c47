"""Where the embedded exchange has its market from: tape or generator."""
