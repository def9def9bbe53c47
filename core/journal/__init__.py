"""Every fact, durable before anything is sent; and the way back from them."""
