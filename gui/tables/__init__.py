"""Tables of many records: sorted, filtered, copied and written to files without stopping a frame.

Knows no orders: what a table holds is given as `Column` records. Begin with `columns`, then
`sorted_model` and `ranking`, which keep a hundred thousand records in order; `sorted_table` is
the widget that every table builds on.
"""
