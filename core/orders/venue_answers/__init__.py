"""What an order does with each answer of the venue: to a POST, to a DELETE, to a status read.

`to_post`, `to_cancel` and `to_read` are named after the request, `reported` is the venue's own
word about an order; `table` says which fact is whose. May not enter: HTTP, and what comes next
for the order as a whole (`core.orders.next_action`).
"""
