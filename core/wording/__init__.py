"""Every number, time and sentence that a person reads. Pure."""
