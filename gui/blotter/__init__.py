"""The blotter: the tables of working orders, all orders, fills and quality, and the log.

Orders come in as they are told; what a row says is worked out in `order_lines`, and which rows
are wanted in `order_filter`, both without Qt. What a button or menu asks for is handed on, never
done: no engine may enter. Begin with `blotter`, then `order_lines` and `order_model`.
"""
