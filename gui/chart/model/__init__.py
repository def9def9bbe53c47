"""What the chart shows, as numbers and words; no Qt may enter.

`series` keeps quotes and prints and folds them into columns, `order_scene` tells an order,
`viewport` and `scales` say where time and price lie, `view_model` holds all of it together.
Begin with `view_model`. Times are nanoseconds, prices whole units of a hundredth of a cent.
"""
