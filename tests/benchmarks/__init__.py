"""Figures, printed and not asserted: `python -m tests.benchmarks`.

A limit that a busy machine can break is no test. Each `bench_*.py` has `run`, which gives its
figures, and `TARGETS`, the most that some should be. Begin at `bench_engine`.
"""
