"""Join widgets and engine: what is clicked to commands, what is known to widgets."""
