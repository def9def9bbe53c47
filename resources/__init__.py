"""Files the program reads with importlib.resources."""
