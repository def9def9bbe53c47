"""What the window knows: the bridge to the engine, what came over it, what is preferred."""
