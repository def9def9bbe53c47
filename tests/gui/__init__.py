"""Tests of the window, on Qt's offscreen platform.

A test fails when it leaves a thread, timer or widget behind. Begin at `window.test_at_work`, which
works orders in the real window on the real engine.
"""
