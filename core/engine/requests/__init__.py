"""What a person may ask: a new order, something of one there is, to flatten, to kill.

Each becomes a fact and is answered once that is durable. No venue is called here, and nothing is
decided about an order: the reducer's answer is what happens. Begin at `requests`.
"""
