"""What an order may cost beforehand, and what it came to. Pure."""
