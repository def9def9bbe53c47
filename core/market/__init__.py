"""What trades, at which prices, in which hours, at which fees. Pure.

The ground that all else stands on: it imports nothing of ours but `core.errors`, and knows of no
order. `prices` is the one place that rounds a price, `quotes` the one rule for when a quote may
price an order, `venues` says what each venue is and can do. Begin at `prices`.
"""
