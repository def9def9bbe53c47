"""What the chart shows, as numbers and words; no Qt may enter.

`series` keeps quotes and trades, `order_scene` tells an order, `viewport` and `scales` say where
time and price lie. Begin with `series`, then `scales`.
"""
