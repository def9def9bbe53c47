"""What trades, at which prices, in which hours, at which fees. Pure."""
