"""The ticket: what an order is made of, and the two buttons that send it.

`ticket_model` works out what would be sent, `send_rules` what a press comes to: both know no Qt and
are tested without a widget. The rest are rows, buttons and the review. No venue and no engine may
enter, and nothing is decided of an order's life: the ticket hands on an `Instruction`. Begin with
`ticket_model`, then `ticket`, which says where its rows stand and what follows from what.
"""
