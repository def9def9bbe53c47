"""Tests of the execution engine; none of them needs Qt."""
