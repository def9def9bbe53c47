"""The ground: clock, event loop, tasks, timers, files, logs.

Knows nothing of orders, engines or windows, so everything may stand on it. Each module is one
tool and none needs another but `data_folder`, which writes with `atomic_files`.
"""
