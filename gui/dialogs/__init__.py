"""What is asked and shown beside the window."""
