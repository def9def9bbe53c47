"""Tests of the window, on Qt's offscreen platform."""
