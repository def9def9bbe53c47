"""Tests of the venue: words, answers, streams, keys, addresses."""
