"""What an order does with each answer of the venue."""
