"""The execution engine of Touchline: no Qt, nothing of the window.

It runs without a window from the command line, and whatever shows it is a client. From the ground
up: `market`, `orders`, `wording`, `risk` and `analysis` are pure; `runtime` has clock, loop and
files; `venue`, `journal` and `exchange` do not know each other; `engine` is the one place with
side effects; `remote`, `app` and `cli` start and steer it. Begin at `orders.reducer`.
"""
