"""What the window knows: the bridge to the engine, what came over it, what is preferred.

No widget may enter, and no object that lives on the core's thread may leave `core_bridge`: facts
wait in an `inbox`, cross as a frozen frame, and are kept in `view_state`, from which everything is
drawn. Begin there, then see `core_bridge`, the only file that knows both loops.
"""
